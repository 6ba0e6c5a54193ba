using Gofs.Ctl.CommandLine;
using Gofs.Namespaces;
using Xunit;

namespace Gofs.Tests.EndToEnd;

/// <summary>Commands as processes against a silo that has one small file: what is refused ends with one line and the error's exit code.</summary>
internal sealed class Refusals(SiloProcess silo, string patience = "60")
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    /// <summary>A silo with demo:/a.</summary>
    public static async Task<SiloProcess> StartSiloAsync()
    {
        var silo = await SiloProcess.StartAsync();
        try
        {
            await using var client = await GofsClient.ConnectAsync(silo.ClientOptions with { ConnectTimeout = Limit });
            await client.CreateNamespaceAsync("demo", NamespaceConfig.Default with { LeaseTime = TimeSpan.FromSeconds(1) });
            await client.Namespace("demo").PutAsync(GofsPath.Parse("/a"), new MemoryStream("hello"u8.ToArray()));
            return silo;
        }
        catch
        {
            await silo.DisposeAsync();
            throw;
        }
    }

    public Task<ProcessEnd> RunAsync(params string[] arguments) => GofsProcess.RunAsync(
        GofsProcess.Info(GofsProcess.CtlFile, ["--gateway", silo.Gateway, "--connect-timeout", patience, .. arguments]), Limit);

    public async Task RefuseAsync(GofsError error, string says, params string[] arguments)
    {
        var end = await RunAsync(arguments);
        Assert.True(end.ExitCode == ExitCodes.Of(error), $"{string.Join(' ', arguments)}: {end.ExitCode} {end.Error}");
        Assert.Contains(says, end.Error, StringComparison.Ordinal);
        Assert.Equal(1, end.Error.Count(c => c == '\n'));
    }
}
