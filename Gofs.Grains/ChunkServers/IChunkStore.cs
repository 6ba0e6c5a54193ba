using Gofs.Chunks;
using Gofs.ChunkServers;
using Microsoft.Win32.SafeHandles;

namespace Gofs.Grains.ChunkServers;

/// <summary>What changed in a chunk store since it was last asked: the delta of a chunk report.</summary>
/// <param name="Present">Replicas that came or changed version.</param>
/// <param name="Gone">Replicas that were deleted or lost with their disk.</param>
public sealed record ChunkChanges(IReadOnlyList<ReplicaReport> Present, IReadOnlyList<ChunkHandle> Gone);

/// <summary>
/// The chunks on a silo's disks, as the chunk server grain and the data plane see them. All operations may run at once;
/// those on one chunk are ordered by the store. Every failure is a <see cref="GofsException"/>:
/// <see cref="GofsError.ChunkNotFound"/>, <see cref="GofsError.StaleVersion"/> (the version differs),
/// <see cref="GofsError.Corrupt"/>, <see cref="GofsError.NoSpace"/>, <see cref="GofsError.DiskFailed"/>,
/// <see cref="GofsError.InvalidArgument"/>, <see cref="GofsError.Busy"/>.
/// </summary>
public interface IChunkStore
{
    /// <summary>
    /// Writes <paramref name="data"/> at <paramref name="offsetBytes"/>, first checking that its CRC32C is <paramref name="crc"/>;
    /// creates the chunk when it is not there and <paramref name="version"/> is the first. A gap before the offset reads as zeros. A replica that
    /// is shorter than <paramref name="leastLengthBytes"/> lacks what was acknowledged, and is left as it is: <see cref="GofsError.ReplicasDiffer"/>, or
    /// <see cref="GofsError.ChunkNotFound"/> where there is none.
    /// With <paramref name="durable"/> it answers when all written to the chunk so far is on stable storage. After a crash every
    /// range written but not flushed holds the old bytes or the new; what was flushed is there. Answers the chunk's mark, 1 to 127: another than
    /// before says that writes not flushed may have been lost in between.
    /// </summary>
    ValueTask<byte> WriteAsync(ChunkHandle handle, ChunkVersion version, long offsetBytes, ReadOnlyMemory<byte> data, uint crc,
        long chunkSizeBytes, bool durable, long leastLengthBytes, CancellationToken cancellation);

    /// <summary>
    /// Makes each of several writes as <see cref="WriteAsync"/> would, of different chunks, so that they share what making them durable costs. Answers the
    /// store's mark and, in their order, why one was refused; null went well. One that is refused does nothing to the others.
    /// </summary>
    ValueTask<(byte Mark, GofsException?[] Outcomes)> WriteEachAsync(IReadOnlyList<ChunkWrite> writes, CancellationToken cancellation);

    /// <summary>
    /// As <see cref="WriteAsync"/>, but only at the chunk's end: with anything else than <paramref name="atBytes"/> there it is
    /// <see cref="GofsError.ReplicasDiffer"/>, and nothing is written.
    /// </summary>
    ValueTask AppendAsync(ChunkHandle handle, ChunkVersion version, long atBytes, ReadOnlyMemory<byte> data, uint crc,
        long chunkSizeBytes, bool durable, CancellationToken cancellation);

    /// <summary>
    /// Where the primary's next append under a version goes: the end of its replica. <see cref="GofsError.ReplicasDiffer"/>: there is to be none under this
    /// version, because the process began after it had got it, or because of <see cref="EndAppends"/>.
    /// </summary>
    ValueTask<long> BeginAppendAsync(ChunkHandle handle, ChunkVersion version, CancellationToken cancellation);

    /// <summary>This server chooses no more places in the chunk under this version.</summary>
    void EndAppends(ChunkHandle handle, ChunkVersion version);

    /// <summary>Creates a chunk of the first version without bytes, durably; the same again is fine.</summary>
    ValueTask CreateAsync(ChunkHandle handle, long chunkSizeBytes, CancellationToken cancellation);

    /// <summary>How many bytes a chunk has, which are durable then; what is just being written counts when it has ended.</summary>
    ValueTask<long> GetLengthAsync(ChunkHandle handle, ChunkVersion version, CancellationToken cancellation);

    /// <summary>How many bytes a chunk has, when its file is where it belongs and its last bytes match their CRC.</summary>
    ValueTask<long> CheckAsync(ChunkHandle handle, ChunkVersion version, CancellationToken cancellation);

    /// <summary>
    /// Reads up to <paramref name="destination"/>'s length, CRC checked against the disk's; answers how many bytes there were, and the CRC of them, which is
    /// made of the disk's: whoever sends them on need not look at them again.
    /// </summary>
    ValueTask<ChunkRead> ReadAsync(ChunkHandle handle, ChunkVersion version, long offsetBytes, Memory<byte> destination, CancellationToken cancellation);

