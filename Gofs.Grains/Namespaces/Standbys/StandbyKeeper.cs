using Gofs.Cluster;
using Gofs.Grains.Control;
using Gofs.Grains.EditLogs;
using Gofs.Namespaces;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;

namespace Gofs.Grains.Namespaces.Standbys;

/// <summary>
/// A master's standbys: sees once a second that as many as wanted are fed, each on another silo than this one, and chooses others when silos
/// come and go. A standby that is there and answers stays; one that has not answered for a while is given up.
/// </summary>
internal sealed class StandbyKeeper(
    string name, int wanted, string self, Silos silos, IGrainFactory grains, Func<(int Number, long Epoch, long DurableNumber)> master,
    EditLogThreads threads, TimeProvider time, ILogger logger) : ICommitFeed
{
    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan WarmPatience = TimeSpan.FromSeconds(2);
    private volatile StandbyFeed[] feeds = [];

    /// <summary>The feeds.</summary>
    public IReadOnlyList<StandbyFeed> Feeds => feeds;

    /// <summary>
    /// The silo that the master moves to on purpose: where its standby is warmest, or <paramref name="to"/>. One that does not have everything yet is
    /// waited for, not for long.
    /// </summary>
    /// <exception cref="GofsException"><see cref="GofsError.NoStandby"/>: none there, or none that has a state, on a silo that takes masters.</exception>
    public async Task<SiloAddress> ChooseAsync(string? to, Func<long> durableNumber, CancellationToken cancellation)
    {
        var all = feeds;
        var asked = all.Where(feed => to is null || feed.Silo == to).ToArray();
        var have = all.Length == 0 ? "" : $", but on {string.Join(", ", all.Select(feed => feed.Silo))}";
        if (asked.Length == 0) throw None(to is null ? "it has no standby" : $"it has no standby on {to}{have}");
        var takes = await Task.WhenAll(asked.Select(feed => TakesMastersAsync(feed.Silo)));
        var able = asked.Zip(takes).Where(one => one.Second).Select(one => one.First).ToArray();
        if (able.Length == 0) throw None($"{string.Join(", ", asked.Select(feed => feed.Silo))}, where its standby is, is being drained or does not answer");
        for (var started = time.GetTimestamp(); ; await Task.Delay(WarmPatience / 100, time, cancellation))
        {
            var best = able.MaxBy(feed => feed.Number)!;
            if (best.Number < durableNumber() && time.GetElapsedTime(started) < WarmPatience) continue;
            if (best.Number < 0) throw None($"its standby on {best.Silo} has no state yet");
            var address = silos.Active(SiloRoles.Meta).FirstOrDefault(silo => silo.Info.Name == best.Silo).Address;
            return address ?? throw None($"{best.Silo}, where its standby is, has just ended");
        }
    }

    /// <inheritdoc/>
    public void Committed(long firstNumber, RecordBatch records)
    {
        foreach (var feed in feeds) feed.Add(firstNumber, records);
    }

    /// <summary>One look.</summary>
    public async Task RunAsync()
    {
        var present = silos.Active(SiloRoles.Meta).Select(silo => silo.Info.Name).Where(silo => silo != self).ToArray();
        var kept = feeds.Where(feed => present.Contains(feed.Silo) && time.GetElapsedTime(feed.AnsweredAt) < GiveUpAfter).ToArray();
        var lost = feeds.Except(kept).ToArray();
        var chosen = StandbyChoice.More(name, present, [.. kept.Select(feed => feed.Silo)], [.. lost.Select(feed => feed.Silo)], wanted);
        if (lost.Length == 0 && chosen.Count == 0) return;
        feeds = [.. kept, .. chosen.Select(silo => new StandbyFeed(
            silo, grains.GetGrain<IStandbyFeedGrain>(StandbyKey.Of(name, silo)), master, threads, time, logger))];
        foreach (var feed in lost) await feed.DisposeAsync();
    }

    /// <summary>The master ends in order: its standbys may go on at once.</summary>
    public async Task ReleaseAsync(long epoch)
    {
        var all = feeds;
        feeds = [];
        await Task.WhenAll(all.Select(feed => feed.ReleaseAsync(epoch)));
    }

    /// <summary>The namespace is no more.</summary>
    public async Task EndAsync()
    {
        var all = feeds;
        feeds = [];
        await Task.WhenAll(all.Select(feed => feed.EndAsync()));
    }

    /// <summary>The master is at fault: its feeds end, the standbys stay.</summary>
    public async Task StopAsync()
    {
        var all = feeds;
        feeds = [];
        foreach (var feed in all) await feed.DisposeAsync();
    }

    private GofsException None(string why) => new(GofsError.NoStandby, why, name);

    private async Task<bool> TakesMastersAsync(string silo) =>
        await MetaServerStandings.AskAsync(grains, silo, name, time) is { IsDraining: false };
}
