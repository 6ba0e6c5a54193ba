using Gofs.Namespaces;

namespace Gofs.Internal;

/// <summary>
/// Sends requests to a namespace's master together when many are made at the same time. What: at most <see cref="MostCalls"/> calls are under way;
/// a request that finds one free goes at once, alone; those that find none go together with the next call that does. Why: a message
/// costs the client, each silo it passes and the master more than most requests do, and so a busy client fills its messages by itself, while one that
/// makes one request after another waits for nothing.
/// <para>
/// Who dies. A call that fails, fails each request in it, and their makers ask again as they would have alone (op-ids). A call that hangs
/// counts as under way only as long as <paramref name="patience"/>: requests behind it go without it then, by a clock of their own and not when another
/// comes, for all makers may be among those that wait. A request nobody took in that time ends with a timeout and is not sent later.
/// </para>
/// </summary>
/// <param name="ask">Asks the master.</param>
/// <param name="time">The clock.</param>
/// <param name="patience">How long a call may take before others go without it: not more than a maker waits before it asks again.</param>
internal sealed class GatheredCalls(Func<INamespaceRequest[], Task<NamespaceAnswer[]>> ask, TimeProvider time, TimeSpan patience)
{
    /// <summary>The most calls that are under way at the same time, but for those that hang.</summary>
    public const int MostCalls = 4;

    /// <summary>The most requests in one call.</summary>
    public const int MostRequests = 64;

    private readonly Lock gate = new();
    private readonly Queue<Waiting> waiting = new();
    private readonly Call?[] calls = new Call?[MostCalls];
    private ITimer? alarm;

    /// <summary>Asks; the answer, or refusal, is that of this request alone.</summary>
    public Task<NamespaceAnswer> AskAsync(INamespaceRequest request)
    {
        var mine = new Waiting(request, time.GetTimestamp());
        Call? call;
        lock (gate)
        {
            waiting.Enqueue(mine);
            call = Next(FreePlace(), mine.Since);
        }

        if (call is not null) _ = RunAsync(call);
        return mine.Answer.Task;
    }

    // One at most, and only while something waits: it goes off when the first of the calls has hung too long.
    private void SetAlarm()
    {
        if (alarm is not null || waiting.Count == 0) return;
        var since = calls.Min(call => call!.Since);
        var left = patience - time.GetElapsedTime(since);
        if (left < TimeSpan.Zero) left = TimeSpan.Zero;
        alarm = time.CreateTimer(static own => ((GatheredCalls)own!).GoWithoutHungCall(), this, left, Timeout.InfiniteTimeSpan);
    }

    private void GoWithoutHungCall()
    {
        Call? call;
        lock (gate)
        {
            alarm!.Dispose();
            alarm = null;
            call = Next(FreePlace(), time.GetTimestamp());
        }

        if (call is not null) _ = RunAsync(call);
    }

    private int FreePlace() => Array.FindIndex(calls, call => call is null || time.GetElapsedTime(call.Since) >= patience);

    // The call that goes next in a place, with all that waits and fits; null when nothing waits or there is no place.
    private Call? Next(int place, long now)
    {
        if (place < 0)
        {
            SetAlarm();
            return null;
        }

        List<Waiting> requests = new(Math.Min(waiting.Count, MostRequests));
        while (requests.Count < MostRequests && waiting.TryDequeue(out var one))
        {
            if (time.GetElapsedTime(one.Since, now) < patience) requests.Add(one);
            else one.Answer.TrySetException(new TimeoutException("calls before it hang"));
        }

        calls[place] = requests.Count == 0 ? null : new(place, requests, now);
        SetAlarm();
        return calls[place];
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

    private sealed record Waiting(INamespaceRequest Request, long Since)
    {
        public TaskCompletionSource<NamespaceAnswer> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed record Call(int Place, List<Waiting> Requests, long Since);
}
