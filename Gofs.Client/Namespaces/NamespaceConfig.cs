using Orleans;

namespace Gofs.Namespaces;

/// <summary>When acknowledged bytes are on stable storage.</summary>
public enum Durability
{
    /// <summary>At flush and close, before the length is logged. The default.</summary>
    Flush = 0,

    /// <summary>Before each write is acknowledged.</summary>
    Write = 1,

    /// <summary>When the operating system gets to it: a power cut may take what was acknowledged. Metadata stays durable.</summary>
    None = 2,
}

/// <summary>The settings of one namespace. Every one but <see cref="ChunkTableShards"/> may be changed while it lives.</summary>
/// <param name="ChunkSizeBytes">Chunk size of files created from now on: a multiple of 64 KiB, 64 KiB to 1 GiB. Default 64 MiB.</param>
/// <param name="Goal">
/// Wanted replicas of the chunks of files made from now on, 1 to 9; those there are keep theirs. Default 1 embedded, 3 in a cluster.
/// </param>
/// <param name="Durability">When acknowledged bytes are on stable storage. Default <see cref="Durability.Flush"/>.</param>
/// <param name="TrashRetention">How long removed files can be restored; zero removes at once. Default one day.</param>
/// <param name="MaxNames">Quota of names; 0 is no quota.</param>
/// <param name="MaxBytes">Quota of logical bytes; 0 is no quota.</param>
/// <param name="LeaseTime">How long a writer lease lives without being renewed, 1 s to 1 h. Default 60 s.</param>
/// <param name="ChunkTableShards">Grains the chunk table is split over, 1 to 256; fixed when the namespace is made. Default 8.</param>
[GenerateSerializer, Immutable, Alias("gofs.ns.config")]
public sealed record NamespaceConfig(
    [property: Id(0)] long ChunkSizeBytes,
    [property: Id(1)] int Goal,
    [property: Id(2)] Durability Durability,
    [property: Id(3)] TimeSpan TrashRetention,
    [property: Id(4)] long MaxNames,
    [property: Id(5)] long MaxBytes,
    [property: Id(6)] TimeSpan LeaseTime,
    [property: Id(7)] int ChunkTableShards)
{
    /// <summary>
    /// Replicas that a write needs at least: with fewer servers left it waits, and fails in the end. At most <see cref="Goal"/>; 0 is 1, the default.
    /// </summary>
    [Id(8)] public int MinReplicas { get; init; }

    /// <summary>Quota of stored bytes: the files' lengths times their goals, trash and clones included. 0 is no quota.</summary>
    [Id(9)] public long MaxStoredBytes { get; init; }

    /// <summary>Whether there is a quota of bytes.</summary>
    internal bool LimitsBytes => MaxBytes > 0 || MaxStoredBytes > 0;

    /// <summary>The greatest goal.</summary>
    public const int MostReplicas = 9;

    /// <summary>The defaults of an embedded file system.</summary>
    public static NamespaceConfig Default { get; } = new(
        ChunkSizeBytes: 64L << 20, Goal: 1, Durability.Flush, TrashRetention: TimeSpan.FromDays(1),
        MaxNames: 0, MaxBytes: 0, LeaseTime: TimeSpan.FromSeconds(60), ChunkTableShards: 8);

    /// <summary>Whether a chunk may be of this size: a multiple of 64 KiB, 64 KiB to 1 GiB.</summary>
    public static bool IsChunkSize(long bytes) => bytes is >= 64 << 10 and <= 1L << 30 && bytes % (64 << 10) == 0;

    /// <summary>Whether so many replicas can be wanted: 1 to <see cref="MostReplicas"/>.</summary>
    public static bool IsGoal(int replicas) => replicas is >= 1 and <= MostReplicas;

    /// <summary>Refuses settings out of range; the message lists every fault at once.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.InvalidArgument"/>.</exception>
    public void Validate()
    {
        List<string> faults = [];
        if (!IsChunkSize(ChunkSizeBytes))
            faults.Add("chunk size is a multiple of 64 KiB from 64 KiB to 1 GiB");
        if (!IsGoal(Goal)) faults.Add("goal is 1 to 9");
        if (MinReplicas < 0 || MinReplicas > Goal) faults.Add("min replicas are 0 to the goal");
        if (!Enum.IsDefined(Durability)) faults.Add("durability is flush, write or none");
        if (TrashRetention < TimeSpan.Zero) faults.Add("trash retention is not negative");
        if (MaxNames < 0 || MaxBytes < 0 || MaxStoredBytes < 0) faults.Add("quotas are not negative");
        if (LeaseTime < TimeSpan.FromSeconds(1) || LeaseTime > TimeSpan.FromHours(1)) faults.Add("lease time is 1 s to 1 h");
        if (ChunkTableShards is < 1 or > 256) faults.Add("chunk table shards are 1 to 256");
        if (faults.Count > 0) throw new GofsException(GofsError.InvalidArgument, string.Join("; ", faults));
    }
}
