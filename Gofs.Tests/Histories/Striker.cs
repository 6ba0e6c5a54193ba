using Gofs.Tests.Cluster;

namespace Gofs.Tests.Histories;

/// <summary>What happens to a cluster while clients work: a silo killed, stopped or cut off, the database restarted, a master moved on purpose.</summary>
internal enum Strike
{
    KillMaster,
    CutOffMaster,
    RestartPostgres,
    StopMaster,
    KillAny,
    CutOffAny,
    MoveMaster,
    StopAny,
    RestartAny,
}

/// <summary>Strikes a cluster, and makes it whole again.</summary>
internal sealed class Striker(ClusterProcess cluster, GofsClient client, GofsNamespace files, Random random, bool canCut)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Gone = TimeSpan.FromSeconds(3);

    /// <summary>One of them.</summary>
    public static Strike Any(Random random) => (Strike)random.Next(Enum.GetValues<Strike>().Length);

    /// <summary>One strike, and what has to be done that all silos are there again. Answers what it was.</summary>
    public async Task<string> StrikeAsync(Strike strike, CancellationToken cancellation)
    {
        if (!canCut) strike = strike switch { Strike.CutOffMaster => Strike.StopMaster, Strike.CutOffAny => Strike.StopAny, _ => strike };
        var master = await Masters.WarmAsync(files, Patience, cancellation);
        var victim = strike is Strike.KillMaster or Strike.CutOffMaster or Strike.StopMaster ? master : 1 + random.Next(cluster.Silos);
        switch (strike)
        {
            case Strike.KillMaster or Strike.KillAny:
                await AwayAsync("kill", "start", victim, cancellation);
                break;
            case Strike.CutOffMaster or Strike.CutOffAny:
                await AwayAsync("cut", "heal", victim, cancellation);
                break;
            case Strike.StopMaster or Strike.StopAny:
                await AwayAsync("stop", "cont", victim, cancellation);
                break;
            case Strike.RestartPostgres:
                await cluster.RunAsync("pg", "restart");
                break;
            case Strike.MoveMaster:
                await files.FailoverAsync(cancellation: cancellation);
                break;
            default:
                await cluster.RunAsync("restart", victim);
                break;
        }

        await MendAsync(cancellation);
        return strike is Strike.RestartPostgres or Strike.MoveMaster ? $"{strike}" : $"{strike} (silo {victim})";
    }

    /// <summary>Waits until all silos serve; one that learned that it was declared dead and ended itself is started again, as a supervisor would.</summary>
    public async Task MendAsync(CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);
        while (true)
        {
            await Task.Delay(200, patience.Token);
            await cluster.RunAsync("start");
            try
            {
                if ((await client.ListChunkServersAsync(patience.Token)).Count(server => server.Live) == cluster.Silos) return;
            }
            catch (GofsException failed) when (Outcome.IsUnknown(failed))
            {
                // Nobody answers yet.
            }
        }
    }

    private async Task AwayAsync(string away, string back, int victim, CancellationToken cancellation)
    {
        await cluster.RunAsync(away, victim);
        await Task.Delay(Gone, cancellation);
        await cluster.RunAsync(back, victim);
    }
}
