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
/// again. A chunk server: the bytes are written again to another chunk, on servers that answer. Too late (the chunk may be collected
/// already): the namespace refuses, and the same.
/// </para>
/// </summary>
internal sealed class WholeFileWriter(ClientContext context, NamespaceMaster master, ChunkPool pool, NamespaceNumber number)
{
    /// <summary>So often a chunk with a server that does not answer is passed over: with few servers there may be no other.</summary>
    private const int MostPicky = 8;

    private readonly ReplicaDoctor doctor = new(context.Transport, context.Suspects);

    /// <summary>Writes and names; the buffer is this method's, whatever happens.</summary>
    /// <returns>The file, or null when it does not fit a chunk, or wants more replicas than one has: the buffer is the caller's then.</returns>
    public async Task<Entry?> TryPutAsync(
        GofsPath path, TransferBuffer bytes, Ownership ownership, long? modifiedAt, CancellationToken cancellation)
    {
        var started = context.Time.GetTimestamp();
        for (var tries = 0; ; tries++)
        {
            var chunk = bytes.Length == 0 ? null : await pool.TakeAsync(cancellation);
            if (chunk is not null && bytes.Length > chunk.From.ChunkSizeBytes) return null;
            GofsException failure;
            try
            {
                if (chunk is not null) await WriteAsync(path, chunk, bytes, tries, cancellation);
                var entry = await NameAsync(path, chunk, bytes.Length, ownership, modifiedAt, cancellation);
                if (tries == 0) bytes.Return();
                return entry;
            }
            catch (GofsException refused) when (refused.Error == GofsError.TooFewReplicas)
            {
                return null;
            }
            catch (GofsException refused) when (IsOfTheChunk(refused.Error))
            {
                failure = refused;
            }

            // An argument is wrong for good, unless it was the chunk of a namespace that was removed and made again.
            if (failure.Error == GofsError.InvalidArgument && tries > 0) throw failure;
            var delay = context.Retry.DelayAfter(tries);
            if (context.Time.GetElapsedTime(started) + delay >= context.Retry.OperationTimeout)
                throw Failures.GaveUp(failure, context.Retry.OperationTimeout, path);
            pool.Forget();
            if (failure.Error == GofsError.InvalidArgument) await number.RefreshAsync(cancellation);
            else await Task.Delay(delay, context.Time, cancellation);
        }
    }

    // A server that is gone, silent or failing; a chunk too old; a chunk of a namespace that was removed and made again.
    private static bool IsOfTheChunk(GofsError error) =>
        error is GofsError.DiskFailed or GofsError.ChunkServerNotFound or GofsError.LeaseExpired or GofsError.ChunkNotFound
            or GofsError.StaleVersion or GofsError.InvalidArgument or GofsError.ChunkUnavailable or GofsError.TokenRefused;

    private async Task WriteAsync(GofsPath path, PooledChunk chunk, TransferBuffer bytes, int tries, CancellationToken cancellation)
    {
        var at = chunk.Location;
        var access = new ChunkAccess(at.Handle, at.Version, at.Token);
        if (tries < MostPicky && (await doctor.StillSilentAsync(at.Servers, access, cancellation)).Length > 0)
            throw new GofsException(GofsError.ChunkUnavailable, "one of its chunk servers does not answer", path.ToString());
        var write = new ChunkWrite(
            at.Handle, at.Version, 0, bytes.Written, Crc32C.Compute(bytes.Written.Span), chunk.From.ChunkSizeBytes,
            chunk.From.Durability != Durability.None);
        try
        {
            await context.Fills.FillAsync(at.Servers, new(write, at.Token), cancellation);
        }
        catch (GofsException silent) when (Failures.IsTransient(silent.Error))
        {
            // Rather another chunk, on servers that answer, than this one.
            await doctor.FindFailedAsync(at.Servers, access, silent, tries, cancellation);
            throw new GofsException(GofsError.ChunkUnavailable, silent.Detail, path.ToString(), silent);
        }
    }

    private Task<Entry> NameAsync(
        GofsPath path, PooledChunk? chunk, int length, Ownership ownership, long? modifiedAt, CancellationToken cancellation)
    {
        var command = new PutFile(
            OpId.New(), path, ownership, chunk?.Location.Handle ?? ChunkHandle.None, chunk?.From.ChunkSizeBytes ?? 0, length,
            chunk?.From.AllocatedAt ?? DateTimeOffset.UnixEpoch, modifiedAt)
        {
            Replicas = chunk?.Location.Servers.Length ?? 0,
        };
        return master.MakeAsync(path, command, cancellation);
    }
}
