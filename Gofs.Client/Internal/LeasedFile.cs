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
/// <para>
/// Each time the lease is asked for or taken up it gets another name (<see cref="LeaseId.Next"/>). A request of either kind that arrives late, at a grain that
/// has started since, makes a lease there that knows nothing of what was placed; under the name this client has it is not known, and he resumes it.
/// </para>
/// <para>
/// To cut the file twice is not the same as once, when something was written between; nor is a commit that arrives after a cut. So where a call has had no
/// answer, the lease gets another name before the file is cut (<see cref="CutAsync"/>) and after a cut whose outcome is not known: whatever of the former name
/// is still on its way is refused.
/// </para>
/// </summary>
internal sealed class LeasedFile(ClientContext context, GofsPath path, IFileGrain file, WriterLease lease, Func<ChunkPlacement[]> placed)
{
    private readonly Lock gate = new();
    private long renewedAt = context.Time.GetTimestamp();
    private LeaseId current = lease.LeaseId;
    private LeaseId asked = lease.LeaseId;
    private Task resuming = Task.CompletedTask;
    private int resumes;
    private int cuts;
    private int underWay;
    private bool isAnyInDoubt;
    private bool isCutInDoubt;

    /// <summary>The lease, as it was given.</summary>
    public WriterLease Lease => lease;

    /// <summary>How long ago a call with the lease went well.</summary>
    public TimeSpan SinceRenewal => context.Time.GetElapsedTime(Volatile.Read(ref renewedAt));

    /// <summary>Whether the lease lives, by this client's clock.</summary>
    public bool IsAlive => SinceRenewal < lease.LeaseTime;

    private LeaseId Current
    {
        get
        {
            lock (gate) return current;
        }
    }

    /// <summary>Asks for a lease, each time under another name.</summary>
    public static Task<WriterLease> AcquireAsync(
        ClientContext context, GofsPath path, IFileGrain file, LeaseAsking asking, CancellationToken cancellation) =>
        context.Retry.RunAsync(
            path, (file, asking), static (at, token) => at.file.AcquireLeaseAsync(at.asking.Next(), token), cancellation);

    /// <summary>One try of a call, resuming the lease where the grain does not know it.</summary>
    public async Task<T> TryAsync<T>(Func<IFileGrain, LeaseId, CancellationToken, Task<T>> call, CancellationToken cancellation)
    {
        int before;
        lock (gate) before = cuts;
        return await TryAsync(call, before, cancellation);
    }

    /// <summary>A call that cuts the file. Nothing else is called meanwhile that writes, places or commits.</summary>
    public async Task CutAsync(Func<IFileGrain, LeaseId, CancellationToken, Task> cut, CancellationToken cancellation)
    {
        var isDone = false;
        try
        {
            await context.Retry.RunAsync(path, (this, cut), static (at, token) => at.Item1.TryCutAsync(at.cut, token), cancellation);
            isDone = true;
        }
        finally
        {
            lock (gate)
            {
                cuts++;
                isCutInDoubt |= !isDone;
            }
        }
    }

    /// <summary>A call, tried until it has a definite outcome.</summary>
    public Task<T> RunAsync<T>(Func<IFileGrain, LeaseId, CancellationToken, Task<T>> call, CancellationToken cancellation, TimeSpan? timeout = null) =>
        context.Retry.RunAsync(path, (this, call), static (at, token) => at.Item1.TryAsync(at.call, token), cancellation, timeout);

