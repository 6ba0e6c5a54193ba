using Gofs.Files;

namespace Gofs.Internal;

/// <summary>The end of a write: flush, commit, truncate, close.</summary>
internal sealed partial class WritePipeline
{
    private static readonly TimeSpan GiveUpLeaseTime = TimeSpan.FromSeconds(5);

    /// <summary>Makes everything durable and visible.</summary>
    public async Task FlushAsync(CancellationToken cancellation)
    {
        await EnterAsync(cancellation);
        try
        {
            if (changed) await FlushInnerAsync(null, close: false, cancellation);
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Cuts or extends the file, durably; what was written before is flushed first.</summary>
    public async Task SetLengthAsync(long lengthBytes, CancellationToken cancellation)
    {
        await EnterAsync(cancellation);
        try
        {
            if (changed) await FlushInnerAsync(null, close: false, cancellation);
            await leased.CutAsync((at, id, token) => at.TruncateAsync(id, lengthBytes, token), cancellation);
            everChanged = true;
            writable.Clear();
            committedLength = sentLength = lengthBytes;
            Volatile.Write(ref length, lengthBytes);
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Flushes and ends the lease. When it fails, the lease is given up at the length committed last.</summary>
    public async Task CloseAsync(long? modifiedAt, CancellationToken cancellation)
    {
        if (closed) return;
        try
        {
            await EnterAsync(cancellation);
            try
            {
                await FlushInnerAsync(modifiedAt, close: true, cancellation);
                closed = true;
            }
            finally
            {
                gate.Release();
            }
        }
        finally
        {
            await DisposeAsync();
        }
    }

    /// <summary>
    /// Ends the lease without the bytes that were not flushed; nothing when it has ended. Failing is no news to the caller, who
    /// has the failure that led here: a lease nobody gives up ends by itself.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        await keeper.DisposeAsync();
        if (closed) return;
        closed = true;
        await context.Pool.CancelAsync(stop);
        // Closing would give an atomic file its name: given up, it never gets one, and the namespace forgets it when the lease has ended.
        if (atomic) return;
        try
        {
            await leased.RunAsync(
                (at, id, token) => at.CommitLengthAsync(
                    new(id, committedLength, [], UnchangedModifiedAt, Close: true) { OpenedAt = opened.OpenedAt }, token),
                CancellationToken.None,
                GiveUpLeaseTime < context.Retry.OperationTimeout ? GiveUpLeaseTime : context.Retry.OperationTimeout);
        }
        catch (GofsException)
        {
            // See above.
        }
    }

    /// <summary>A file that was only opened keeps its time; null is now.</summary>
    private long? UnchangedModifiedAt => opened.Created || everChanged ? null : opened.Entry.ModifiedAt;

    private async Task FlushInnerAsync(long? modifiedAt, bool close, CancellationToken cancellation)
    {
        await SendCurrentAsync(closing: true, cancellation);
        await CommitSentAsync(modifiedAt, close, cancellation);
        changed = false;
    }

    /// <summary>Commits what was sent. Bytes that still gather are not sent here: it may be their chunk that is being placed.</summary>
    private async Task CommitSentAsync(long? modifiedAt, bool close, CancellationToken cancellation)
    {
        await window.DrainAsync(cancellation);
        await EndAllFlushesBehindAsync(cancellation);
        await FlushChunksAsync(cancellation);
        var chunks = new FileChunk[uncommitted.Count];
        var count = 0;
        foreach (var index in uncommitted) chunks[count++] = new FileChunk(index, writable.Find(index)!.Handle);
        var at = modifiedAt ?? (changed ? null : UnchangedModifiedAt);
        await leased.RunAsync(
            (grain, id, token) => grain.CommitLengthAsync(new(id, sentLength, chunks, at, close) { OpenedAt = opened.OpenedAt }, token), cancellation);
        uncommitted.Clear();
        committedLength = sentLength;
        everChanged |= changed;
    }

    private async Task FlushChunksAsync(CancellationToken cancellation)
    {
        if (dirty.Count == 0) return;
        var flushing = new List<Task>(Math.Min(dirty.Count, context.Options.TransfersInFlight));
        foreach (var batch in dirty.Chunk(context.Options.TransfersInFlight))
        {
            flushing.Clear();
            foreach (var index in batch) flushing.Add(FlushAsync(index, cancellation));
            await Task.WhenAll(flushing);
        }

        dirty.Clear();
    }

    /// <summary>After a renewal: commits what has waited for a third of the lease time, unless the writer is at it itself.</summary>
    private async Task CommitOldChunksAsync(CancellationToken cancellation)
    {
        if (!gate.Wait(0, CancellationToken.None)) return;
        try
        {
            if (closed || window.Fault is not null || !IsCommitDue) return;
            await FlushInnerAsync(null, close: false, cancellation);
        }
        finally
        {
            gate.Release();
        }
    }
}
