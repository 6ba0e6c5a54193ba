using System.Globalization;

namespace Gofs.Tests.Simulation;

/// <summary>
/// A run of the simulation: a clock that only moves when the world lets it, work that waits its turn, and a seed that says whose turn it is. Nothing here
/// depends on the machine, its clock or its threads, so one seed is one run, to the byte.
/// <para>
/// How. Code under test runs on lanes (<see cref="SimLane"/>), each a task scheduler: what it awaits comes back to its lane. In each step the world takes one
/// piece of work from one of the lanes that have some, or, when none has, moves the clock to the next timer. Work that blocks (the
/// EditLog's writer, Snapshots) has a thread, but only one thread goes at a time: see <see cref="SimThread"/>. Work that escapes (the thread pool, the
/// machine's clock) would come back to a lane from a thread whose turn it is not: that ends the run.
/// </para>
/// </summary>
internal sealed class SimWorld(int seed)
{
    private const long MostStepsAtOnce = 50_000;
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly PriorityQueue<SimTimer, (long At, long Order)> timers = new();
    private readonly List<SimLane> lanes = [];
    private readonly List<SimThread> blocked = [];
    private readonly List<object> ready = [];
    private readonly List<string> trace = [];
    private long order;
    private int turn;
    private string? wrong;
    private long movedAt;
    private long movedAtStep;

    /// <summary>What decides.</summary>
    public Random Random { get; } = new(seed);

    /// <summary>How long it has run, in ticks of 100 ns.</summary>
    public long Now { get; private set; }

    /// <summary>How many pieces of work it did.</summary>
    public long Steps { get; private set; }

    /// <summary>In so many of 1,000 steps the next timer does not wait for work that could be done first.</summary>
    public int Hurry { get; set; }

    /// <summary>Looks at everything after each step; throws when something is wrong.</summary>
    public Action? AfterStep { get; set; }

    /// <summary>What happened, a line each.</summary>
    public IReadOnlyList<string> Trace => trace;

    /// <summary>The thread whose turn it is.</summary>
    internal SimThread? Current { get; set; }

    /// <summary>Where a thread says that its turn is over.</summary>
    internal SimBaton Back { get; } = new();

    /// <summary>The time as a clock that is right shows it.</summary>
    public DateTimeOffset UtcNow => Start.AddTicks(Now);

    /// <summary>True as often as so many in 1,000.</summary>
    public bool Chance(int perMille) => Random.Next(1000) < perMille;

    /// <summary>Some time up to so many milliseconds.</summary>
    public TimeSpan UpTo(double milliseconds) => TimeSpan.FromTicks((long)(Random.NextDouble() * milliseconds * TimeSpan.TicksPerMillisecond));

    /// <summary>One of several.</summary>
    public T One<T>(IReadOnlyList<T> of) => of[Random.Next(of.Count)];

    /// <summary>Writes down what happens.</summary>
    public void Note(string who, string what)
    {
        CheckTurn();
        trace.Add(string.Create(CultureInfo.InvariantCulture, $"{Now / (double)TimeSpan.TicksPerSecond,11:0.000000} {who,-8} {what}"));
    }

    /// <summary>Something is wrong; the run ends with the next step.</summary>
    public void Wrong(string what) => wrong ??= what;

    /// <summary>Goes on until something is so; what takes longer is wrong.</summary>
    public void RunUntil(Func<bool> done, TimeSpan atMost, string what)
    {
        var end = Now + atMost.Ticks;
        while (!done())
        {
            if (Now > end) throw new SimFailure($"{what}: not within {atMost.TotalSeconds} s");
            if (!Step()) throw new SimFailure($"{what}: nothing is left to do, and it is not so");
        }
    }

    /// <summary>Does something later.</summary>
    public void After(TimeSpan wait, Action what) => Add(new SimTimer(this, null, what, wait, Timeout.InfiniteTimeSpan));

    /// <summary>Ends everything, so that no thread stays.</summary>
    public void End()
    {
        foreach (var lane in lanes) lane.Process.Kill();
        while (blocked.Count > 0) Resume(blocked[0]);
    }

    /// <summary>Whether it is this thread's turn; else work has escaped, and the run is not one of the seed any more.</summary>
    internal void CheckTurn()
    {
        if (Environment.CurrentManagedThreadId == Volatile.Read(ref turn) || turn == 0) return;
        Wrong($"work escaped from the simulation: {Environment.StackTrace}");
    }

    /// <summary>From now on it is the calling thread's turn.</summary>
    internal void TakeTurn() => Volatile.Write(ref turn, Environment.CurrentManagedThreadId);

    internal void Add(SimLane lane) => lanes.Add(lane);

    internal void Add(SimTimer timer)
    {
        CheckTurn();
        timers.Enqueue(timer, (timer.DueAt, order++));
    }

    internal void Block(SimThread thread) => blocked.Add(thread);

    internal void Resume(SimThread thread)
    {
        blocked.Remove(thread);
        thread.Resume();
        TakeTurn();
    }

    private bool Step()
    {
        TakeTurn();
        FindReady();
        if (ready.Count == 0 || Chance(Hurry))
        {
            if (!FireNext() && ready.Count == 0) return false;
        }
        else
        {
            switch (ready[Random.Next(ready.Count)])
            {
                case SimLane lane: lane.RunOne(); break;
                case SimThread thread: Resume(thread); break;
            }
        }

        Steps++;
        if (Now > movedAt) (movedAt, movedAtStep) = (Now, Steps);
        else if (Steps - movedAtStep > MostStepsAtOnce) throw new SimFailure($"{MostStepsAtOnce} steps and no end, while the clock stands");
        if (wrong is not null) throw new SimFailure(wrong);
        AfterStep?.Invoke();
        return true;
    }

    private void FindReady()
    {
        ready.Clear();
        lanes.RemoveAll(static lane => lane.Process.IsDead);
        foreach (var lane in lanes)
        {
            if (lane.IsReady) ready.Add(lane);
        }

        foreach (var thread in blocked)
        {
            if (thread.IsReady) ready.Add(thread);
        }
    }

    private bool FireNext()
    {
        while (timers.TryDequeue(out var timer, out var at))
        {
            if (timer.DueAt != at.At || timer.IsOver) continue;
            Now = Math.Max(Now, at.At);
            timer.Fire();
            return true;
        }

        return false;
    }
}

/// <summary>The simulation found something that must not be.</summary>
internal sealed class SimFailure(string what) : Exception(what);
