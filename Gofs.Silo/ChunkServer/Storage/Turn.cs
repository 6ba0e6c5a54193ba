namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>
/// One at a time, in the order they came. As a semaphore of one, but waiting goes on where the waiter's context is and in an order that
/// depends on nothing else, so that a simulation has one outcome.
/// </summary>
internal sealed class Turn(TaskCreationOptions completion)
{
    private const int MostWaiting = 4096;
    private readonly Lock gate = new();
    private Queue<TaskCompletionSource>? waiting;
    private bool taken;

    /// <summary>Ends when it is the caller's turn, to be given up with <see cref="GiveUp"/>.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.Timeout"/>; <see cref="GofsError.Busy"/>: too many wait.</exception>
    public ValueTask TakeAsync(TimeSpan timeout, TimeProvider time, CancellationToken cancellation)
    {
        TaskCompletionSource mine;
        lock (gate)
        {
            if (!taken)
            {
                taken = true;
                return ValueTask.CompletedTask;
            }

            waiting ??= new();
            if (waiting.Count >= MostWaiting) throw new GofsException(GofsError.Busy, "too many wait for one chunk");
            waiting.Enqueue(mine = new(completion));
        }

        return new(WaitAsync(mine, timeout, time, cancellation));
    }

    /// <summary>The next one's turn.</summary>
    public void GiveUp()
    {
        lock (gate)
        {
            while (waiting is { Count: > 0 })
            {
                if (waiting.Dequeue().TrySetResult()) return;
            }

            taken = false;
        }
    }

    private static async Task WaitAsync(TaskCompletionSource mine, TimeSpan timeout, TimeProvider time, CancellationToken cancellation)
    {
        try
        {
            await mine.Task.WaitAsync(timeout, time, cancellation);
        }
        catch (Exception gone) when (gone is TimeoutException or OperationCanceledException)
        {
            if (!mine.TrySetCanceled(CancellationToken.None)) return;
            if (gone is TimeoutException)
                throw new GofsException(GofsError.Timeout, $"the chunk is not free within {timeout.TotalSeconds:0} s", "", gone);
            throw;
        }
    }
}
