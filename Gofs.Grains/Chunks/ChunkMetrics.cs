using System.Diagnostics.Metrics;
using Gofs.Chunks;
using Gofs.ChunkServers;

namespace Gofs.Grains.Chunks;

/// <summary>What the chunk tables on this silo tell of their chunks, and of how they are healed. docs/metrics.md tells what each figure means.</summary>
internal sealed class ChunkMetrics
{
    private const string Namespace = "namespace";
    private const string Danger = "danger";
    private const string Standing = "standing";

    private static readonly (KeyValuePair<string, object?> Tag, Func<HealingStatus, long> Count)[] Dangers =
    [
        (new(Danger, "under_goal"), static status => status.UnderGoal),
        (new(Danger, "endangered"), static status => status.Endangered),
        (new(Danger, "missing"), static status => status.Missing),
    ];

    private static readonly (KeyValuePair<string, object?> Tag, ServerStanding Standing)[] Standings =
    [
        (new(Standing, "live"), ServerStanding.Live),
        (new(Standing, "suspect"), ServerStanding.Suspect),
        (new(Standing, "dead"), ServerStanding.Dead),
    ];

    private readonly LocalChunkTables tables;
    private readonly Func<IReadOnlyList<ChunkServerInfo>> servers;

    /// <summary>Makes the instruments.</summary>
    /// <param name="meter">Whose they are.</param>
    /// <param name="tables">The tables on this silo.</param>
    /// <param name="servers">The chunk servers as they see them; none when they have not looked lately.</param>
    public ChunkMetrics(Meter meter, LocalChunkTables tables, Func<IReadOnlyList<ChunkServerInfo>> servers)
    {
        (this.tables, this.servers) = (tables, servers);
        meter.CreateObservableGauge("gofs.chunkservers", Servers, "{server}", "Chunk servers as this silo's chunk tables see them.");
        Show(meter, "gofs.chunks", "{chunk}", "Chunks that files refer to.", static status => status.Chunks);
        meter.CreateObservableGauge("gofs.chunks.below.goal", BelowGoal, "{chunk}", "Chunks with fewer replicas than wanted.");
        Show(meter, "gofs.chunks.draining", "{chunk}", "Chunks that have their replicas only with what drained servers hold.", static status => status.Draining);
        Show(meter, "gofs.chunks.tables.unready", "{table}", "Chunk tables that have not looked at all their chunks yet.", static status => status.TablesNotReady);
        Show(meter, "gofs.healing.copies", "{replica}", "Replicas being made again now.", static status => status.CopiesUnderWay);
        Show(meter, "gofs.healing.stall", "", "Why no more is copied: 0 nothing, else the number of the reason.", static status => (long)status.Stall);
        Count(meter, "gofs.healing.replicas", "{replica}", "Replicas that were made again.", static status => status.Copied);
        Count(meter, "gofs.healing.copied", "By", "How many bytes those had.", static status => status.CopiedBytes);
        Count(meter, "gofs.rebalancing.replicas", "{replica}", "Replicas moved from fuller servers to emptier ones.", static status => status.Moved);
        Count(meter, "gofs.rebalancing.moved", "By", "How many bytes those had.", static status => status.MovedBytes);
    }

    private void Show(Meter meter, string name, string unit, string what, Func<HealingStatus, long> value) =>
        meter.CreateObservableGauge(name, () => Sums(value), unit, what);

    private void Count(Meter meter, string name, string unit, string what, Func<HealingStatus, long> value) =>
        meter.CreateObservableCounter(name, () => Sums(value), unit, what);

    private IEnumerable<Measurement<long>> Sums(Func<HealingStatus, long> value) =>
        tables.Sums().Select(one => new Measurement<long>(value(one.Status), new KeyValuePair<string, object?>(Namespace, one.Name)));

    private IEnumerable<Measurement<long>> Servers()
    {
        var known = servers();
        return known.Count == 0 ? [] : Standings.Select(one => new Measurement<long>(known.Count(server => server.Standing == one.Standing), one.Tag));
    }

    private IEnumerable<Measurement<long>> BelowGoal() =>
        from one in tables.Sums()
        from danger in Dangers
        select new Measurement<long>(danger.Count(one.Status), new KeyValuePair<string, object?>(Namespace, one.Name), danger.Tag);
}
