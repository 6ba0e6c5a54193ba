using Gofs.Files;

namespace Gofs.Internal;

/// <summary>
/// Keeps a writer lease alive: renews it when a third of its time has passed since it was last known to live (every call
/// with it renews it). A renewal with an unknown outcome is tried again, until the lease's whole time has passed without an answer:
/// by then somebody else may hold it, so it counts as lost. Once lost, every operation says <see cref="GofsError.LeaseExpired"/>.
/// </summary>
internal sealed class LeaseKeeper : IAsyncDisposable
{
    private readonly ClientContext context;
    private readonly IFileGrain file;
    private readonly GofsPath path;
    private readonly WriterLease lease;
    private readonly Func<CancellationToken, Task> afterRenewal;
    private readonly CancellationTokenSource stop = new();
    private readonly ITimer timer;
    private long renewedAt;
    private int disposed;
    private volatile GofsException? lost;
    private volatile Task renewal = Task.CompletedTask;

    /// <summary><paramref name="afterRenewal"/> runs after each renewal that went well; when it fails, that counts as the renewal failing.</summary>
    public LeaseKeeper(ClientContext context, IFileGrain file, GofsPath path, WriterLease lease, Func<CancellationToken, Task> afterRenewal)
    {
        this.context = context;
        this.file = file;
        this.path = path;
        this.lease = lease;
        this.afterRenewal = afterRenewal;
        renewedAt = context.Time.GetTimestamp();
        timer = context.Time.CreateTimer(
            static keeper => ((LeaseKeeper)keeper!).Begin(), this, Third, Timeout.InfiniteTimeSpan);
    }

    /// <summary>A third of the lease time.</summary>
    public TimeSpan Third => lease.LeaseTime / 3;

    /// <summary>A call with the lease went well.</summary>
    public void Renewed() => Volatile.Write(ref renewedAt, context.Time.GetTimestamp());

    /// <exception cref="GofsException"><see cref="GofsError.LeaseExpired"/>: the lease is gone.</exception>
    public void ThrowIfLost()
    {
        if (lost is { } failure) throw failure;
        if (SinceRenewal >= lease.LeaseTime) throw lost = Lost(null);
    }

    /// <summary>Stops renewing; what is under way ends first.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) != 0) return;
        await stop.CancelAsync();
        await timer.DisposeAsync();
        await renewal;
        stop.Dispose();
    }

    private TimeSpan SinceRenewal => context.Time.GetElapsedTime(Volatile.Read(ref renewedAt));

    private void Begin() => renewal = RenewAsync();

    private async Task RenewAsync()
    {
        var next = Third;
        try
        {
            if (SinceRenewal < Third)
            {
                next = Third - SinceRenewal;
            }
            else
            {
                await file.RenewLeaseAsync(lease.LeaseId, stop.Token).WaitAsync(Third, context.Time, stop.Token);
                Renewed();
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
            if (!Failures.IsTransient(failure.Error) || SinceRenewal >= lease.LeaseTime)
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
