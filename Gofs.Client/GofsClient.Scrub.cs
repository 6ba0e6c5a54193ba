using Gofs.ChunkServers;

namespace Gofs;

/// <summary>Scrub.</summary>
public sealed partial class GofsClient
{
    /// <summary>
    /// Has a chunk server read and check all its replicas at once, as fast as it may; a pass that is under way begins anew. Answers the pass' number:
    /// <see cref="ListChunkServersAsync"/> says how far it is (<see cref="ChunkServerInfo.Scrub"/>), a second late at most.
    /// </summary>
    /// <param name="server">Which.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="GofsException"><see cref="GofsError.ChunkServerNotFound"/>: it is not live.</exception>
    public async Task<long> StartScrubAsync(ServerId server, CancellationToken cancellation = default)
    {
        var servers = await ListChunkServersAsync(cancellation);
        if (!Array.Exists(servers, one => one.Server == server && one.Live))
            throw new GofsException(GofsError.ChunkServerNotFound, "no live chunk server has that name", server.Value);
        return await context.Retry.RunAsync(
            server.Value, context.Grains.GetGrain<IChunkServerGrain>(server.Value, null), static (at, token) => at.StartScrubAsync(token), cancellation);
    }
}
