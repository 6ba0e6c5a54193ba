using Gofs.Chunks;
using Orleans;
using Orleans.Concurrency;

namespace Gofs.ChunkServers;

/// <summary>
/// The disks of one silo (the key is the server id, which is the silo's name; the grain lives on that silo or nowhere).
/// Through it any Orleans client reads and writes chunk bytes, at most 1 MiB a call.
/// </summary>
[Alias("gofs.IChunkServerGrain")]
public interface IChunkServerGrain : IGrainWithStringKey
{
    /// <summary>The most bytes one call carries.</summary>
    const int MaxTransferBytes = 1 << 20;

    /// <summary>
    /// Writes; creates the chunk when it is not there.
    /// <see cref="GofsError.NoSpace"/>, <see cref="GofsError.DiskFailed"/>, <see cref="GofsError.StaleVersion"/>, <see cref="GofsError.Corrupt"/>.
    /// </summary>
    [AlwaysInterleave, Alias("Write")]
    Task WriteAsync(ChunkWrite write, CancellationToken cancellation = default);

    /// <summary>Reads what is there of [offset, offset + length), CRC checked on the way from disk.</summary>
    [AlwaysInterleave, Alias("Read")]
    Task<ChunkData> ReadAsync(ChunkHandle handle, ChunkVersion version, long offsetBytes, int lengthBytes, CancellationToken cancellation = default);

    /// <summary>Answers when all written to the chunk so far is on stable storage.</summary>
    [AlwaysInterleave, Alias("Flush")]
    Task FlushAsync(ChunkHandle handle, ChunkVersion version, CancellationToken cancellation = default);

    /// <summary>Cuts a chunk to a length, durably.</summary>
    [AlwaysInterleave, Alias("Truncate")]
    Task TruncateAsync(ChunkHandle handle, ChunkVersion version, long lengthBytes, CancellationToken cancellation = default);

    /// <summary>Creates a chunk without bytes, of the first version, durably. Idempotent.</summary>
    [AlwaysInterleave, Alias("Create")]
    Task CreateAsync(ChunkHandle handle, long chunkSizeBytes, CancellationToken cancellation = default);

    /// <summary>How many bytes a replica has; what is just being written counts when it has ended.</summary>
    [AlwaysInterleave, Alias("GetLength")]
    Task<long> GetLengthAsync(ChunkHandle handle, ChunkVersion version, CancellationToken cancellation = default);

    /// <summary>Gives a chunk a newer version, durably. Idempotent; an older one is <see cref="GofsError.StaleVersion"/>.</summary>
    [AlwaysInterleave, Alias("SetVersion")]
    Task SetVersionAsync(ChunkHandle handle, ChunkVersion version, CancellationToken cancellation = default);

    /// <summary>Deletes replicas. Idempotent.</summary>
    [AlwaysInterleave, Alias("Delete")]
    Task DeleteAsync(ChunkHandle[] handles, CancellationToken cancellation = default);

    /// <summary>For a chunk table that has just started: sends it a full report, in parts, and answers when the table has them all.</summary>
    [AlwaysInterleave, Alias("ReportTo")]
    Task ReportToAsync(int namespaceNumber, int shard, CancellationToken cancellation = default);

    /// <summary>For benchmarks: takes bytes in, answers so many (at most 1 MiB) zeros, and touches no disk: what a call of that size costs.</summary>
    [AlwaysInterleave, Alias("Echo")]
    Task<ChunkData> EchoAsync(ChunkData data, int answerBytes, CancellationToken cancellation = default);

    /// <summary>As <see cref="WriteAsync"/>; answers the chunk's loss mark (0 to 127): a number that changes when unflushed writes may be lost.</summary>
    [AlwaysInterleave, Alias("WriteMarked")]
    Task<byte> WriteMarkedAsync(ChunkWrite write, CancellationToken cancellation = default);

    /// <summary>As <see cref="FlushAsync"/>; answers the chunk's loss mark: another than its writes had says that some of them may be lost.</summary>
    [AlwaysInterleave, Alias("FlushMarked")]
    Task<byte> FlushMarkedAsync(ChunkHandle handle, ChunkVersion version, CancellationToken cancellation = default);

    /// <summary>How the server and its disks are.</summary>
    [AlwaysInterleave, Alias("GetStatus")]
    Task<Heartbeat> GetStatusAsync(CancellationToken cancellation = default);

    /// <summary>
    /// Looks at replicas (1 to 256): that each has its version and its file, and that its last bytes match their CRC. Answers in their order; changes
    /// nothing but the list of bad checksum blocks.
    /// </summary>
    [AlwaysInterleave, Alias("CheckReplicas")]
    Task<ReplicaState[]> CheckReplicasAsync(ReplicaQuery[] replicas, CancellationToken cancellation = default);

    /// <summary>
    /// The replicas of one chunk table, in the order of their handles: at most <paramref name="limit"/> (1 to 16,384) behind the counter
    /// <paramref name="after"/>.
    /// </summary>
    [AlwaysInterleave, Alias("ListReplicas")]
    Task<ReplicaPage> ListReplicasAsync(int namespaceNumber, int shard, long after, int limit, CancellationToken cancellation = default);
}
