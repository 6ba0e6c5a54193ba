using System.Globalization;
using Gofs.ChunkServers;
using Gofs.Namespaces;
using Gofs.Transport;
using Orleans;
using Orleans.Concurrency;

namespace Gofs.Chunks;

/// <summary>The key of a chunk table grain: "namespace number/shard".</summary>
public static class ChunkTableKey
{
    /// <summary>Makes the key.</summary>
    public static string Of(int namespaceNumber, int shard) =>
        string.Create(CultureInfo.InvariantCulture, $"{namespaceNumber}/{shard}");

    /// <summary>The key of the table that answers for a handle.</summary>
    public static string Of(ChunkHandle handle) => Of(handle.NamespaceNumber, handle.Shard);

    /// <summary>Takes the key apart.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.InvalidArgument"/>: it is not a key.</exception>
    public static (int NamespaceNumber, int Shard) Parse(string key)
    {
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        if (slash > 0
            && int.TryParse(key.AsSpan(0, slash), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && int.TryParse(key.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var shard))
            return (number, shard);
        throw new GofsException(GofsError.InvalidArgument, $"'{key}' is not a key of a chunk table grain");
    }
}

/// <summary>Where one chunk is.</summary>
/// <param name="Handle">Which.</param>
/// <param name="Version">The version that counts.</param>
/// <param name="Servers">Live servers that reported this version, the primary first; empty while none has.</param>
/// <param name="Known">Whether the table has the chunk at all.</param>
[GenerateSerializer, Immutable, Alias("gofs.chunk.location")]
public sealed record ChunkLocation(
    [property: Id(0)] ChunkHandle Handle,
    [property: Id(1)] ChunkVersion Version,
    [property: Id(2)] ServerId[] Servers,
    [property: Id(3)] bool Known)
{
    /// <summary>What the servers want to see: the right to read; of chunks for whole files to write too.</summary>
    [Id(4)] public ChunkToken Token { get; init; }

    /// <summary>Wanted replicas; 0 when no file refers to it yet.</summary>
    [Id(5)] public int Goal { get; init; }
}

/// <summary>A replica as a chunk server reports it.</summary>
/// <param name="Handle">Which chunk.</param>
/// <param name="Version">The version it has.</param>
/// <param name="LengthBytes">Its length.</param>
[GenerateSerializer, Immutable, Alias("gofs.chunk.replica-report")]
public readonly record struct ReplicaReport(
    [property: Id(0)] ChunkHandle Handle,
    [property: Id(1)] ChunkVersion Version,
    [property: Id(2)] long LengthBytes);

/// <summary>What a chunk server tells one chunk table.</summary>
/// <param name="Server">Who.</param>
/// <param name="First">The first part of a full report: what the table knew of this server before is forgotten.</param>
/// <param name="Present">Replicas it has (full) or got or changed (delta).</param>
/// <param name="Gone">Replicas it lost or deleted since the last report.</param>
[GenerateSerializer, Immutable, Alias("gofs.chunk.report")]
public sealed record ChunkReport(
    [property: Id(0)] ServerId Server,
    [property: Id(1)] bool First,
    [property: Id(2)] ReplicaReport[] Present,
    [property: Id(3)] ChunkHandle[] Gone)
{
    /// <summary>Whether it has more to tell: until then it may hold what it has not told.</summary>
    [Id(4)] public bool HasMore { get; init; }

    /// <summary>Whether a disk of the server is out of service: it may hold what can't be told, and come back with it.</summary>
    [Id(5)] public bool LacksADisk { get; init; }
}

/// <summary>Chunks a client may fill with one whole file each.</summary>
/// <param name="Chunks">The chunks, all of version 1.</param>
/// <param name="ChunkSizeBytes">How large each may become.</param>
/// <param name="Durability">When their bytes must be on stable storage.</param>
/// <param name="UsableFor">How long from <paramref name="AllocatedAt"/> on a file may be put with one of them.</param>
/// <param name="AllocatedAt">When they were allocated, by the table's clock.</param>
[GenerateSerializer, Immutable, Alias("gofs.chunk.allocated")]
public sealed record AllocatedChunks(
    [property: Id(0)] ChunkLocation[] Chunks,
    [property: Id(1)] long ChunkSizeBytes,
    [property: Id(2)] Durability Durability,
    [property: Id(3)] TimeSpan UsableFor,
    [property: Id(4)] DateTimeOffset AllocatedAt);

/// <summary>
/// One shard of a namespace's chunk table: handle → version, goal and references, which are logged, and where the replicas
/// are, which is not: it is rebuilt from chunk reports (GFS §2.6.2).
/// </summary>
[Alias("gofs.IChunkTableGrain")]
public interface IChunkTableGrain : IGrainWithStringKey
{
    /// <summary>
    /// A new handle and the servers that shall hold its replicas, version 1. Nothing is logged but the range the handle is from:
    /// until <see cref="ConfirmAsync"/> names it, the chunk may be collected when <paramref name="leaseTime"/> has passed.
    /// </summary>
    [AlwaysInterleave, Alias("Allocate")]
    Task<ChunkLocation> AllocateAsync(InodeNumber inode, int goal, TimeSpan leaseTime, CancellationToken cancellation = default);

