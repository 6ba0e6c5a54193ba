using Gofs.Files;

namespace Gofs.Internal;

/// <summary>
/// Keeps a writer lease alive: renews it when a third of its time has passed since it was last known to live (every call
/// with it renews it). A renewal with an unknown outcome is tried again, until the lease's whole time has passed without an answer:
/// by then somebody else may hold it, so it counts as lost. Once lost, every operation says <see cref="GofsError.LeaseExpired"/>.
/// It renews no more when its client has ended, whether anybody has disposed of it or not.
/// </summary>
internal sealed class LeaseKeeper : IAsyncDisposable
{
    private readonly ClientContext context;
    private readonly GofsPath path;
    private readonly LeasedFile leased;
    private readonly Func<CancellationToken, Task> afterRenewal;
    private readonly CancellationTokenSource stop;
    private readonly ITimer timer;
    private int disposed;
    private volatile GofsException? lost;
    private volatile Task renewal = Task.CompletedTask;

    /// <summary><paramref name="afterRenewal"/> runs after each renewal that went well; when it fails, that counts as the renewal failing.</summary>
    public LeaseKeeper(ClientContext context, GofsPath path, LeasedFile leased, Func<CancellationToken, Task> afterRenewal)
    {
        this.context = context;
        this.path = path;
        this.leased = leased;
        this.afterRenewal = afterRenewal;
        stop = CancellationTokenSource.CreateLinkedTokenSource(context.Ended);
        timer = context.Time.CreateTimer(
            static keeper => ((LeaseKeeper)keeper!).Begin(), this, Third, Timeout.InfiniteTimeSpan);
    }

    /// <summary>A third of the lease time.</summary>
    public TimeSpan Third => leased.Lease.LeaseTime / 3;

    /// <exception cref="GofsException"><see cref="GofsError.LeaseExpired"/>: the lease is gone.</exception>
    public void ThrowIfLost()
    {
        if (lost is { } failure) throw failure;
        if (!leased.IsAlive) throw lost = Lost(null);
    }

    /// <summary>Stops renewing; what is under way ends first.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) != 0) return;
        await context.Pool.CancelAsync(stop);
        await timer.DisposeAsync();
        await renewal;
        stop.Dispose();
    }

    private static async Task<bool> RenewAsync(IFileGrain file, LeaseId lease, CancellationToken cancellation)
    {
        await file.RenewLeaseAsync(lease, cancellation);
        return true;
    }

    private void Begin()
    {
        if (stop.IsCancellationRequested) return;
        // A timer is on the runtime's pool already.
        renewal = context.Pool == TaskScheduler.Default ? RenewAsync() : context.Pool.RunAsync(RenewAsync);
    }

    private async Task RenewAsync()
    {
        var next = Third;
        try
        {
            if (leased.SinceRenewal < Third)
            {
                next = Third - leased.SinceRenewal;
            }
            else
            {
                await leased.TryAsync(RenewAsync, stop.Token).WaitAsync(Third, context.Time, stop.Token);
            }

            await afterRenewal(stop.Token);
        }
        catch (Exception) when (stop.IsCancellationRequested)
        {
            return;
        }
        catch (Exception unknown)
        {
            var failure = Failures.Translate(unknown, path);
            if (!Failures.IsTransient(failure.Error) || !leased.IsAlive)
            {
                lost = Lost(failure);
                return;
            }

            next = Third / 8;
        }

        // A zero would fire at once, for ever, if the clock did not move.
        if (!stop.IsCancellationRequested) timer.Change(next > TimeSpan.Zero ? next : Third / 8, Timeout.InfiniteTimeSpan);
    }

    private GofsException Lost(GofsException? cause) =>
        new(GofsError.LeaseExpired,
            $"the writer lease has ended{(cause is null ? "" : $": {cause.Detail}")}; what was not flushed is lost", path.ToString(), cause);
}
