namespace Gofs.Ctl.Bench;

/// <summary>Looks, all the while, how far the standbys are behind the master.</summary>
internal sealed class LagWatch : IAsyncDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(100);
    private readonly GofsNamespace files;
    private readonly CancellationTokenSource stop = new();
    private readonly Task looking;
    private TimeSpan? largest;

    /// <summary>Begins to look.</summary>
    public LagWatch(GofsNamespace files)
    {
        this.files = files;
        looking = LookAsync();
    }

    /// <summary>The largest lag since this was asked before; null: no standby was seen.</summary>
    public TimeSpan? TakeLargest()
    {
        var taken = largest;
        largest = null;
        return taken;
    }

    /// <summary>Looks no more. Throws what it could not look for.</summary>
    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        try
        {
            await looking;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The end.
        }
        finally
        {
            stop.Dispose();
        }
    }

    private async Task LookAsync()
    {
        using var timer = new PeriodicTimer(Every);
        while (await timer.WaitForNextTickAsync(stop.Token))
        {
            foreach (var standby in (await files.GetStatusAsync(stop.Token)).Standbys)
                if (largest is not { } most || standby.Lag > most) largest = standby.Lag;
        }
    }
}
