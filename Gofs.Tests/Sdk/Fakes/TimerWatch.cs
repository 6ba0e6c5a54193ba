using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;

namespace Gofs.Tests.Sdk.Fakes;

/// <summary>A clock that moves when it is told to, and says which timers were set.</summary>
internal sealed class TimerWatch : FakeTimeProvider
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly Channel<TimeSpan> timers = Channel.CreateUnbounded<TimeSpan>();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        if (dueTime != Timeout.InfiniteTimeSpan) timers.Writer.TryWrite(dueTime);
        return timer;
    }

    /// <summary>How long the next timer waits, once it is set; null when <paramref name="running"/> has ended first.</summary>
    public async Task<TimeSpan?> NextTimerAsync(Task running)
    {
        var more = timers.Reader.WaitToReadAsync().AsTask();
        await Task.WhenAny(more, running).WaitAsync(Patience);
        return timers.Reader.TryRead(out var due) ? due : null;
    }

    /// <summary>Lets the time of every timer pass until a task has ended; answers how long each waited.</summary>
    public async Task<List<TimeSpan>> PassUntilEndAsync(Task running)
    {
        List<TimeSpan> waits = [];
        while (await NextTimerAsync(running) is { } due)
        {
            waits.Add(due);
            Advance(due);
        }

        return waits;
    }
}