    /// <summary>
    /// Chunks (1 to 256) for whole files to be put, by the namespace's settings: as <see cref="AllocateAsync"/> nothing is logged, and what is
    /// not put in time is collected.
    /// </summary>
    [AlwaysInterleave, Alias("AllocateMany")]
    Task<AllocatedChunks> AllocateManyAsync(int count, CancellationToken cancellation = default);

    /// <summary>A file refers to these chunks now. Idempotent.</summary>
    [AlwaysInterleave, Alias("Confirm")]
    Task ConfirmAsync(ChunkHandle[] handles, int goal, CancellationToken cancellation = default);

    /// <summary>Keeps allocated chunks that no file confirmed yet for another <paramref name="leaseTime"/>: their writer lives. Idempotent.</summary>
    [AlwaysInterleave, Alias("Keep")]
    Task KeepAsync(ChunkHandle[] handles, TimeSpan leaseTime, CancellationToken cancellation = default);

    /// <summary>A new version for a chunk that is going to be written again: every replica that gets it is good, the others are stale.</summary>
    [AlwaysInterleave, Alias("GrantVersion")]
    Task<ChunkLocation> GrantVersionAsync(ChunkHandle handle, CancellationToken cancellation = default);

    /// <summary>
    /// A new version for a chunk that is being written, on those of <paramref name="replicas"/> that take it: the others missed a write and are stale.
    /// Nothing is asked of anybody when the chunk has a newer version than <paramref name="failed"/> already. The chunk need not be confirmed.
    /// </summary>
    /// <param name="handle">The chunk.</param>
    /// <param name="failed">The version the write failed under.</param>
    /// <param name="replicas">The servers that have all that was acknowledged and did not fail.</param>
    /// <param name="leaseTime">How long the writer's lease lives.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="GofsException"><see cref="GofsError.ChunkUnavailable"/>: fewer took it than the namespace wants at least.</exception>
    [AlwaysInterleave, Alias("Recover")]
    Task<ChunkLocation> RecoverAsync(
        ChunkHandle handle, ChunkVersion failed, ServerId[] replicas, TimeSpan leaseTime, CancellationToken cancellation = default);

    /// <summary>Where chunks are.</summary>
    [AlwaysInterleave, Alias("Locate")]
    Task<ChunkLocation[]> LocateAsync(ChunkHandle[] handles, CancellationToken cancellation = default);

    /// <summary>A file no longer refers to these chunks; the last reference gone, the replicas are deleted. Idempotent.</summary>
    [AlwaysInterleave, Alias("Release")]
    Task ReleaseAsync(ChunkHandle[] handles, CancellationToken cancellation = default);

    /// <summary>A chunk server's report. Answers the handles it shall delete.</summary>
    [AlwaysInterleave, Alias("Report")]
    Task<ChunkHandle[]> ReportAsync(ChunkReport report, CancellationToken cancellation = default);

    /// <summary>
    /// Chunks that files refer to, among the next <paramref name="limit"/> (1 to 65,536) counters behind <paramref name="after"/> (0: from the first).
    /// </summary>
    [AlwaysInterleave, Alias("List")]
    Task<ChunkTablePage> ListAsync(long after, int limit, CancellationToken cancellation = default);

    /// <summary>
    /// What the table knows of chunks (1 to 4,096). Waits a while for servers that have yet to report what they hold. Changes nothing.
    /// </summary>
    [AlwaysInterleave, Alias("Describe")]
    Task<ChunkTableRow[]> DescribeAsync(ChunkHandle[] handles, CancellationToken cancellation = default);

    /// <summary>How the table's chunks are, against how many replicas they are to have, and what is done about it.</summary>
    [AlwaysInterleave, Alias("GetHealing")]
    Task<HealingStatus> GetHealingAsync(CancellationToken cancellation = default);

    /// <summary>What a chunk server holds of the table's chunks, and of that what other servers lack. Looks at every chunk.</summary>
    [AlwaysInterleave, Alias("GetServerReplicas")]
    Task<ServerReplicas> GetServerReplicasAsync(ServerId server, CancellationToken cancellation = default);
}
