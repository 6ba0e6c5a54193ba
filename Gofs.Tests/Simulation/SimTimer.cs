namespace Gofs.Tests.Simulation;

/// <summary>
/// A timer of the world, or of a process: then it does not fire while that stands still, and not any more when it is dead.
/// </summary>
internal sealed class SimTimer : ITimer
{
    private readonly SimWorld world;
    private readonly SimProcess? process;
    private readonly Action what;
    private TimeSpan every;

    public SimTimer(SimWorld world, SimProcess? process, Action what, TimeSpan due, TimeSpan period)
    {
        (this.world, this.process, this.what, every) = (world, process, what, period);
        DueAt = due == Timeout.InfiniteTimeSpan ? -1 : world.Now + due.Ticks;
    }

    /// <summary>When it fires next; -1: never.</summary>
    public long DueAt { get; private set; }

    /// <summary>Whether it never fires any more.</summary>
    public bool IsOver => DueAt < 0 || process is { IsDead: true };

    /// <summary>It is time.</summary>
    public void Fire()
    {
        if (process is { IsPaused: true })
        {
            process.Defer(this);
            return;
        }

        DueAt = -1;
        if (every > TimeSpan.Zero) Change(every, every);
        what();
    }

    /// <summary>Its process goes on; what it missed comes now.</summary>
    public void GoOn()
    {
        if (IsOver) return;
        DueAt = world.Now;
        world.Add(this);
    }

    /// <inheritdoc/>
    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        every = period;
        DueAt = dueTime == Timeout.InfiniteTimeSpan ? -1 : world.Now + dueTime.Ticks;
        if (DueAt >= 0) world.Add(this);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => DueAt = -1;

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }
}
