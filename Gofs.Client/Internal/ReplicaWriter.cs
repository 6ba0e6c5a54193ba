using Gofs.ChunkServers;
using Gofs.Files;
using Gofs.Transport;

namespace Gofs.Internal;

/// <summary>
/// Does one thing on every replica of a chunk at once. A try with an unknown outcome is done again (the same bytes at the same place),
/// until the operation timeout. That a replica fails for good fails the whole.
/// </summary>
internal sealed class ReplicaWriter(ClientContext context, GofsPath path)
{
    private sealed class Attempt(IChunkTransport transport, ServerId server, ChunkWrite write)
    {
        private int tries;

        public int Tries => tries;

        public Task RunAsync(CancellationToken cancellation)
        {
            tries++;
            return transport.WriteAsync(server, write, cancellation);
        }
    }

    /// <summary>
    /// Writes. Answers whether the memory is certainly free again: not after a try whose outcome is unknown, though a later one went well.
    /// </summary>
    public async Task<bool> WriteAsync(ServerId[] servers, ChunkWrite write, CancellationToken cancellation, TimeSpan? limit = null)
    {
        if (servers.Length == 1) return await WriteOneAsync(servers[0], write, limit, cancellation);
        var writes = new Task<bool>[servers.Length];
        for (var i = 0; i < servers.Length; i++) writes[i] = WriteOneAsync(servers[i], write, limit, cancellation);
        var free = await Task.WhenAll(writes);
        return !free.Contains(false);
    }

    /// <summary>Flushes.</summary>
    public Task FlushAsync(ChunkPlacement chunk, CancellationToken cancellation) =>
        Task.WhenAll(chunk.Servers.Select(server => context.Retry.RunAsync(
            path, (context.Transport, server, chunk),
            static (at, token) => at.Transport.FlushAsync(at.server, at.chunk.Handle, at.chunk.Version, token), cancellation)));

    private async Task<bool> WriteOneAsync(ServerId server, ChunkWrite write, TimeSpan? limit, CancellationToken cancellation)
    {
        var attempt = new Attempt(context.Transport, server, write);
        await context.Retry.RunAsync(path, attempt, static (at, token) => at.RunAsync(token), cancellation, limit);
        return attempt.Tries == 1;
    }
}
