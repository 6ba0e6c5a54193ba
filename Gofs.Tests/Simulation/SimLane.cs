namespace Gofs.Tests.Simulation;

/// <summary>How the work of a lane is taken.</summary>
internal enum LaneKind
{
    /// <summary>One piece after the other, in order, and none of it blocks: a grain's turns, a client.</summary>
    Turns,

    /// <summary>One piece after the other, in order; each may block.</summary>
    Thread,

    /// <summary>Any piece next, several at once; each may block: the thread pool.</summary>
    Pool,
}

/// <summary>Work of one process that waits its turn: a task scheduler, to which what its work awaits comes back.</summary>
internal sealed class SimLane : TaskScheduler
{
    private readonly List<Task> waiting = [];
    private readonly LaneKind kind;
    private int running;

    public SimLane(SimProcess process, LaneKind kind)
    {
        (Process, this.kind) = (process, kind);
        process.World.Add(this);
    }

    public SimProcess Process { get; }

    public bool IsReady => waiting.Count > 0 && Process.Runs && (running == 0 || kind == LaneKind.Pool);

    /// <summary>Begins something here.</summary>
    public Task Do(Func<Task> work) => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.DenyChildAttach, this).Unwrap();

    /// <summary>Begins something here.</summary>
    public Task<T> Do<T>(Func<Task<T>> work) => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.DenyChildAttach, this).Unwrap();

    /// <summary>Does something here.</summary>
    public Task Do(Action work) => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.DenyChildAttach, this);

    /// <summary>Takes one piece.</summary>
    public void RunOne()
    {
        var next = kind == LaneKind.Pool ? Process.World.Random.Next(waiting.Count) : 0;
        var task = waiting[next];
        waiting.RemoveAt(next);
        if (kind == LaneKind.Turns)
        {
            TryExecuteTask(task);
            return;
        }

        running++;
        SimThread.Run(Process, () =>
        {
            TryExecuteTask(task);
            running--;
        });
    }

    /// <inheritdoc/>
    protected override void QueueTask(Task task)
    {
        Process.World.CheckTurn();
        if (!Process.IsDead) waiting.Add(task);
    }

    /// <inheritdoc/>
    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    /// <inheritdoc/>
    protected override IEnumerable<Task> GetScheduledTasks() => waiting;
}
