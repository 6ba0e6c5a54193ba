using Gofs.Chunks;
using Gofs.ChunkServers;

namespace Gofs.Web.ChunkServers;

/// <summary>What the chunk servers' page can do.</summary>
internal interface IChunkServers
{
    /// <summary>What one holds, and of that what the others lack.</summary>
    Task<ServerReplicas> ReplicasAsync(ServerId server, CancellationToken cancellation);

    /// <summary>Has everything on it made again elsewhere; it takes no new chunks.</summary>
    Task DrainAsync(ServerId server, CancellationToken cancellation);

    /// <summary>Says that it will be silent for so long: what it has is not made again elsewhere meanwhile.</summary>
    Task MaintainAsync(ServerId server, TimeSpan length, CancellationToken cancellation);

    /// <summary>Ends its drain or maintenance.</summary>
    Task RejoinAsync(ServerId server, CancellationToken cancellation);

    /// <summary>Forgets one that is gone for good. Refused while chunks lack replicas without it.</summary>
    Task RemoveAsync(ServerId server, CancellationToken cancellation);
}
