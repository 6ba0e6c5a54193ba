using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Internal;

namespace Gofs.Grains.ChunkServers;

/// <summary>How a replica is copied from one server to another: this one is the target, or the source, or both.</summary>
internal sealed partial class ChunkServerGrain
{
    /// <inheritdoc/>
    public Task<ReplicaCopied> CopyReplicaAsync(ReplicaCopy copy, CancellationToken cancellation)
    {
        if (copy.Source == id) throw new GofsException(GofsError.InvalidArgument, "a server does not copy from itself", copy.Handle.ToString());
        return copies.AskAsync(copy, cancellation);
    }

    /// <inheritdoc/>
    public Task CopyLocalAsync(ChunkHandle handle, ChunkVersion version, ChunkHandle copy, CancellationToken cancellation) =>
        copies.CopyLocalAsync(handle, version, copy, cancellation);

    /// <inheritdoc/>
    public async Task<ChunkData> ReadOlderAsync(ChunkHandle handle, ChunkVersion than, long offsetBytes, int count, CancellationToken cancellation)
    {
        var all = await pool.RunAsync(() => store.GetAll(handle.NamespaceNumber, handle.Shard), cancellation);
        var version = all.Where(replica => replica.Handle == handle).Select(replica => replica.Version).FirstOrDefault();
        return version != default && version < than
            ? await ReadAsync(handle, version, offsetBytes, count, cancellation)
            : throw new GofsException(GofsError.ChunkNotFound, $"there is no replica older than version {than}", handle.ToString());
    }

    /// <inheritdoc/>
    public Task InstallReplicaAsync(ReplicaInstall install, CancellationToken cancellation) => copies.InstallAsync(install, cancellation);

    /// <inheritdoc/>
    public Task DropCopyAsync(ChunkHandle handle, long copyId, CancellationToken cancellation) => copies.DropAsync(handle, copyId, cancellation);

    /// <inheritdoc/>
    public async Task<CopySource> BeginCopyAsync(ChunkHandle handle, ChunkVersion version, CancellationToken cancellation) =>
        await store.BeginCopyAsync(handle, version, cancellation) with { HasClients = !clients.IsQuiet };

    /// <inheritdoc/>
    public Task<TouchedBytes> TakeTouchedAsync(ChunkHandle handle, long sourceId, CancellationToken cancellation) =>
        store.TakeTouchedAsync(handle, sourceId, cancellation).AsTask();

    /// <inheritdoc/>
    public Task EndCopyAsync(ChunkHandle handle, long sourceId, CancellationToken cancellation)
    {
        store.EndCopy(sourceId);
        return Task.CompletedTask;
    }
}
