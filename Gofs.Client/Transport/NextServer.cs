using System.Net;
using Gofs.Chunks;

namespace Gofs.Transport;

/// <summary>
/// The next server of a chain, watched by whoever sent it a request: when the answer takes long the server is asked, on a connection of its own,
/// whether it lives. Each member of a chain watches only the next one, so a server that hangs is found by its neighbour, who says which it was;
/// a disk that is slow makes nobody dead.
/// </summary>
internal sealed class NextServer(DataConnections connections, IPEndPoint server, ChunkHandle handle, ChunkVersion version, ChunkToken token) : ISlowCall
{
    /// <summary>How long a server has to say that it lives.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public TimeSpan First => Patience;

    /// <inheritdoc/>
    public async Task<GofsException?> LookAsync() =>
        await connections.IsAliveAsync(server, handle, version, token, Patience, CancellationToken.None)
            ? null
            : new GofsException(GofsError.ChunkServerNotFound, "it does not answer any more", server.ToString());
}
