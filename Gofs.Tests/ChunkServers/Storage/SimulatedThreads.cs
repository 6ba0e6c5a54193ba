using Gofs.Silo.ChunkServer.Storage;

namespace Gofs.Tests.ChunkServers.Storage;

/// <summary>All the store's work on one thread, in an order the seed chooses: who awaits goes on when chosen, a worker takes a step when chosen.</summary>
internal sealed class SimulatedThreads(int seed) : IDiskThreads
{
    private const int MostSteps = 1_000_000;
    private readonly Random random = new(seed);
    private readonly List<(SendOrPostCallback Callback, object? State)> posted = [];
    private readonly List<Worker> workers = [];

    public ConfigureAwaitOptions Leave => ConfigureAwaitOptions.ContinueOnCapturedContext;

    public TaskCreationOptions Completion => TaskCreationOptions.None;

    public IDiskWorker Start(string name, Func<bool> step)
    {
        var worker = new Worker(this, step);
        workers.Add(worker);
        return worker;
    }

    /// <summary>Runs until the task ends; a task that waits for nothing that could happen fails the test.</summary>
    public T Run<T>(Func<Task<T>> start)
    {
        var before = SynchronizationContext.Current;
        try
        {
            Task<T>? task = null;
            Posted(_ => task = start(), null);
            for (var step = 0; task is null || !task.IsCompleted; step++)
            {
                if (step > MostSteps || !Step()) throw new InvalidOperationException("everybody waits");
            }

            return task.GetAwaiter().GetResult();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    public void Run(Func<Task> start) => Run(async () =>
    {
        await start();
        return true;
    });

    /// <summary>Runs until nobody has anything to do.</summary>
    public void Settle()
    {
        var before = SynchronizationContext.Current;
        while (Step())
        {
        }

        SynchronizationContext.SetSynchronizationContext(before);
    }

    private bool Step()
    {
        var awake = workers.FindAll(worker => worker.IsAwake);
        if (posted.Count + awake.Count == 0) return false;
        var chosen = random.Next(posted.Count + awake.Count);
        // A context of its own for each step: what is awaited in another step is never continued inside this one.
        SynchronizationContext.SetSynchronizationContext(new Context(this));
        if (chosen < posted.Count)
        {
            var (callback, state) = posted[chosen];
            posted.RemoveAt(chosen);
            callback(state);
        }
        else
        {
            awake[chosen - posted.Count].Step();
        }

        return true;
    }

    private void Posted(SendOrPostCallback callback, object? state) => posted.Add((callback, state));

    private sealed class Context(SimulatedThreads threads) : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) => threads.Posted(d, state);
    }

    private sealed class Worker(SimulatedThreads threads, Func<bool> step) : IDiskWorker
    {
        public bool IsAwake { get; private set; }

        public void Wake() => IsAwake = true;

        public void Step() => IsAwake = step();

        public void Dispose()
        {
            while (IsAwake) Step();
            threads.workers.Remove(this);
        }
    }
}