    /// <summary>A call that answers where to write.</summary>
    /// <param name="call">The call.</param>
    /// <param name="place">Takes what it answers among what is placed; of several answers the last counts.</param>
    /// <param name="cancellation">Cancels waiting.</param>
    public async Task<ChunkPlacement> PlaceAsync(
        Func<IFileGrain, LeaseId, CancellationToken, Task<ChunkPlacement>> call, Action<ChunkPlacement> place, CancellationToken cancellation)
    {
        while (true)
        {
            int before;
            lock (gate) before = resumes;
            var placement = await RunAsync(call, cancellation);
            // Whoever resumes from now on tells of it.
            place(placement);
            Task last;
            lock (gate)
            {
                last = resuming;
                if (resumes == before && last.IsCompleted) return placement;
            }

            await last.WaitAsync(cancellation).ConfigureAwait(
                ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            cancellation.ThrowIfCancellationRequested();
        }
    }

    /// <summary>A call without an answer.</summary>
    public Task RunAsync(Func<IFileGrain, LeaseId, CancellationToken, Task> call, CancellationToken cancellation, TimeSpan? timeout = null) =>
        RunAsync(
            async (at, id, token) =>
            {
                await call(at, id, token);
                return true;
            },
            cancellation, timeout);

    private async Task TryCutAsync(Func<IFileGrain, LeaseId, CancellationToken, Task> cut, CancellationToken cancellation)
    {
        int mine;
        bool isInDoubt;
        lock (gate) (mine, isInDoubt) = (++cuts, isAnyInDoubt || underWay > 0);
        if (isInDoubt) await ResumedAsync(Current, cancellation);
        await TryAsync(
            async (at, id, token) =>
            {
                await cut(at, id, token);
                return true;
            },
            mine, cancellation);
    }

    private async Task<T> TryAsync<T>(Func<IFileGrain, LeaseId, CancellationToken, Task<T>> call, int since, CancellationToken cancellation)
    {
        bool isInDoubt;
        lock (gate) isInDoubt = isCutInDoubt;
        if (isInDoubt) await ResumedAsync(Current, cancellation);
        T answer;
        var known = Current;
        try
        {
            answer = await AskAsync(call, known, since, cancellation);
        }
        catch (GofsException unknown) when (unknown.Error == GofsError.LeaseExpired && IsAlive)
        {
            await ResumedAsync(known, cancellation);
            answer = await AskAsync(call, Current, since, cancellation);
        }

        Volatile.Write(ref renewedAt, context.Time.GetTimestamp());
        return answer;
    }

    private async Task<T> AskAsync<T>(
        Func<IFileGrain, LeaseId, CancellationToken, Task<T>> call, LeaseId id, int since, CancellationToken cancellation)
    {
        lock (gate)
        {
            // Most likely nobody waits for this one any more; and who does asks again.
            if (since != cuts) throw new GofsException(GofsError.Unavailable, "the file was cut meanwhile", path.ToString());
            underWay++;
        }

        var isAnswered = false;
        try
        {
            var answer = await call(file, id, cancellation);
            isAnswered = true;
            return answer;
        }
        catch (GofsException refused) when (!Failures.IsTransient(refused.Error))
        {
            isAnswered = true;
            throw;
        }
        finally
        {
            lock (gate)
            {
                underWay--;
                isAnyInDoubt |= !isAnswered;
            }
        }
    }

    // Once for all calls that found it unknown under that name.
    private async Task ResumedAsync(LeaseId unknown, CancellationToken cancellation)
    {
        TaskCompletionSource? mine = null;
        Task running;
        LeaseId next;
        lock (gate)
        {
            if (current == unknown && resuming.IsCompleted)
            {
                resumes++;
                asked = asked.Next();
                mine = new();
                resuming = mine.Task;
            }

            (running, next) = (resuming, asked);
        }

        if (mine is not null) _ = ResumeAsync(unknown, next, mine);
        await running.WaitAsync(cancellation);
    }

    private async Task ResumeAsync(LeaseId unknown, LeaseId next, TaskCompletionSource ended)
    {
        try
        {
            await context.Caller.AsksAsync(() => file.ResumeLeaseAsync(
                new ResumeLease(unknown, lease.EditLogNumber, placed()) { As = next }, context.Ended));
            lock (gate)
            {
                current = next;
                isAnyInDoubt = isCutInDoubt = false;
            }

            ended.SetResult();
        }
        catch (Exception failed)
        {
            ended.SetException(failed);
        }
    }
}

/// <summary>What a client that opens a file for writing asks for, again and again under another name.</summary>
internal sealed class LeaseAsking(AcquireLease ask)
{
    private AcquireLease last = ask;

    /// <summary>What to ask now.</summary>
    public AcquireLease Next() => last = last with { LeaseId = last.LeaseId.Next() };
}
