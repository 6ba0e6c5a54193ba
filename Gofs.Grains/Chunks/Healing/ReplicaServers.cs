using Gofs.Chunks;
using Gofs.ChunkServers;
using Orleans;

namespace Gofs.Grains.Chunks.Healing;

/// <summary>Asks chunk servers' grains. Writers wait while versions are offered, so those calls are short.</summary>
internal sealed class ReplicaServers(IGrainFactory grains, TimeProvider time) : IReplicaServers
{
    private static readonly TimeSpan CopyPatience = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan AskPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FlushPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan OfferPatience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan InstallPatience = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    public async Task<ReplicaCopied> CopyAsync(ServerId target, ReplicaCopy copy)
    {
        for (var started = time.GetTimestamp(); ;)
        {
            var made = await Of(target).CopyReplicaAsync(copy).WaitAsync(AskPatience, time);
            if (made.CopyId != 0) return made;
            if (time.GetElapsedTime(started) > CopyPatience)
                throw new GofsException(GofsError.Timeout, $"a copy takes longer than {CopyPatience.TotalMinutes:0} minutes", copy.Handle.ToString());
        }
    }

    /// <inheritdoc/>
    public Task InstallAsync(ServerId target, ReplicaInstall install) => Of(target).InstallReplicaAsync(install).WaitAsync(InstallPatience, time);

    /// <inheritdoc/>
    public Task DropAsync(ServerId target, ChunkHandle handle, long copyId) => Of(target).DropCopyAsync(handle, copyId).WaitAsync(FlushPatience, time);

    /// <inheritdoc/>
    public Task FlushAsync(ServerId server, ChunkHandle handle, ChunkVersion version) => Of(server).FlushAsync(handle, version).WaitAsync(FlushPatience, time);

    /// <inheritdoc/>
    public Task OfferVersionAsync(ServerId server, ChunkHandle handle, ChunkVersion version, ChunkVersion counts) =>
        Of(server).OfferVersionAsync(handle, version, counts).WaitAsync(OfferPatience, time);

    /// <inheritdoc/>
    public Task<ReplicaState[]> CheckAsync(ServerId server, ReplicaQuery[] replicas) =>
        Of(server).CheckReplicasAsync(replicas).WaitAsync(FlushPatience, time);

    /// <inheritdoc/>
    public Task DeleteOlderAsync(ServerId server, ChunkHandle handle, ChunkVersion than) =>
        Of(server).DeleteOlderAsync(handle, than).WaitAsync(FlushPatience, time);

    private IChunkServerGrain Of(ServerId server) => grains.GetGrain<IChunkServerGrain>(server.Value);
}
