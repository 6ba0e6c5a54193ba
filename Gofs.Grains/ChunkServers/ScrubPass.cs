using Gofs.Chunks;

namespace Gofs.Grains.ChunkServers;

/// <summary>One pass of a chunk server's scrub over all its replicas, in the order of their handles: what is kept of it over restarts.</summary>
/// <param name="Number">Passes are numbered from 1.</param>
/// <param name="StartedAt">When it began.</param>
public sealed record ScrubPass(long Number, DateTimeOffset StartedAt)
{
    /// <summary>Whether somebody asked for it: then it goes as fast as it may.</summary>
    public bool IsHurried { get; init; }

    /// <summary>When it had read all; null while it is under way.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>When the last pass before it had.</summary>
    public DateTimeOffset? EarlierEndedAt { get; init; }

    /// <summary>The value of the last handle it has read.</summary>
    public ulong Position { get; init; }

    /// <summary>Replicas read.</summary>
    public long Replicas { get; init; }

    /// <summary>Bytes read.</summary>
    public long Bytes { get; init; }

    /// <summary>Damages found.</summary>
    public long Found { get; init; }

    /// <summary>Damages repaired since it began.</summary>
    public long Repaired { get; init; }

    /// <summary>The pass after it, or the first.</summary>
    public static ScrubPass After(ScrubPass? last, DateTimeOffset now, bool isHurried) =>
        new((last?.Number ?? 0) + 1, now) { IsHurried = isHurried, EarlierEndedAt = last?.EndedAt ?? last?.EarlierEndedAt };

    /// <summary>A replica was read.</summary>
    public ScrubPass With(ChunkHandle handle, ReplicaScrub read) => this with
    {
        Position = handle.Value,
        Replicas = Replicas + 1,
        Bytes = Bytes + read.Bytes,
        Found = Found + read.Found,
        Repaired = Repaired + read.Repaired,
    };
}
