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
    TimeProvider time, ILogger logger) : ICommitFeed
{
    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan WarmPatience = TimeSpan.FromSeconds(2);
    private volatile StandbyFeed[] feeds = [];

    /// <summary>The feeds.</summary>
    public IReadOnlyList<StandbyFeed> Feeds => feeds;

    /// <summary>
    /// The standby on a silo (null: on any, the warmest). One that does not have everything yet is waited for, not for long; null when there is none
    /// that has a state.
    /// </summary>
    public async Task<StandbyFeed?> WarmestAsync(string? silo, Func<long> durableNumber, CancellationToken cancellation)
    {
        for (var started = time.GetTimestamp(); ; await Task.Delay(WarmPatience / 100, time, cancellation))
        {
            var best = feeds.Where(feed => silo is null || feed.Silo == silo).MaxBy(feed => feed.Number);
            if (best is null || best.Number >= durableNumber()) return best;
            if (time.GetElapsedTime(started) >= WarmPatience) return best.Number >= 0 ? best : null;
        }
    }

    /// <summary>Why there is no standby on a silo (null: on any) to move to.</summary>
    public string WhyNot(string? silo)
    {
        string[] have = [.. feeds.Select(feed => feed.Silo)];
        if (have.Length == 0) return "it has no standby";
        return silo is null || have.Contains(silo)
            ? $"its standby on {silo ?? string.Join(", ", have)} has no state yet"
            : $"it has no standby on {silo}, but on {string.Join(", ", have)}";
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
            silo, grains.GetGrain<IStandbyFeedGrain>(StandbyKey.Of(name, silo)), master, time, logger))];
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
}
