namespace Gofs.Internal;

/// <summary>
/// Reads a file in order, <see cref="GofsClientOptions.TransfersInFlight"/> transfers ahead of whoever takes them. Used by one at
/// a time. A buffer goes back to the pool when it was consumed or, when nobody wants it any more, when its transfer has ended.
/// </summary>
internal sealed class ReadAhead(ClientContext context, ReadPlanner planner) : IDisposable
{
    private readonly Queue<Transfer> ahead = new();
    private CancellationTokenSource stop = new();
    private long next;

    private sealed record Transfer(long Offset, TransferBuffer Buffer, Task<int> Read)
    {
        public int Consumed { get; set; }
    }

    /// <summary>Whether the next byte to be given out is the one at a place.</summary>
    public bool StandsAt(long offset) =>
        ahead.TryPeek(out var head) && head.Offset + head.Consumed == offset;

    /// <summary>Begins at a place; what was read ahead elsewhere is let go.</summary>
    public void StartAt(long offset)
    {
        LetGo();
        next = offset;
        TopUp();
    }

    /// <summary>
    /// Copies what comes next into <paramref name="destination"/>: waits for the first transfer only; 0 at the end of the file.
    /// After a failure nothing is read ahead any more.
    /// </summary>
    public async ValueTask<int> ReadAsync(Memory<byte> destination, CancellationToken cancellation)
    {
        var copied = 0;
        while (copied < destination.Length && ahead.TryPeek(out var head))
        {
            if (copied > 0 && !head.Read.IsCompletedSuccessfully) break;
            var available = await LengthOfAsync(head, cancellation) - head.Consumed;
            if (available <= 0)
            {
                LetGo();
                break;
            }

            var count = Math.Min(available, destination.Length - copied);
            head.Buffer.Memory.Slice(head.Consumed, count).CopyTo(destination[copied..]);
            head.Consumed += count;
            copied += count;
            if (count == available) Consume();
        }

        return copied;
    }

    /// <summary>Writes everything from where it stands to the end of the file (as it was when reading began) into a stream.</summary>
    public async Task CopyToAsync(Stream destination, IProgress<long>? progress, CancellationToken cancellation)
    {
        var total = 0L;
        while (ahead.TryPeek(out var head))
        {
            var count = await LengthOfAsync(head, cancellation);
            if (count == 0) break;
            await destination.WriteAsync(head.Buffer.Memory[..count], cancellation);
            total += count;
            progress?.Report(total);
            Consume();
        }

        LetGo();
    }

    /// <summary>Lets go of everything that was read ahead.</summary>
    public void LetGo()
    {
        if (ahead.Count == 0) return;
        stop.Cancel();
        stop.Dispose();
        stop = new CancellationTokenSource();
        while (ahead.TryDequeue(out var left)) left.Buffer.ReturnWhenEnded(left.Read);
    }

    public void Dispose()
    {
        LetGo();
        stop.Dispose();
    }

    private async ValueTask<int> LengthOfAsync(Transfer head, CancellationToken cancellation)
    {
        try
        {
            return head.Read.IsCompletedSuccessfully ? head.Read.Result : await head.Read.WaitAsync(cancellation);
        }
        catch (GofsException)
        {
            LetGo();
            throw;
        }
    }

    private void Consume()
    {
        var head = ahead.Dequeue();
        head.Buffer.ReturnWhenEnded(head.Read);
        TopUp();
    }

    private void TopUp()
    {
        while (ahead.Count < context.Options.TransfersInFlight && next < planner.LengthBytes)
        {
            var count = planner.TransferBytesAt(next, planner.LengthBytes);
            var buffer = TransferBuffer.Rent(context.Buffers, count);
            ahead.Enqueue(new Transfer(next, buffer, planner.ReadTransferAsync(next, buffer.Memory, stop.Token)));
            next += count;
        }
    }
}
