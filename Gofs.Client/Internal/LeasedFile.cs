using Gofs.Files;

namespace Gofs.Internal;

/// <summary>
/// Calls a file grain under a writer lease that outlives the grain. The grain does not log leases, so one that started anew (its silo died or
/// stopped) does not know this one. Then, while by this client's clock the lease lives, it is resumed: the grain takes it up again when nobody
/// else has written or holds the file, with the chunks that were placed under it. What was flushed is in the grain's stream, what was not is in
/// this client's hands, so nothing is lost.
/// <para>
/// Where to write is asked again when the lease was resumed meanwhile (<see cref="PlaceAsync"/>): it may have been said by the grain before, and the one that
/// took the lease up does not know of it, and would cut off what is written there past the length it knows.
/// </para>
/// </summary>
internal sealed class LeasedFile(ClientContext context, GofsPath path, IFileGrain file, WriterLease lease, Func<ChunkPlacement[]> placed)
{
    private long renewedAt = context.Time.GetTimestamp();
    private volatile Task resuming = Task.CompletedTask;
    private int resumes;

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
            Interlocked.Increment(ref resumes);
            await (resuming = context.Caller.AsksAsync(
                () => file.ResumeLeaseAsync(new ResumeLease(lease.LeaseId, lease.EditLogNumber, placed()), cancellation)));
            answer = await call(file, cancellation);
        }

        Volatile.Write(ref renewedAt, context.Time.GetTimestamp());
        return answer;
    }

    /// <summary>A call, tried until it has a definite outcome.</summary>
    public Task<T> RunAsync<T>(Func<IFileGrain, CancellationToken, Task<T>> call, CancellationToken cancellation, TimeSpan? timeout = null) =>
        context.Retry.RunAsync(path, (this, call), static (at, token) => at.Item1.TryAsync(at.call, token), cancellation, timeout);

    /// <summary>A call that answers where to write.</summary>
    /// <param name="call">The call.</param>
    /// <param name="place">Takes what it answers among what is placed; of several answers the last counts.</param>
    /// <param name="cancellation">Cancels waiting.</param>
    public async Task<ChunkPlacement> PlaceAsync(
        Func<IFileGrain, CancellationToken, Task<ChunkPlacement>> call, Action<ChunkPlacement> place, CancellationToken cancellation)
    {
        while (true)
        {
            var before = Volatile.Read(ref resumes);
            var placement = await RunAsync(call, cancellation);
            // Whoever resumes from now on tells of it.
            place(placement);
            var last = resuming;
            if (Volatile.Read(ref resumes) == before && last.IsCompleted) return placement;
            await last.WaitAsync(cancellation).ConfigureAwait(
                ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            cancellation.ThrowIfCancellationRequested();
        }
    }

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
