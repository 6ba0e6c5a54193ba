using Gofs.Files;

namespace Gofs.Internal;

/// <summary>
/// An append lease, kept alive: renewed every third of its time, and taken anew where the file grain does not know it any more. Nothing is lost
/// with an append lease: what was acknowledged is there, and the rest is appended again. It ends with its client, whether anybody has disposed of it or not.
/// </summary>
internal sealed class AppendLeaseKeeper : IAsyncDisposable
{
    private static readonly TimeSpan LeaveTime = TimeSpan.FromSeconds(5);

    private readonly ClientContext context;
    private readonly GofsPath path;
    private readonly IFileGrain file;
    private readonly AppendLease lease;
    private readonly long openedAt;
    private readonly CancellationTokenSource stop;

    /// <summary><paramref name="openedAt"/> is the open flag that goes with the lease.</summary>
    public AppendLeaseKeeper(ClientContext context, GofsPath path, IFileGrain file, AppendLease lease, long openedAt)
    {
        (this.context, this.path, this.file, this.lease, this.openedAt) = (context, path, file, lease, openedAt);
        stop = CancellationTokenSource.CreateLinkedTokenSource(context.Ended);
        Renewing = context.Pool.RunAsync(RenewAsync);
    }

    /// <summary>Ends when it renews no more.</summary>
    public Task Renewing { get; }

    /// <summary>A call under the lease, tried until it has a definite outcome.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.LeaseHeld"/>: the lease had ended, and somebody writes the file now.</exception>
    public Task<T> RunAsync<T>(Func<IFileGrain, LeaseId, CancellationToken, Task<T>> call, CancellationToken cancellation) =>
        context.Retry.RunAsync(path, (this, call), static (at, token) => at.Item1.TryAsync(at.call, token), cancellation);

    /// <summary>Gives the lease up. Failing is no news to anybody: it ends by itself.</summary>
    public async ValueTask DisposeAsync()
    {
        await context.Pool.CancelAsync(stop);
        await Renewing;
        stop.Dispose();
        // A client that has ended says nothing any more.
        if (context.Ended.IsCancellationRequested) return;
        try
        {
            await context.Retry.RunAsync(path, this, static (keeper, token) => keeper.TryAsync(LeaveAsync, token), CancellationToken.None, LeaveTime);
        }
        catch (GofsException)
        {
            // See above.
        }
    }

    private static async Task<bool> LeaveAsync(IFileGrain file, LeaseId lease, CancellationToken cancellation)
    {
        await file.LeaveAppendAsync(lease, cancellation);
        return true;
    }

    private async Task<T> TryAsync<T>(Func<IFileGrain, LeaseId, CancellationToken, Task<T>> call, CancellationToken cancellation)
    {
        try
        {
            return await call(file, lease.LeaseId, cancellation);
        }
        catch (GofsException unknown) when (unknown.Error == GofsError.LeaseExpired)
        {
            await context.Caller.AsksAsync(() => file.JoinAppendAsync(new(lease.LeaseId, WasOpen: true) { OpenedAt = openedAt }, cancellation));
            return await call(file, lease.LeaseId, cancellation);
        }
    }

    private async Task RenewAsync()
    {
        while (true)
        {
            try
            {
                await Task.Delay(lease.LeaseTime / 3, context.Time, stop.Token);
                await RunAsync(
                    static async (at, id, token) =>
                    {
                        await at.RenewLeaseAsync(id, token);
                        return true;
                    },
                    stop.Token);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (GofsException)
            {
                // Whoever appends next is told, if it still is so then.
            }
        }
    }
}
