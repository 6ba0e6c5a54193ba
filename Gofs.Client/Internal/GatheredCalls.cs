namespace Gofs.Internal;

/// <summary>
/// Sends requests together that are made at the same time. What: at most <see cref="GatherLimits.Calls"/> calls are under way; a request that finds
/// one free waits one turn of the thread pool for company and goes; those that find none go together with the next call that does. Why: a message
/// costs the client, each silo it passes and the one that answers more than most requests do. Makers that were answered together run in the turn that the
/// first of them waits, so they ask together again. A request that has no company to expect (nothing is under way, and the last call had one request) goes at
/// once: one that makes one request after another waits for nobody, since a turn may cost him the waking of a thread.
/// <para>
/// Who dies. A call that fails, fails each request in it, and their makers ask again as they would have alone. A call that hangs counts as under way
/// only as long as <see cref="GatherLimits.Patience"/>: requests behind it go without it then, by a clock of their own and not when another
/// comes, for all makers may be among those that wait. A request nobody took in that time ends with a timeout and is not sent later.
/// </para>
/// </summary>
/// <param name="ask">Sends some; answers in their order.</param>
/// <param name="limits">How many.</param>
/// <param name="turn">Ends when those who can run have run: <see cref="ClientContext.Turn"/>.</param>
/// <param name="time">The clock.</param>
internal sealed class GatheredCalls<TRequest, TAnswer>(
    Func<TRequest[], Task<TAnswer[]>> ask, GatherLimits limits, Func<Task> turn, TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly Queue<Waiting> waiting = new();
    private readonly Call?[] calls = new Call?[limits.Calls];
    private ITimer? alarm;
    private bool isGathering;
    private bool expectsCompany = limits.ExpectsCompany;

    /// <summary>Asks; the answer, or refusal, is that of this request alone.</summary>
    public Task<TAnswer> AskAsync(TRequest request)
    {
        var mine = new Waiting(request, time.GetTimestamp());
        bool waits;
        lock (gate)
        {
            waiting.Enqueue(mine);
            if (isGathering) return mine.Answer.Task;
            if (FreePlace() < 0)
            {
                SetAlarm();
                return mine.Answer.Task;
            }

            waits = isGathering = expectsCompany || Array.Exists(calls, call => call is not null);
        }

        if (waits) _ = GoAfterTurnAsync();
        else Go();
        return mine.Answer.Task;
    }

    private async Task GoAfterTurnAsync()
    {
        await turn();
        lock (gate) isGathering = false;
        Go();
    }

    // One at most, and only while something waits: it goes off when the first of the calls has hung too long.
    private void SetAlarm()
    {
        if (alarm is not null || waiting.Count == 0) return;
        var since = calls.Min(call => call!.Since);
        var left = limits.Patience - time.GetElapsedTime(since);
        if (left < TimeSpan.Zero) left = TimeSpan.Zero;
        alarm = time.CreateTimer(static own => ((GatheredCalls<TRequest, TAnswer>)own!).GoWithoutHungCall(), this, left, Timeout.InfiniteTimeSpan);
    }

    private void GoWithoutHungCall()
    {
        lock (gate)
        {
            alarm!.Dispose();
            alarm = null;
        }

        Go();
    }

    // Sends what waits in the places there are.
    private void Go()
    {
        while (true)
        {
            Call? call;
            lock (gate)
            {
                if (waiting.Count == 0) return;
                call = Next(FreePlace(), time.GetTimestamp());
            }

            if (call is null) return;
            _ = RunAsync(call);
        }
    }

    private int FreePlace() => Array.FindIndex(calls, call => call is null || time.GetElapsedTime(call.Since) >= limits.Patience);

    // The call that goes next in a place, with all that waits and fits; null when nothing waits or there is no place.
    private Call? Next(int place, long now)
    {
        if (place < 0)
        {
            SetAlarm();
            return null;
        }

        List<Waiting> requests = new(Math.Min(waiting.Count, limits.Requests));
        while (requests.Count < limits.Requests && waiting.TryDequeue(out var one))
        {
            if (time.GetElapsedTime(one.Since, now) < limits.Patience) requests.Add(one);
            else one.Answer.TrySetException(new TimeoutException("calls before it hang"));
        }

        if (requests.Count > 0) expectsCompany = requests.Count > 1;
        return calls[place] = requests.Count == 0 ? null : new(place, requests, now);
    }

    private async Task RunAsync(Call call)
    {
        for (var next = call; next is not null; next = After(next)) await SendAsync(next.Requests);
    }

    private Call? After(Call done)
    {
        lock (gate)
        {
            // Its place was given away when it hung.
            return calls[done.Place] == done ? Next(done.Place, time.GetTimestamp()) : null;
        }
    }

    private async Task SendAsync(List<Waiting> requests)
    {
        try
        {
            var answers = await ask([.. requests.Select(one => one.Request)]);
            if (answers.Length != requests.Count)
                throw new GofsException(GofsError.Internal, $"{requests.Count} requests were answered by {answers.Length} answers");
            for (var i = 0; i < answers.Length; i++) requests[i].Answer.TrySetResult(answers[i]);
        }
        catch (Exception failed)
        {
            // Not swallowed: each maker is told, and says or asks again.
            foreach (var one in requests) one.Answer.TrySetException(failed);
        }
    }

    private sealed record Waiting(TRequest Request, long Since)
    {
        public TaskCompletionSource<TAnswer> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed record Call(int Place, List<Waiting> Requests, long Since);
}

/// <summary>How much goes together.</summary>
/// <param name="Calls">The most calls that are under way at the same time, but for those that hang.</param>
/// <param name="Requests">The most requests in one call.</param>
/// <param name="Patience">How long a call may take before others go without it: not more than a maker waits before it asks again.</param>
/// <param name="ExpectsCompany">Whether the first request of all waits a turn: nothing is known yet of how many makers there are.</param>
internal readonly record struct GatherLimits(int Calls, int Requests, TimeSpan Patience, bool ExpectsCompany = false);
