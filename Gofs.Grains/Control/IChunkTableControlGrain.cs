using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Namespaces;
using Orleans;
using Orleans.Concurrency;

namespace Gofs.Grains.Control;

/// <summary>What namespaces and files ask of a chunk table about chunks that several files refer to (same key as its public interface).</summary>
[Alias("gofs.IChunkTableControlGrain")]
internal interface IChunkTableControlGrain : IGrainWithStringKey
{
    /// <summary>Clones take their shares, in this order. Idempotent. The chunks must be confirmed.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.ChunkNotFound"/>: no file refers to one of them; nothing happened.</exception>
    [AlwaysInterleave, Alias("Share")]
    Task ShareAsync(ChunkShare[] shares, CancellationToken cancellation = default);

    /// <summary>These files refer to these chunks no more; those nobody refers to any more are collected. Idempotent.</summary>
    [AlwaysInterleave, Alias("ReleaseReferences")]
    Task ReleaseReferencesAsync(ChunkReference[] references, CancellationToken cancellation = default);

    /// <summary>
    /// These files want so many replicas (1 to 9) of these chunks. Of chunks that no file refers to, or not these files, nothing changes. Idempotent.
    /// </summary>
    [AlwaysInterleave, Alias("SetGoals")]
    Task SetGoalsAsync(ChunkReference[] references, int goal, CancellationToken cancellation = default);

    /// <summary>
    /// A new version for a chunk that one file is going to write to. Of a chunk that others refer to as well the answer is another chunk: a copy of
    /// it on the same servers, allocated for that file, which nothing refers to before it is confirmed.
    /// </summary>
    [AlwaysInterleave, Alias("GrantOwn")]
    Task<ChunkLocation> GrantOwnAsync(ChunkHandle handle, InodeNumber inode, CancellationToken cancellation = default);

    /// <summary>
    /// A new version for a chunk under which something has failed, that nobody but who asks is told (<see cref="IChunkTableGrain.RecoverAsync"/> answers one
    /// that others may have): what is appended to is made equal under it.
    /// </summary>
    /// <param name="handle">Which.</param>
    /// <param name="failed">The version under which it failed. When the chunk has a newer one, all replicas that count are asked.</param>
    /// <param name="replicas">Those that have not failed.</param>
    /// <param name="leaseTime">How long the chunk is kept, when no file refers to it yet.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="GofsException"><see cref="GofsError.ChunkUnavailable"/>: too few took one.</exception>
    [AlwaysInterleave, Alias("RecoverOwn")]
    Task<ChunkLocation> RecoverOwnAsync(
        ChunkHandle handle, ChunkVersion failed, ServerId[] replicas, TimeSpan leaseTime, CancellationToken cancellation = default);

    /// <summary>Servers that have a replica that was left out, as far as the table knows: it counts no more, and is deleted by and by.</summary>
    [AlwaysInterleave, Alias("GetLeft")]
    Task<ServerId[]> GetLeftAsync(ChunkHandle handle, CancellationToken cancellation = default);
}

/// <summary>What chunk tables and other chunk servers ask of a chunk server beside its public interface (same key).</summary>
[Alias("gofs.IChunkCopyGrain")]
internal interface IChunkCopyGrain : IGrainWithStringKey
{
    /// <summary>Copies a replica on this server to a new chunk, which gets the same version, durably.</summary>
    [AlwaysInterleave, Alias("CopyLocal")]
    Task CopyLocalAsync(ChunkHandle handle, ChunkVersion version, ChunkHandle copy, CancellationToken cancellation = default);

    /// <summary>
    /// Reads from a replica that was left out: of what it has, some may be as it is in those that count, and who asks can tell by its CRC. At most
    /// <see cref="IChunkServerGrain.MaxTransferBytes"/>.
    /// </summary>
    /// <exception cref="GofsException"><see cref="GofsError.ChunkNotFound"/>: there is none with an older version.</exception>
    [AlwaysInterleave, Alias("ReadOlder")]
    Task<ChunkData> ReadOlderAsync(ChunkHandle handle, ChunkVersion than, long offsetBytes, int count, CancellationToken cancellation = default);

    /// <summary>Reads a whole replica from the disk, and answers how many damages were found in it that could not be put right at once.</summary>
    [AlwaysInterleave, Alias("Verify")]
    Task<int> VerifyAsync(ChunkHandle handle, CancellationToken cancellation = default);
}
