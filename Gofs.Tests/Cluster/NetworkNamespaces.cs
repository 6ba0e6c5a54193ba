using Gofs.Tests.EndToEnd;
using Xunit;

namespace Gofs.Tests.Cluster;

/// <summary>Whether this machine lets a test have networks of its own.</summary>
internal static class NetworkNamespaces
{
    private static readonly string Name = $"gofs-probe-{Environment.ProcessId}";
    private static readonly Lazy<Task<string?>> Refusal = new(WhyNotAsync);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Skips the test, saying why, where it does not.</summary>
    public static async Task RequireAsync()
    {
        if (await Refusal.Value is { } reason) Assert.Skip(reason);
    }

    /// <summary>Whether it does.</summary>
    public static async Task<bool> AreThereAsync() => await Refusal.Value is null;

    private static async Task<string?> WhyNotAsync()
    {
        try
        {
            var made = await GofsProcess.RunAsync(GofsProcess.Info("ip", "netns", "add", Name), Patience);
            if (made.ExitCode != 0) return $"network namespaces can't be made here: {made.Error}";
            var bridge = await GofsProcess.RunAsync(GofsProcess.Info("ip", "-n", Name, "link", "add", "probe", "type", "bridge"), Patience);
            await GofsProcess.RunAsync(GofsProcess.Info("ip", "netns", "delete", Name), Patience);
            return bridge.ExitCode != 0 ? $"bridges can't be made here: {bridge.Error}" : null;
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            return $"there is no ip (iproute2) here: {missing.Message}";
        }
    }
}
