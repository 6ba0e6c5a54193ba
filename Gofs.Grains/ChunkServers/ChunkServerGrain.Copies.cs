using Gofs.Chunks;
using Gofs.ChunkServers;

namespace Gofs.Grains.ChunkServers;

/// <summary>How a replica is copied from one server to another.</summary>
internal sealed partial class ChunkServerGrain
{
    /// <inheritdoc/>
    public Task<ReplicaCopied> CopyReplicaAsync(ReplicaCopy copy, CancellationToken cancellation) => throw Missing();

    /// <inheritdoc/>
    public Task InstallReplicaAsync(ReplicaInstall install, CancellationToken cancellation) => throw Missing();

    /// <inheritdoc/>
    public Task DropCopyAsync(ChunkHandle handle, long copyId, CancellationToken cancellation) => throw Missing();

    /// <inheritdoc/>
    public Task<CopySource> BeginCopyAsync(ChunkHandle handle, ChunkVersion version, CancellationToken cancellation) => throw Missing();

    /// <inheritdoc/>
    public Task<TouchedBytes> TakeTouchedAsync(ChunkHandle handle, long sourceId, CancellationToken cancellation) => throw Missing();

    private static GofsException Missing() => new(GofsError.Unavailable, "copies are not there yet");
}
