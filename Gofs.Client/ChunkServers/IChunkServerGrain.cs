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

    /// <summary>
    /// Gives a replica a newer version, durably, when it is one of those that count; idempotent. An older version is <see cref="GofsError.StaleVersion"/>; a
    /// replica that missed the version that counts, or has one of a later owner of the chunk table, is <see cref="GofsError.ReplicasDiffer"/>.
    /// </summary>
    /// <param name="handle">The chunk.</param>
    /// <param name="version">The version it is offered.</param>
    /// <param name="counts">The version that counts, as the chunk table that offers knows it.</param>
    /// <param name="cancellation">Cancels waiting, not the change.</param>
    [AlwaysInterleave, Alias("OfferVersion")]
    Task OfferVersionAsync(ChunkHandle handle, ChunkVersion version, ChunkVersion counts, CancellationToken cancellation = default);

    /// <summary>As <see cref="OfferVersionAsync"/>, whatever version the replica has: what chunk tables of releases before asked.</summary>
    [AlwaysInterleave, Alias("SetVersion")]
    Task SetVersionAsync(ChunkHandle handle, ChunkVersion version, CancellationToken cancellation = default);

    /// <summary>
    /// Deletes a replica that has an older version than the chunk. One of that version or a newer one stays: it came after whoever asks had decided.
    /// Idempotent.
    /// </summary>
    [AlwaysInterleave, Alias("DeleteOlder")]
    Task DeleteOlderAsync(ChunkHandle handle, ChunkVersion than, CancellationToken cancellation = default);

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

    /// <summary>
    /// As <see cref="FlushMarkedAsync"/>, of a replica that has so many bytes at least, because they were acknowledged; a shorter one is
    /// <see cref="GofsError.ReplicasDiffer"/>.
    /// </summary>
    [AlwaysInterleave, Alias("FlushAtLeast")]
    Task<byte> FlushAtLeastAsync(ChunkHandle handle, ChunkVersion version, long leastLengthBytes, CancellationToken cancellation = default);

    /// <summary>
    /// As a target: copies a replica from another server over its data port, and answers when the copy has all but what was touched last, or after two
    /// seconds that it has not yet. Asked again for the same chunk, version and source while the copy lives, it answers for the same copy. A copy
    /// nobody installs within two minutes is dropped.
    /// <see cref="GofsError.Busy"/>: its places for copies are taken, ask later. <see cref="GofsError.NoSpace"/>; <see cref="GofsError.ChunkNotFound"/> and
    /// <see cref="GofsError.StaleVersion"/>: what the source said. <see cref="GofsError.Unavailable"/>: the source does not answer.
    /// </summary>
    [AlwaysInterleave, Alias("CopyReplica")]
    Task<ReplicaCopied> CopyReplicaAsync(ReplicaCopy copy, CancellationToken cancellation = default);

    /// <summary>
    /// As a target: makes a copy a replica, durably, and reports it. Idempotent. <see cref="GofsError.ChunkNotFound"/>: there is no such copy (any more):
    /// it has to be copied again.
    /// </summary>
    [AlwaysInterleave, Alias("InstallReplica")]
    Task InstallReplicaAsync(ReplicaInstall install, CancellationToken cancellation = default);

    /// <summary>As a target: drops a copy that is not wanted any more. Idempotent; a replica that was installed stays.</summary>
    [AlwaysInterleave, Alias("DropCopy")]
    Task DropCopyAsync(ChunkHandle handle, long copyId, CancellationToken cancellation = default);

    /// <summary>As a source: from now on it remembers what is touched of a chunk, for a target that copies it, whatever version it gets.</summary>
    [AlwaysInterleave, Alias("BeginCopy")]
    Task<CopySource> BeginCopyAsync(ChunkHandle handle, ChunkVersion version, CancellationToken cancellation = default);

    /// <summary>
    /// As a source: what was touched since this was last asked (or since <see cref="BeginCopyAsync"/>); what is just being written counts when it has
    /// ended. <see cref="GofsError.ChunkNotFound"/>: it remembers nothing (any more): the copy has to begin anew.
    /// </summary>
    [AlwaysInterleave, Alias("TakeTouched")]
    Task<TouchedBytes> TakeTouchedAsync(ChunkHandle handle, long sourceId, CancellationToken cancellation = default);

    /// <summary>As a source: what is touched need not be remembered any longer. Idempotent.</summary>
    [AlwaysInterleave, Alias("EndCopy")]
    Task EndCopyAsync(ChunkHandle handle, long sourceId, CancellationToken cancellation = default);

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

    /// <summary>
    /// Puts a record at the chunk's end, wherever that is, here and on the servers behind this one, the primary; answers where
    /// (<see cref="ChunkWrite.OffsetBytes"/> is not looked at). Records of many callers go together. What fails may be there on some of the servers.
    /// </summary>
    /// <exception cref="GofsException">
    /// <see cref="GofsError.ChunkFull"/>: it does not fit any more. <see cref="GofsError.ReplicasDiffer"/>, or whatever a server says: ask the file grain to
    /// make the replicas equal. <see cref="GofsError.Busy"/>, <see cref="GofsError.Corrupt"/>, <see cref="GofsError.InvalidArgument"/>: it is on none.
    /// </exception>
    [AlwaysInterleave, Alias("Append")]
    Task<long> AppendAsync(ChunkWrite record, ServerId[] behind, CancellationToken cancellation = default);

    /// <summary>For the primary: as <see cref="WriteAsync"/>, but only at the chunk's end; anywhere else is <see cref="GofsError.ReplicasDiffer"/>.</summary>
    [AlwaysInterleave, Alias("AppendAt")]
    Task AppendAtAsync(ChunkWrite write, CancellationToken cancellation = default);

    /// <summary>
    /// Begins a scrub pass over all replicas at once, as fast as the server may; one that is under way begins anew. Answers its number: it has ended when
    /// <see cref="ScrubStatus.Pass"/> is that or more and it does not run. What it finds is repaired meanwhile and after.
    /// </summary>
    [AlwaysInterleave, Alias("StartScrub")]
    Task<long> StartScrubAsync(CancellationToken cancellation = default);
}
