using Gofs.ChunkServers;
using Gofs.Files;
using Gofs.Namespaces;
using Gofs.Transport;

namespace Gofs.Internal;

/// <summary>
/// Appends bytes, in one piece each, to a file that many append to. They go to the primary of the file's last chunk, which chooses the place and answers when
/// every replica has them (<see cref="FrameOp.Append"/>).
/// <para>When a party dies:</para>
/// <list type="bullet">
/// <item>A chunk server or its answer: the file grain is asked for a new version on the replicas that are left, once for all who wait, and the
/// bytes are appended again; they may be there twice.</item>
/// <item>The file grain: the lease is taken anew (<see cref="AppendLeaseKeeper"/>).</item>
/// <item>This client: what was acknowledged is there; of the rest nobody knows.</item>
/// </list>
/// May be used by many at once.
/// </summary>
internal sealed class AppendPipeline(ClientContext context, GofsPath path, OpenedFile opened, AppendLeaseKeeper keeper, AppendLease lease)
    : IAsyncDisposable
{
    private readonly ReplicaDoctor doctor = new(context.Transport, context.Suspects);
    private readonly SemaphoreSlim changing = new(1, 1);
    private volatile Target current = new(lease.Chunk, context.Time.GetTimestamp());
    private int disposed;

    /// <summary>The most bytes of one record: with its head a quarter of a chunk (GFS §3.3).</summary>
    public int MaxRecordBytes { get; } = (int)(lease.ChunkSizeBytes / 4) - RecordFrame.HeadBytes;

    /// <summary>The most bytes of one piece: a quarter of a chunk, and what goes in one frame.</summary>
    public int MostBytes { get; } = (int)Math.Min(lease.ChunkSizeBytes / 4, FrameHeader.MostDataBytes);

    /// <summary>
    /// Appends what a buffer has; answers the place in the file. The buffer is the pipeline's: one that a failed try may still be looking at is left to the
    /// collector.
    /// </summary>
    public async Task<long> AppendAsync(TransferBuffer buffer, CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref disposed) != 0, typeof(GofsAppender));
        var (data, crc, isFree) = (buffer.Written, Crc32C.Compute(buffer.Written.Span), true);
        var started = context.Time.GetTimestamp();
        for (var tries = 0; ; tries++)
        {
            var target = await CurrentAsync(cancellation);
            var chunk = target.Chunk;
            try
            {
                if (chunk.Servers.Length == 0)
                    throw new GofsException(GofsError.ChunkUnavailable, "no chunk server has the chunk", chunk.Handle.ToString());
                var append = new ChunkAppend(
                    chunk.Handle, chunk.Version, data, crc, lease.ChunkSizeBytes, opened.Config.Durability != Durability.None);
                var at = await context.Transport.AppendAsync(chunk.Servers, append, chunk.Token, cancellation);
                target.Acknowledge(at + data.Length);
                if (isFree) buffer.Return();
                return (chunk.Index * lease.ChunkSizeBytes) + at;
            }
            catch (GofsException full) when (full.Error == GofsError.ChunkFull)
            {
                await MoveOnAsync(target, tries, started, cancellation);
            }
            catch (GofsException failure)
            {
                isFree = false;
                await MendAsync(target, failure, tries, started, cancellation);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 0) await keeper.DisposeAsync();
    }

    private async ValueTask<Target> CurrentAsync(CancellationToken cancellation)
    {
        var target = current;
        if (context.Time.GetElapsedTime(target.At) < ClusterKey.TokenTime / 2) return target;
        return await ReplaceAsync(target, target.Chunk.Index - 1, cancellation);
    }

    private async Task MoveOnAsync(Target full, int tries, long started, CancellationToken cancellation)
    {
        try
        {
            await ReplaceAsync(full, full.Chunk.Index, cancellation);
        }
        catch (GofsException refused) when (refused.Error == GofsError.ChunkUnavailable)
        {
            await Task.Delay(DelayOrGiveUp(refused, tries, started), context.Time, cancellation);
        }
    }

    private TimeSpan DelayOrGiveUp(GofsException failure, int tries, long started)
    {
        var delay = context.Retry.DelayAfter(tries);
        return context.Time.GetElapsedTime(started) + delay < context.Retry.OperationTimeout
            ? delay
            : throw Failures.GaveUp(failure, context.Retry.OperationTimeout, path);
    }

    /// <summary>Makes another try worth while, or throws why there is none.</summary>
    private async Task MendAsync(Target target, GofsException failure, int tries, long started, CancellationToken cancellation)
    {
        var chunk = target.Chunk;
        var isKnown = failure.Error is GofsError.StaleVersion or GofsError.ReplicasDiffer or GofsError.TokenRefused or GofsError.ChunkUnavailable;
        var failed = isKnown
            ? context.Suspects.Among(chunk.Servers)
            : await doctor.FindFailedAsync(chunk.Servers, new(chunk.Handle, chunk.Version, chunk.Token), failure, tries, cancellation);
        var delay = DelayOrGiveUp(failure, tries, started);
        // What is known is mended by a new version, even where every server is a suspect: it says that the chunk is not as this client knows it.
        if (!isKnown && failed.Length >= chunk.Servers.Length && !Failures.IsTransient(failure.Error)) throw failure;
        if (tries > 0 || failure.Error == GofsError.Busy) await Task.Delay(delay, context.Time, cancellation);
        if (failure.Error != GofsError.Busy && !await TryRecoverAsync(target, failed, cancellation)) await Task.Delay(delay, context.Time, cancellation);
    }

    private async Task<bool> TryRecoverAsync(Target failed, ServerId[] without, CancellationToken cancellation)
    {
        var chunk = failed.Chunk;
        try
        {
            // Without all of them there is nothing to go on with: they may come back.
            if (without.Length >= chunk.Servers.Length) without = [];
            await ReplaceAsync(failed, (at, id, token) =>
                at.RecoverAppendAsync(new(id, chunk.Index, chunk.Version, without, failed.AcknowledgedBytes), token), cancellation);
            return true;
        }
        catch (GofsException refused) when (refused.Error == GofsError.ChunkUnavailable)
        {
            return false;
        }
    }

    private Task<Target> ReplaceAsync(Target known, int after, CancellationToken cancellation) =>
        ReplaceAsync(known, (at, id, token) => at.NextAppendChunkAsync(id, after, token), cancellation);

    // Once for all that have found the same target to be of no more use.
    private async Task<Target> ReplaceAsync(
        Target known, Func<IFileGrain, LeaseId, CancellationToken, Task<ChunkPlacement>> ask, CancellationToken cancellation)
    {
        await changing.WaitAsync(cancellation);
        try
        {
            if (!ReferenceEquals(current, known)) return current;
            var chunk = await keeper.RunAsync(ask, cancellation);
            return current = new(chunk, context.Time.GetTimestamp());
        }
        finally
        {
            changing.Release();
        }
    }

    /// <summary>Where records go.</summary>
    private sealed class Target(ChunkPlacement chunk, long at)
    {
        private long acknowledgedBytes;

        public ChunkPlacement Chunk => chunk;

        public long At => at;

        /// <summary>Up to where this client knows the chunk to be acknowledged.</summary>
        public long AcknowledgedBytes => Volatile.Read(ref acknowledgedBytes);

        public void Acknowledge(long end)
        {
            long known;
            while ((known = AcknowledgedBytes) < end) Interlocked.CompareExchange(ref acknowledgedBytes, end, known);
        }
    }
}
