namespace Gofs.Grains.Files;

/// <summary>
/// Lets changes of one file pass, many at a time; or, alone, a share of it with its clones, during which nothing of it changes. Whoever waits does so for
/// a bounded time. Used by one at a time.
/// </summary>
internal sealed class ChangeGate(TimeProvider time)
{
    /// <summary>The longest anybody waits.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private int inside;
    private TaskCompletionSource? opened;
    private TaskCompletionSource? emptied;

    /// <summary>Waits until a change may begin; it has ended when what this answers is disposed of.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.Busy"/>.</exception>
    public async ValueTask<Change> EnterAsync(CancellationToken cancellation)
    {
        while (opened is { } closed) await WaitAsync(closed, "the file's clones are being given their chunk lists", cancellation);
        inside++;
        return new(this);
    }

    /// <summary>Lets no change begin any more, and waits until those under way have ended.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.Busy"/>: they have not; the gate is open.</exception>
    public async Task CloseAsync(CancellationToken cancellation)
    {
        while (opened is { } closed) await WaitAsync(closed, "the file's clones are being given their chunk lists", cancellation);
        opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
        if (inside == 0) return;
        emptied = new(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            await WaitAsync(emptied, "the file is being changed", cancellation);
        }
        catch
        {
            Open();
            throw;
        }
    }

    /// <summary>Lets changes pass again.</summary>
    public void Open()
    {
        var closed = opened;
        (opened, emptied) = (null, null);
        closed!.SetResult();
    }

    private async Task WaitAsync(TaskCompletionSource what, string why, CancellationToken cancellation)
    {
        try
        {
            await what.Task.WaitAsync(Patience, time, cancellation);
        }
        catch (TimeoutException late)
        {
            throw new GofsException(GofsError.Busy, $"{why}; try again", "", late);
        }
    }

    private void Leave()
    {
        if (--inside == 0) emptied?.TrySetResult();
    }

    /// <summary>A change under way.</summary>
    internal readonly struct Change(ChangeGate gate) : IDisposable
    {
        /// <inheritdoc/>
        public void Dispose() => gate.Leave();
    }
}
