using Gofs.Files;

namespace Gofs.Internal;

/// <summary>
/// Calls a file grain under a writer lease that outlives the grain. The grain does not log leases, so one that started anew (its silo died or
/// stopped) does not know this one. Then, while by this client's clock the lease lives, it is resumed: the grain takes it up again when nobody
/// else has written or holds the file, with the chunks that were placed under it. What was flushed is in the grain's stream, what was not is in
/// this client's hands, so nothing is lost.
/// </summary>
internal sealed class LeasedFile(ClientContext context, GofsPath path, IFileGrain file, WriterLease lease, Func<ChunkPlacement[]> placed)
{
    private long renewedAt = context.Time.GetTimestamp();

    /// <summary>The lease.</summary>
    public WriterLease Lease => lease;

    /// <summary>How long ago a call with the lease went well.</summary>
    public TimeSpan SinceRenewal => context.Time.GetElapsedTime(Volatile.Read(ref renewedAt));

    /// <summary>Whether the lease lives, by this client's clock.</summary>
    public bool IsAlive => SinceRenewal < lease.LeaseTime;

    /// <summary>One try of a call, resuming the lease where the grain does not know it.</summary>
    public async Task<T> TryAsync<T>(Func<IFileGrain, CancellationToken, Task<T>> call, CancellationToken cancellation)
    {
        T answer;
        try
        {
            answer = await call(file, cancellation);
        }
        catch (GofsException unknown) when (unknown.Error == GofsError.LeaseExpired && IsAlive)
        {
            await context.Caller.AsksAsync(() => file.ResumeLeaseAsync(new ResumeLease(lease.LeaseId, lease.EditLogNumber, placed()), cancellation));
            answer = await call(file, cancellation);
        }

        Volatile.Write(ref renewedAt, context.Time.GetTimestamp());
        return answer;
    }

    /// <summary>A call, tried until it has a definite outcome.</summary>
    public Task<T> RunAsync<T>(Func<IFileGrain, CancellationToken, Task<T>> call, CancellationToken cancellation, TimeSpan? timeout = null) =>
        context.Retry.RunAsync(path, (this, call), static (at, token) => at.Item1.TryAsync(at.call, token), cancellation, timeout);

    /// <summary>A call without an answer.</summary>
    public Task RunAsync(Func<IFileGrain, CancellationToken, Task> call, CancellationToken cancellation, TimeSpan? timeout = null) =>
        RunAsync(
            async (at, token) =>
            {
                await call(at, token);
                return true;
            },
            cancellation, timeout);
}
