using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Transport;

namespace Gofs.Grains.Chunks.Healing;

/// <summary>The chunk table, as whoever heals its chunks sees it.</summary>
public interface IHealedChunks
{
    /// <summary>The chunks files refer to.</summary>
    IEnumerable<ChunkHandle> All { get; }

    /// <summary>What is known of a chunk; false when no file refers to it (any more).</summary>
    bool TryGet(ChunkHandle handle, out ChunkRow row);

    /// <summary>The servers that hold a chunk under the version that counts, however they stand.</summary>
    ServerId[] HoldersOf(ChunkHandle handle);

    /// <summary>The version to offer now: above all that were offered before.</summary>
    ValueTask<ChunkVersion> NextVersionAsync(ChunkHandle handle);

    /// <summary>A version counts from now on, on these servers: logged when it ends.</summary>
    Task MoveAsync(ChunkHandle handle, ChunkVersion version, ServerId[] holders);

    /// <summary>A server turned out not to hold a chunk: it is asked what it has.</summary>
    void Lose(ChunkHandle handle, ServerId server);

    /// <summary>The right to read a chunk.</summary>
    ChunkToken ReadToken(ChunkHandle handle, ChunkVersion version);

    /// <summary>Does something while nobody else offers versions of a chunk, and reports on it wait.</summary>
    Task<T> AloneAsync<T>(ChunkHandle handle, Func<Task<T>> work);
}

/// <summary>What whoever heals chunks asks of chunk servers. Each call ends in bounded time.</summary>
public interface IReplicaServers
{
    /// <summary>The target copies a replica.</summary>
    Task<ReplicaCopied> CopyAsync(ServerId target, ReplicaCopy copy);

    /// <summary>The target makes its copy a replica.</summary>
    Task InstallAsync(ServerId target, ReplicaInstall install);

    /// <summary>The target drops its copy.</summary>
    Task DropAsync(ServerId target, ChunkHandle handle, long copyId);

    /// <summary>The server makes durable what it has of a chunk.</summary>
    Task FlushAsync(ServerId server, ChunkHandle handle, ChunkVersion version);

    /// <summary>The server takes a version, when its replica is one of those that count.</summary>
    Task OfferVersionAsync(ServerId server, ChunkHandle handle, ChunkVersion version, ChunkVersion counts);

    /// <summary>
    /// The server looks at replicas, as <see cref="IChunkServerGrain.CheckReplicasAsync"/>: their versions, their lengths, and what it knows to be damaged in
    /// them. Fails when it does not answer.
    /// </summary>
    Task<ReplicaState[]> CheckAsync(ServerId server, ReplicaQuery[] replicas);

    /// <summary>The server deletes its replica, if it has a version before this one.</summary>
    Task DeleteOlderAsync(ServerId server, ChunkHandle handle, ChunkVersion than);
}
