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
        await using var shell = new ShellProcess(cluster.Gateways, "--connect-timeout", "30");
        foreach (var name in Names)
        {
            cancellation.ThrowIfCancellationRequested();
            await DoneAsync(shell, "ns", "create", name);
            await DoneAsync(shell, "mkdir", "-p", $"{name}:/a/b");
        }

        await MoveToAndFroAsync(shell, Names[0]);
        await ReadStaleAsync(shell, Names[0]);
        await DrainAsync(cluster, shell);
    }

    // One that was moved twice is where the first move found it: each time the standby it left behind has to take over.
    private async Task MoveToAndFroAsync(ShellProcess shell, string name)
    {
        for (var round = 0; round < 3; round++)
        {
            var (silo, standby, epoch) = await WarmAsync(shell, name);
            var moved = await JsonAsync(shell, "meta", "failover", name, "--to", standby);
            output.WriteLine(moved.ToString());
            Assert.Equal((silo, standby), (Text(moved, "from"), Text(moved, "to")));
            Assert.True(moved.GetProperty("epoch").GetInt64() > epoch);
            Assert.Equal("b\n", (await DoneAsync(shell, "ls", $"{name}:/a")).Output);
        }

        var (now, _, _) = await WarmAsync(shell, name);
        Assert.Equal($"{name}: the master is on {now} already\n", (await DoneAsync(shell, "meta", "failover", name, "--to", now)).Output);
        var refused = await RunAsync(shell, "meta", "failover", name, "--to", "silo-9");
        Assert.Equal(ExitCodes.Of(GofsError.NoStandby), refused.ExitCode);
        Assert.Contains("no standby on silo-9", refused.Error, StringComparison.Ordinal);
    }

    private static async Task ReadStaleAsync(ShellProcess shell, string name)
    {
        await DoneAsync(shell, "ln", "-s", "a", $"{name}:/link");
        var number = (await JsonAsync(shell, "meta", "status", name)).GetProperty("editLogNumber").GetInt64();
        await WarmAsync(shell, name);
        var stat = await JsonAsync(shell, "stat", "--stale-ok", $"{name}:/link");
        Assert.Equal(number, stat.GetProperty("editLogNumber").GetInt64());
        Assert.False((await JsonAsync(shell, "stat", $"{name}:/link")).TryGetProperty("editLogNumber", out _));
        foreach (var look in new string[][] { ["ls", "-lR"], ["find"], ["du"], ["du", "-s"], ["tree"] })
        {
            var (master, stale) = (await DoneAsync(shell, [.. look, $"{name}:/"]), await DoneAsync(shell, [.. look, "--stale-ok", $"{name}:/"]));
            Assert.Equal(master.Output, stale.Output);
        }

        Assert.Equal(ExitCodes.Of(GofsError.NotFound), (await RunAsync(shell, "ls", "--stale-ok", $"{name}:/nothing")).ExitCode);
    }

    private async Task DrainAsync(ClusterProcess cluster, ShellProcess shell)
    {
        foreach (var name in Names) await WarmAsync(shell, name);
        var (silo, _, _) = await WarmAsync(shell, Names[0]);
        var drained = await DoneAsync(shell, "drain", silo);
        output.WriteLine(drained.Output);
        Assert.Contains($"{Names[0]}: {silo} -> ", drained.Output, StringComparison.Ordinal);
        await DoneAsync(shell, "ns", "create", "delta");
        await DoneAsync(shell, "mkdir", "delta:/a");
        foreach (var name in Names.Append("delta")) Assert.NotEqual(silo, (await WarmAsync(shell, name)).Silo);
        Assert.Equal(ExitCodes.Of(GofsError.NoStandby), (await RunAsync(shell, "meta", "failover", Names[0], "--to", silo)).ExitCode);
        Assert.Equal(ExitCodes.Of(GofsError.SiloNotFound), (await RunAsync(shell, "drain", "silo-9")).ExitCode);
        var again = await JsonAsync(shell, "drain", silo);
        Assert.Equal((0, 0), (again.GetProperty("moved").GetInt32(), again.GetProperty("left").GetInt32()));
        await cluster.RunAsync("restart", Masters.Number(silo));
        await DoneAsync(shell, "drain", silo);
        Assert.Equal($"{silo} takes masters again\n", (await DoneAsync(shell, "drain", silo, "--end")).Output);
        foreach (var name in Names) Assert.Equal("b\n", (await DoneAsync(shell, "ls", $"{name}:/a")).Output);
    }

    /// <summary>Waits until the namespace has a standby with all of its records; answers where both are.</summary>
    private static async Task<(string Silo, string Standby, long Epoch)> WarmAsync(ShellProcess shell, string name)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Limit);
        while (true)
        {
            var status = await JsonAsync(shell, "meta", "status", name);
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

    private static async Task<JsonElement> JsonAsync(ShellProcess shell, params string[] arguments) =>
        JsonDocument.Parse((await DoneAsync(shell, [.. arguments, "--json"])).Output).RootElement;

    private static async Task<ProcessEnd> DoneAsync(ShellProcess shell, params string[] arguments)
    {
        var end = await RunAsync(shell, arguments);
        Assert.True(end.ExitCode == 0, $"{string.Join(' ', arguments)}: {end.ExitCode} {end.Error}");
        return end;
    }

    private static Task<ProcessEnd> RunAsync(ShellProcess shell, params string[] arguments) => shell.RunAsync(string.Join(' ', arguments));
}