    /// <summary>
    /// As <see cref="ReadAsync"/>, on the caller's thread, when that needs no wait for a disk: the chunk is open and the bytes are in memory. False: they
    /// are not, or something is wrong, and <see cref="ReadAsync"/> finds out what; the destination's content is anybody's guess then.
    /// </summary>
    bool TryReadCached(ChunkHandle handle, ChunkVersion version, long offsetBytes, Span<byte> destination, out ChunkRead read);

    /// <summary>
    /// A chunk's file, open for another process of this machine to read, to be disposed of; null when the store has none that tells all of the replica. What
    /// counts in it is up to its reader to find out, each time (docs/formats.md), until <see cref="SharesEnd"/>.
    /// </summary>
    ValueTask<SafeFileHandle?> ShareAsync(ChunkHandle handle, ChunkVersion version, CancellationToken cancellation);

    /// <summary>
    /// Files that were given count no more, none of them: some replica was taken out of service, and its file does not say so. Raised before the replica is
    /// reported gone.
    /// </summary>
    event Action? SharesEnd;

    /// <summary>Checksum blocks that did not match their CRC when they were read and have not been repaired since; at most so many are remembered.</summary>
    IReadOnlyList<BadChecksumBlock> GetBadChecksumBlocks();

    /// <summary>
    /// Puts bytes of another replica, of that version or an older one, in the place of a bad checksum block, durably, if they are what its CRC says. False:
    /// they are not, and it stays bad; or it is not bad, or not what it was, any more. What was written meanwhile is never lost.
    /// </summary>
    ValueTask<bool> RepairAsync(BadChecksumBlock bad, ReadOnlyMemory<byte> data, CancellationToken cancellation);

    /// <summary>
    /// Answers, with the chunk's mark, when all written to the chunk so far is on stable storage; of a replica that is shorter than
    /// <paramref name="leastLengthBytes"/> that is <see cref="GofsError.ReplicasDiffer"/>.
    /// </summary>
    ValueTask<byte> FlushAsync(ChunkHandle handle, ChunkVersion version, long leastLengthBytes, CancellationToken cancellation);

    /// <summary>Cuts a chunk to a length, durably; a length past its end is left as it is.</summary>
    ValueTask TruncateAsync(ChunkHandle handle, ChunkVersion version, long lengthBytes, CancellationToken cancellation);

    /// <summary>
    /// Gives a chunk a newer version, durably; the same again is fine, an older one is <see cref="GofsError.StaleVersion"/>. With the version that counts for
    /// whoever offers it, only when it may be taken then (<see cref="VersionOwners.MayTake"/>); otherwise it is <see cref="GofsError.ReplicasDiffer"/>.
    /// </summary>
    ValueTask SetVersionAsync(ChunkHandle handle, ChunkVersion version, ChunkVersion? counts, CancellationToken cancellation);

    /// <summary>Deletes a replica that has an older version; any other, or none, is passed over.</summary>
    ValueTask DeleteOlderAsync(ChunkHandle handle, ChunkVersion than, CancellationToken cancellation);

    /// <summary>Deletes replicas; those not there are passed over.</summary>
    ValueTask DeleteAsync(IReadOnlyList<ChunkHandle> handles, CancellationToken cancellation);

    /// <summary>
    /// From now on it is remembered which checksum blocks of a chunk are touched, whatever version it gets, until two minutes after it was last asked for,
    /// or the process ends. At most so many at once, else <see cref="GofsError.Busy"/>.
    /// </summary>
    ValueTask<CopySource> BeginCopyAsync(ChunkHandle handle, ChunkVersion version, CancellationToken cancellation);

    /// <summary>
    /// What was touched since this was last called; what is just being written counts when it has ended. <see cref="GofsError.ChunkNotFound"/>: nothing is
    /// remembered under that id any more.
    /// </summary>
    ValueTask<TouchedBytes> TakeTouchedAsync(ChunkHandle handle, long sourceId, CancellationToken cancellation);

    /// <summary>What is touched need not be remembered any longer. Idempotent.</summary>
    void EndCopy(long sourceId);

    /// <summary>
    /// Begins a copy on the disk with most room. <see cref="GofsError.NoSpace"/>: none has room for so many bytes beside its reserve and the other copies
    /// under way.
    /// </summary>
    ValueTask<ICopyFile> OpenCopyAsync(ChunkHandle handle, long chunkSizeBytes, long lengthBytes, CancellationToken cancellation);

    /// <summary>The disks, as of now.</summary>
    IReadOnlyList<DiskStatus> GetDisks();

    /// <summary>Every replica on disks in service; forgets the changes so far.</summary>
    IReadOnlyList<ReplicaReport> GetAll();

    /// <summary>The replicas of one chunk table on disks in service.</summary>
    IReadOnlyList<ReplicaReport> GetAll(int namespaceNumber, int shard);

    /// <summary>What changed since the last call of this or <see cref="GetAll()"/>.</summary>
    ChunkChanges TakeChanges();
}
