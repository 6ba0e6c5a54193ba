using Gofs.ChunkServers;
using Gofs.Files;
using Gofs.Transport;

namespace Gofs.Internal;

/// <summary>
/// Does one thing on every replica of a chunk. A try with an unknown outcome is done again (the same bytes at the same place),
/// until the operation timeout. That a replica fails for good fails the whole.
/// </summary>
internal sealed class ReplicaWriter(ClientContext context, GofsPath path)
{
    private sealed class Attempt(IChunkTransport transport, ServerId[] servers, ChunkWrite write, ChunkToken token)
    {
        private int tries;

        public int Tries => tries;

        public Task RunAsync(CancellationToken cancellation)
        {
            tries++;
            return transport.WriteAsync(servers, write, token, cancellation);
        }
    }

    /// <summary>
    /// Writes. Answers whether the memory is certainly free again: not after a try whose outcome is unknown, though a later one went well.
    /// </summary>
    public async Task<bool> WriteAsync(
        ServerId[] servers, ChunkWrite write, ChunkToken token, CancellationToken cancellation, TimeSpan? limit = null)
    {
        var attempt = new Attempt(context.Transport, servers, write, token);
        await context.Retry.RunAsync(path, attempt, static (at, stop) => at.RunAsync(stop), cancellation, limit);
        return attempt.Tries == 1;
    }

    /// <summary>Flushes.</summary>
    public Task FlushAsync(ChunkPlacement chunk, CancellationToken cancellation) => context.Retry.RunAsync(
        path, (context.Transport, chunk),
        static (at, token) => at.Transport.FlushAsync(at.chunk.Servers, new(at.chunk.Handle, at.chunk.Version, at.chunk.Token), token), cancellation);
}
