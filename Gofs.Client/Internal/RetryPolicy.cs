namespace Gofs.Internal;

/// <summary>
/// Tries a call until it has a definite outcome. An unknown one (no answer, a rejected message, a grain that lost its epoch)
/// is asked again after a delay that doubles from 20 ms to 1 s, each cut by up to half at random so that clients that failed
/// together do not come back together. Every try of a command carries the same op-id or lease id, so the one that was carried out
/// answers for all, and from the second on says that it is not the first (<see cref="AskedAgain"/>), so that a refusal is for all as well. When the time
/// is up the last failure is told; a definite one is told at once.
/// <para>
/// A try that has no answer in time counts as unknown too: the silo that had it may be gone or hang, and another may serve already. The first four
/// have half the attempt timeout each (1 s), because a master that died is replaced within two seconds and whoever waits longer than that for
/// one answer does not see it; then it doubles, so that silos with too much to do are not asked ever more. An answer that comes later is lost,
/// which costs nothing but the work.
/// </para>
/// </summary>
internal sealed class RetryPolicy(TimeProvider time, TimeSpan operationTimeout, Jitter jitter, TimeSpan? attemptTimeout = null)
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LastDelay = TimeSpan.FromSeconds(1);
    private const int QuickTries = 4;
    private const int MostDoublings = 8;

    /// <summary>The longest an operation is tried.</summary>
    public TimeSpan OperationTimeout => operationTimeout;

    /// <summary>Runs <paramref name="attempt"/> until it answers; <paramref name="timeout"/> null is the operation timeout.</summary>
    public async Task<T> RunAsync<TState, T>(
        Subject subject, TState state, Func<TState, CancellationToken, Task<T>> attempt, CancellationToken cancellation, TimeSpan? timeout = null) =>
        await (Task<T>)await RunToEndAsync(subject, state, attempt, timeout, cancellation);

    /// <summary>Runs <paramref name="attempt"/> until it ends well.</summary>
    public Task RunAsync<TState>(
        Subject subject, TState state, Func<TState, CancellationToken, Task> attempt, CancellationToken cancellation, TimeSpan? timeout = null) =>
        RunToEndAsync(subject, state, attempt, timeout, cancellation);

    /// <summary>How long to wait after so many failed tries.</summary>
    public TimeSpan DelayAfter(int tries)
    {
        var full = Math.Min(FirstDelay.Ticks << Math.Min(tries, 16), LastDelay.Ticks);
        return TimeSpan.FromTicks((long)(full * (1 - (jitter.NextDouble() / 2))));
    }

    // How long a try may take, whatever is left of the operation's time.
    private TimeSpan PatienceOf(int tries) =>
        attemptTimeout is not { } attempt || tries >= QuickTries + MostDoublings ? TimeSpan.MaxValue
        : tries < QuickTries ? attempt / 2 : attempt * (1 << (tries - QuickTries));

    private async Task<Task> RunToEndAsync<TState>(
        Subject subject, TState state, Func<TState, CancellationToken, Task> attempt, TimeSpan? ownLimit, CancellationToken cancellation)
    {
        var limit = ownLimit ?? operationTimeout;
        var start = time.GetTimestamp();
        for (var tries = 0; ; tries++)
        {
            cancellation.ThrowIfCancellationRequested();
            GofsException failure;
            if (tries == 1) AskedAgain.Mark();
            try
            {
                var call = attempt(state, cancellation);
                if (!call.IsCompleted)
                {
                    var left = limit - time.GetElapsedTime(start);
                    var patience = ownLimit is null ? PatienceOf(tries) : left;
                    if (patience > left) patience = left;
                    await call.WaitAsync(patience > TimeSpan.Zero ? patience : TimeSpan.Zero, time, cancellation);
                }
                else
                {
                    await call;
                }

                return call;
            }
            catch (Exception unknown) when (!Failures.IsOwnCancellation(unknown, cancellation))
            {
                failure = Failures.Translate(unknown, subject);
            }

            if (!Failures.IsTransient(failure.Error)) throw failure;
            var delay = DelayAfter(tries);
            if (time.GetElapsedTime(start) + delay >= limit) throw Failures.GaveUp(failure, limit, subject);
            await Task.Delay(delay, time, cancellation);
        }
    }
}
