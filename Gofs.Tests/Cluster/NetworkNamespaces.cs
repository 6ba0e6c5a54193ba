using Gofs.Tests.EndToEnd;
using Xunit;

namespace Gofs.Tests.Cluster;

/// <summary>Whether this machine lets a test have networks of its own.</summary>
internal static class NetworkNamespaces
{
    private const string Name = "gofs-probe";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Skips the test, saying why, where it does not.</summary>
    public static async Task RequireAsync()
    {
        try
        {
            var made = await GofsProcess.RunAsync(GofsProcess.Info("ip", "netns", "add", Name), Patience);
            if (made.ExitCode != 0) Assert.Skip($"network namespaces can't be made here: {made.Error}");
            var bridge = await GofsProcess.RunAsync(GofsProcess.Info("ip", "-n", Name, "link", "add", "probe", "type", "bridge"), Patience);
            await GofsProcess.RunAsync(GofsProcess.Info("ip", "netns", "delete", Name), Patience);
            if (bridge.ExitCode != 0) Assert.Skip($"bridges can't be made here: {bridge.Error}");
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            Assert.Skip($"there is no ip (iproute2) here: {missing.Message}");
        }
    }
}
