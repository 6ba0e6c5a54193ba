using Orleans;

namespace Gofs.ChunkServers;

/// <summary>How far a chunk server's scrub is: the pass that reads and checks every replica it has, and the one before.</summary>
[GenerateSerializer, Immutable, Alias("gofs.cs.scrub")]
public sealed record ScrubStatus
{
    /// <summary>Within how many days every replica is read; 0: only when somebody asks.</summary>
    [Id(0)] public int Days { get; init; }

    /// <summary>The most it reads, in MiB a second.</summary>
    [Id(1)] public int MostMegabytesPerSecond { get; init; }

    /// <summary>The pass under way, or the last one: they are numbered from 1. 0: there was none yet.</summary>
    [Id(2)] public long Pass { get; init; }

    /// <summary>Whether it is under way.</summary>
    [Id(3)] public bool IsRunning { get; init; }

    /// <summary>When it began.</summary>
    [Id(4)] public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it will have read all, at the pace it has now; null when none is under way.</summary>
    [Id(5)] public DateTimeOffset? ExpectedEndAt { get; init; }

    /// <summary>When the last pass that came to its end did so.</summary>
    [Id(6)] public DateTimeOffset? LastEndedAt { get; init; }

    /// <summary>When the next begins; null while one is under way, and when none does by itself.</summary>
    [Id(7)] public DateTimeOffset? NextAt { get; init; }

    /// <summary>The handle of the chunk it has read last; they are read in the order of their handles.</summary>
    [Id(8)] public string Position { get; init; } = "";

    /// <summary>Replicas the pass has read.</summary>
    [Id(9)] public long Replicas { get; init; }

    /// <summary>Their bytes.</summary>
    [Id(10)] public long Bytes { get; init; }

    /// <summary>Replicas it has yet to read.</summary>
    [Id(11)] public long LeftReplicas { get; init; }

    /// <summary>Their bytes.</summary>
    [Id(12)] public long LeftBytes { get; init; }

    /// <summary>Damages the pass has found: checksum blocks that do not match their CRC, and replicas without a file that can be read.</summary>
    [Id(13)] public long Found { get; init; }

    /// <summary>Damages put right since the pass began: bytes from another replica, or a lost replica given up, so that a new one is made.</summary>
    [Id(14)] public long Repaired { get; init; }

    /// <summary>Damages that are known and were not tried yet.</summary>
    [Id(15)] public long Waiting { get; init; }

    /// <summary>Damages that can't be put right now, because no other replica has what is needed. They are tried again.</summary>
    [Id(16)] public long Unrepaired { get; init; }

    /// <summary>Whether some replica was not read for longer than it is to be.</summary>
    [Id(17)] public bool IsOverdue { get; init; }
}
