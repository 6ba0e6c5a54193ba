using Gofs.ChunkServers;
using Gofs.Chunks;
using Gofs.Namespaces;
using Gofs.Transport;

namespace Gofs.Internal;

/// <summary>
/// Puts a file whose bytes fit one transfer: the bytes go to a chunk that was allocated ahead, durable on every replica as the namespace
/// wants it; then one command to the namespace gives the file its name, its length and that chunk. Nobody else is asked: no file
/// grain, no lease.
/// <para>
/// Who dies. This client before the command: the chunk is collected. The namespace or its answer: the command has an op-id and is asked
/// again. A chunk server: the bytes are written again to another chunk, once. Too late (the chunk may be collected already): the namespace
/// refuses, and the same.
/// </para>
/// </summary>
internal sealed class WholeFileWriter(ClientContext context, INamespaceGrain tree, ChunkPool pool, NamespaceNumber number)
{
    /// <summary>Writes and names; the buffer is this method's, whatever happens.</summary>
    /// <returns>The file, or null when it does not fit a chunk: the buffer is the caller's then.</returns>
    public async Task<Entry?> TryPutAsync(
        GofsPath path, TransferBuffer bytes, Ownership ownership, long? modifiedAt, CancellationToken cancellation)
    {
        var fault = (GofsException?)null;
        for (var tries = 0; ; tries++)
        {
            var chunk = bytes.Length == 0 ? null : await pool.TakeAsync(cancellation);
            if (chunk is not null && bytes.Length > chunk.From.ChunkSizeBytes) return null;
            var isFree = true;
            try
            {
                if (chunk is not null) isFree = await WriteAsync(path, chunk, bytes, cancellation);
                var entry = await NameAsync(path, chunk, bytes.Length, ownership, modifiedAt, cancellation);
                if (isFree) bytes.Return();
                return entry;
            }
            catch (GofsException failure) when (tries == 0 && IsOfTheChunk(failure.Error))
            {
                fault = failure;
            }

            pool.Forget();
            if (fault.Error == GofsError.InvalidArgument) await number.RefreshAsync(cancellation);
        }
    }

    // A server that is gone, full or failing; a chunk too old; a chunk of a namespace that was removed and made again.
    private static bool IsOfTheChunk(GofsError error) =>
        error is GofsError.NoSpace or GofsError.DiskFailed or GofsError.ChunkServerNotFound or GofsError.LeaseExpired or GofsError.ChunkNotFound
            or GofsError.StaleVersion or GofsError.InvalidArgument;

    private async Task<bool> WriteAsync(GofsPath path, PooledChunk chunk, TransferBuffer bytes, CancellationToken cancellation)
    {
        var write = new ChunkWrite(
            chunk.Location.Handle, chunk.Location.Version, 0, bytes.Written, Crc32C.Compute(bytes.Written.Span),
            chunk.From.ChunkSizeBytes, chunk.From.Durability != Durability.None);
        return await new ReplicaWriter(context, path).WriteAsync(chunk.Location.Servers, write, cancellation);
    }

    private Task<Entry> NameAsync(
        GofsPath path, PooledChunk? chunk, int length, Ownership ownership, long? modifiedAt, CancellationToken cancellation)
    {
        var command = new PutFile(
            OpId.New(), path, ownership, chunk?.Location.Handle ?? ChunkHandle.None, chunk?.From.ChunkSizeBytes ?? 0, length,
            chunk?.From.AllocatedAt ?? DateTimeOffset.UnixEpoch, modifiedAt);
        return context.Retry.RunAsync(path, (tree, command), static (at, token) => at.tree.PutFileAsync(at.command, token), cancellation);
    }
}
