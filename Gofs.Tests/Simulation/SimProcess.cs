namespace Gofs.Tests.Simulation;

/// <summary>
/// A process: a silo, a client. It can be killed (nothing of it happens any more) and stand still for a while (as one that is stopped by a signal, or
/// whose machine is: it does not know). It has a clock, which may go too fast or too slow.
/// </summary>
internal sealed class SimProcess(SimWorld world, string name)
{
    private readonly List<SimTimer> deferred = [];

    public string Name => name;

    public SimWorld World => world;

    public bool IsDead { get; private set; }

    public bool IsPaused { get; private set; }

    public bool Runs => !IsDead && !IsPaused;

    /// <summary>The clock; one that is at fault is put in its place before anybody looks at it.</summary>
    public SimClock Clock => field ??= new(this, Rate);

    /// <summary>How far ahead the clock's time of day is.</summary>
    public TimeSpan Ahead { get; init; }

    /// <summary>How fast the clock goes: 1 is right.</summary>
    public double Rate { get; init; } = 1;

    public void Kill() => IsDead = true;

    public void Pause() => IsPaused = true;

    public void Resume()
    {
        IsPaused = false;
        foreach (var timer in deferred) timer.GoOn();
        deferred.Clear();
    }

    /// <summary>A timer's time has come while this stands still.</summary>
    public void Defer(SimTimer timer) => deferred.Add(timer);

    public void Note(string what) => world.Note(name, what);
}

/// <summary>A process' clock: the world's, at its rate.</summary>
internal sealed class SimClock(SimProcess process, double rate) : TimeProvider
{
    private readonly SimWorld world = process.World;

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow()
    {
        world.CheckTurn();
        return world.UtcNow + process.Ahead;
    }

    /// <inheritdoc/>
    public override long GetTimestamp()
    {
        world.CheckTurn();
        return 1 + (long)(world.Now * rate);
    }

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new SimTimer(world, process, () => callback(state), World(dueTime), World(period));
        if (timer.DueAt >= 0) world.Add(timer);
        return timer;
    }

    private TimeSpan World(TimeSpan own) => own <= TimeSpan.Zero ? own : own / rate;
}
