using System.Text.Json;
using Gofs.Ctl.CommandLine;
using Gofs.Tests.EndToEnd;
using Xunit;

namespace Gofs.Tests.Cluster;

/// <summary>What an operator does with masters, on three silos: look, move one on purpose, drain a silo, read from standbys.</summary>
public sealed class OperatorTests(ITestOutputHelper output)
{
    private static readonly string[] Names = ["alpha", "beta", "gamma"];
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    [Fact(Timeout = 600_000)]
    public async Task Masters_MoveOnPurpose_AndStandbysAnswerReads()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var cluster = await ClusterProcess.StartAsync(3);
        foreach (var name in Names)
        {
            cancellation.ThrowIfCancellationRequested();
            await DoneAsync(cluster, "ns", "create", name);
            await DoneAsync(cluster, "mkdir", "-p", $"{name}:/a/b");
        }

        await MoveToAndFroAsync(cluster, Names[0]);
        await ReadStaleAsync(cluster, Names[0]);
        await DrainAsync(cluster);
    }

    // One that was moved twice is where the first move found it: each time the standby it left behind has to take over.
    private async Task MoveToAndFroAsync(ClusterProcess cluster, string name)
    {
        for (var round = 0; round < 3; round++)
        {
            var (silo, standby, epoch) = await WarmAsync(cluster, name);
            var moved = await JsonAsync(cluster, "meta", "failover", name, "--to", standby);
            output.WriteLine(moved.ToString());
            Assert.Equal((silo, standby), (Text(moved, "from"), Text(moved, "to")));
            Assert.True(moved.GetProperty("epoch").GetInt64() > epoch);
            Assert.Equal("b\n", (await DoneAsync(cluster, "ls", $"{name}:/a")).Output);
        }

        var (now, _, _) = await WarmAsync(cluster, name);
        Assert.Equal($"{name}: the master is on {now} already\n", (await DoneAsync(cluster, "meta", "failover", name, "--to", now)).Output);
        var refused = await RunAsync(cluster, "meta", "failover", name, "--to", "silo-9");
        Assert.Equal(ExitCodes.Of(GofsError.NoStandby), refused.ExitCode);
        Assert.Contains("no standby on silo-9", refused.Error, StringComparison.Ordinal);
    }

    private static async Task ReadStaleAsync(ClusterProcess cluster, string name)
    {
        await DoneAsync(cluster, "ln", "-s", "a", $"{name}:/link");
        var number = (await JsonAsync(cluster, "meta", "status", name)).GetProperty("editLogNumber").GetInt64();
        await WarmAsync(cluster, name);
        var stat = await JsonAsync(cluster, "stat", "--stale-ok", $"{name}:/link");
        Assert.Equal(number, stat.GetProperty("editLogNumber").GetInt64());
        Assert.False((await JsonAsync(cluster, "stat", $"{name}:/link")).TryGetProperty("editLogNumber", out _));
        foreach (var look in new string[][] { ["ls", "-lR"], ["find"], ["du"], ["du", "-s"], ["tree"] })
        {
            var (master, stale) = (await DoneAsync(cluster, [.. look, $"{name}:/"]), await DoneAsync(cluster, [.. look, "--stale-ok", $"{name}:/"]));
            Assert.Equal(master.Output, stale.Output);
        }

        Assert.Equal(ExitCodes.Of(GofsError.NotFound), (await RunAsync(cluster, "ls", "--stale-ok", $"{name}:/nothing")).ExitCode);
    }

    private async Task DrainAsync(ClusterProcess cluster)
    {
        foreach (var name in Names) await WarmAsync(cluster, name);
        var (silo, _, _) = await WarmAsync(cluster, Names[0]);
        var drained = await DoneAsync(cluster, "drain", silo);
        output.WriteLine(drained.Output);
        Assert.Contains($"{Names[0]}: {silo} -> ", drained.Output, StringComparison.Ordinal);
        await DoneAsync(cluster, "ns", "create", "delta");
        await DoneAsync(cluster, "mkdir", "delta:/a");
        foreach (var name in Names.Append("delta")) Assert.NotEqual(silo, (await WarmAsync(cluster, name)).Silo);
        Assert.Equal(ExitCodes.Of(GofsError.NoStandby), (await RunAsync(cluster, "meta", "failover", Names[0], "--to", silo)).ExitCode);
        Assert.Equal(ExitCodes.Of(GofsError.SiloNotFound), (await RunAsync(cluster, "drain", "silo-9")).ExitCode);
        var again = await JsonAsync(cluster, "drain", silo);
        Assert.Equal((0, 0), (again.GetProperty("moved").GetInt32(), again.GetProperty("left").GetInt32()));
        await cluster.RunAsync("restart", Masters.Number(silo));
        await DoneAsync(cluster, "drain", silo);
        Assert.Equal($"{silo} takes masters again\n", (await DoneAsync(cluster, "drain", silo, "--end")).Output);
        foreach (var name in Names) Assert.Equal("b\n", (await DoneAsync(cluster, "ls", $"{name}:/a")).Output);
    }

    /// <summary>Waits until the namespace has a standby with all of its records; answers where both are.</summary>
    private static async Task<(string Silo, string Standby, long Epoch)> WarmAsync(ClusterProcess cluster, string name)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Limit);
        while (true)
        {
            var status = await JsonAsync(cluster, "meta", "status", name);
            var number = status.GetProperty("editLogNumber").GetInt64();
            foreach (var standby in status.GetProperty("standbys").EnumerateArray())
            {
                if (standby.GetProperty("editLogNumber").GetInt64() != number) continue;
                return (Text(status, "silo"), Text(standby, "silo"), status.GetProperty("epoch").GetInt64());
            }

            await Task.Delay(200, patience.Token);
        }
    }

    private static string Text(JsonElement json, string member) => json.GetProperty(member).GetString()!;

    private static async Task<JsonElement> JsonAsync(ClusterProcess cluster, params string[] arguments) =>
        JsonDocument.Parse((await DoneAsync(cluster, [.. arguments, "--json"])).Output).RootElement;

    private static async Task<ProcessEnd> DoneAsync(ClusterProcess cluster, params string[] arguments)
    {
        var end = await RunAsync(cluster, arguments);
        Assert.True(end.ExitCode == 0, $"{string.Join(' ', arguments)}: {end.ExitCode} {end.Error}");
        return end;
    }

    private static Task<ProcessEnd> RunAsync(ClusterProcess cluster, params string[] arguments) => GofsProcess.RunAsync(
        GofsProcess.Info(
            GofsProcess.CtlFile,
            [.. cluster.Gateways.SelectMany(gateway => new[] { "--gateway", gateway }), "--connect-timeout", "30", .. arguments]),
        Limit);
}
