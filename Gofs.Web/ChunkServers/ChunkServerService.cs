using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Cluster;
using Gofs.Web.SignIn;

namespace Gofs.Web.ChunkServers;

/// <summary>Chunk servers through the SDK.</summary>
internal sealed class ChunkServerService(GofsClient client, Session session, TimeProvider time) : IChunkServers
{
    /// <inheritdoc/>
    public Task<ServerReplicas> ReplicasAsync(ServerId server, CancellationToken cancellation) => client.GetServerReplicasAsync(server, cancellation);

    /// <inheritdoc/>
    public Task DrainAsync(ServerId server, CancellationToken cancellation) => MarkAsync(server, ServerMark.Drain, null, cancellation);

    /// <inheritdoc/>
    public Task MaintainAsync(ServerId server, TimeSpan length, CancellationToken cancellation) =>
        MarkAsync(server, ServerMark.Maintenance, time.GetUtcNow() + length, cancellation);

    /// <inheritdoc/>
    public Task RejoinAsync(ServerId server, CancellationToken cancellation) => MarkAsync(server, ServerMark.None, null, cancellation);

    /// <inheritdoc/>
    public async Task RemoveAsync(ServerId server, CancellationToken cancellation) =>
        await (await session.AsAsync(ConsoleRole.Admin)).RemoveChunkServerAsync(server, cancellation: cancellation);

    private async Task MarkAsync(ServerId server, ServerMark mark, DateTimeOffset? until, CancellationToken cancellation) =>
        await (await session.AsAsync(ConsoleRole.Operator)).MarkChunkServerAsync(server, mark, until, cancellation);
}
