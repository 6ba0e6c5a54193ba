using System.Globalization;
using System.Text.Json;
using Gofs.ChunkServers;
using Gofs.Ctl.CommandLine;
using Gofs.Tests.EndToEnd;
using Xunit;

namespace Gofs.Tests.Cluster;

/// <summary>
/// Files have two replicas on four silos, and one is written all the while. A silo is drained and taken away: no chunk has fewer replicas than its goal at any
/// moment. Another is killed for good: what it had is made again elsewhere. Then another is killed: of some chunks only what was made again is left, and every
/// byte is there. Forty to fifty seconds on real silos: run on demand (-explicit only).
/// </summary>
public sealed class DrainTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    [Fact(Explicit = true, Timeout = 420_000)]
    public async Task ReplicasOfADrainedServer_AndOfAKilledOne_AreMadeAgain_WhileAWriterGoesOn()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var files = await HealedFiles.StartAsync(cancellation);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var writing = files.WriteAsync(enough.Token);
        var drained = (await files.OthersThanMasterAsync())[^1];
        await TakeAwayAsync(files.Cluster, files.Client, drained, cancellation);
        await files.CheckAllAsync();
        int[] victims = [.. (await files.OthersThanMasterAsync()).Where(silo => silo != drained)];
        var (copied, written) = await files.LoseTwoAsync(victims[0], victims[1], enough, writing);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{copied} replicas copied; {written >> 20} MiB were written meanwhile"));
    }

    private async Task TakeAwayAsync(ClusterProcess cluster, GofsClient client, int silo, CancellationToken cancellation)
    {
        var server = new ServerId($"silo-{Text(silo)}");
        await using var checker = await GoalChecker.StartAsync(client, HealedFiles.Name, cancellation);
        var had = (await client.GetServerReplicasAsync(server, cancellation)).Held;
        Assert.True(had > 0, $"{server} had nothing to begin with");
        var lines = (await GofsctlAsync(cluster, 0, "cs", "drain", server.Value, "--wait", "--json")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var end = JsonDocument.Parse(lines[^1]).RootElement;
        Assert.True(end.GetProperty("canBeRemoved").GetBoolean());
        Assert.True(end.GetProperty("copiedElsewhere").GetInt64() > 0);
        await GofsctlAsync(cluster, ExitCodes.Of(GofsError.NotPermitted), "cs", "rm", server.Value, "--yes"); // it runs
        await cluster.RunAsync("term", silo);
        await RemoveAsync(client, server, cancellation);
        Assert.DoesNotContain(await client.ListChunkServersAsync(cancellation), one => one.Server == server);
        var looks = await checker.EndAsync();
        Assert.True(looks > 0);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{server} had {had} chunks; no chunk was below its goal in {looks} looks at the tables"));
    }

    // A table that was on the silo that stopped does not know at once what it held: it refuses until it does.
    private static async Task RemoveAsync(GofsClient client, ServerId server, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Limit);
        while (true)
        {
            try
            {
                await client.RemoveChunkServerAsync(server, force: false, patience.Token);
                return;
            }
            catch (GofsException refused) when (refused.Error == GofsError.NotPermitted)
            {
                await Task.Delay(200, patience.Token);
            }
        }
    }

    private static async Task<ProcessEnd> GofsctlAsync(ClusterProcess cluster, int exitCode, params string[] arguments)
    {
        var gateways = cluster.Gateways.SelectMany(gateway => new[] { "--gateway", gateway });
        var info = GofsProcess.Info(GofsProcess.CtlFile, [.. gateways, "--connect-timeout", "30", .. arguments]);
        var end = await GofsProcess.RunAsync(info, Limit);
        Assert.True(end.ExitCode == exitCode, $"{string.Join(' ', arguments)}: {end.ExitCode} {end.Error}");
        return end;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
