using Gofs.Files;

namespace Gofs.Internal;

/// <summary>
/// An append lease, kept alive: renewed every third of its time, and taken anew where the file grain does not know it any more. Nothing is lost
/// with an append lease: what was acknowledged is there, and the rest is appended again.
/// </summary>
internal sealed class AppendLeaseKeeper : IAsyncDisposable
{
    private static readonly TimeSpan LeaveTime = TimeSpan.FromSeconds(5);

    private readonly ClientContext context;
    private readonly GofsPath path;
    private readonly IFileGrain file;
    private readonly AppendLease lease;
    private readonly CancellationTokenSource stop = new();
    private readonly Task renewing;

    public AppendLeaseKeeper(ClientContext context, GofsPath path, IFileGrain file, AppendLease lease)
    {
        (this.context, this.path, this.file, this.lease) = (context, path, file, lease);
        renewing = Task.Run(RenewAsync, CancellationToken.None);
    }

    /// <summary>A call under the lease, tried until it has a definite outcome.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.LeaseHeld"/>: the lease had ended, and somebody writes the file now.</exception>
    public Task<T> RunAsync<T>(Func<IFileGrain, LeaseId, CancellationToken, Task<T>> call, CancellationToken cancellation) =>
        context.Retry.RunAsync(path, (this, call), static (at, token) => at.Item1.TryAsync(at.call, token), cancellation);

    /// <summary>Gives the lease up. Failing is no news to anybody: it ends by itself.</summary>
    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await renewing;
        try
        {
            await context.Retry.RunAsync(
                path, (file, lease.LeaseId), static (at, token) => at.file.LeaveAppendAsync(at.LeaseId, token), CancellationToken.None, LeaveTime);
        }
        catch (GofsException)
        {
            // See above.
        }

        stop.Dispose();
    }

    private async Task<T> TryAsync<T>(Func<IFileGrain, LeaseId, CancellationToken, Task<T>> call, CancellationToken cancellation)
    {
        try
        {
            return await call(file, lease.LeaseId, cancellation);
        }
        catch (GofsException unknown) when (unknown.Error == GofsError.LeaseExpired)
        {
            await file.JoinAppendAsync(new(lease.LeaseId, WasOpen: true), cancellation);
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
