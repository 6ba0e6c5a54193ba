namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>Where the chunk store's work runs: the second seam of a simulation, which runs it all on one thread in an order it chooses.</summary>
internal interface IDiskThreads
{
    /// <summary>How an operation leaves its caller's thread, since what follows may block for a disk: awaiting a completed task with this.</summary>
    ConfigureAwaitOptions Leave { get; }

    /// <summary>How what many wait for is made, so that who completes it does not run those who waited.</summary>
    TaskCreationOptions Completion { get; }

    /// <summary>Starts something that works in steps.</summary>
    /// <param name="name">For people who look at threads.</param>
    /// <param name="step">Does one step; answers whether there may be more to do at once. Never throws.</param>
    IDiskWorker Start(string name, Func<bool> step);
}

/// <summary>Something that works when there is something to do; disposed of, it ends when what there is to do is done.</summary>
internal interface IDiskWorker : IDisposable
{
    /// <summary>There is something to do.</summary>
    void Wake();
}

/// <summary>The pool's threads for callers; a thread of its own for each worker, because it waits for the disk most of the time.</summary>
internal sealed class DiskThreads : IDiskThreads
{
    /// <summary>The one there is.</summary>
    public static DiskThreads Instance { get; } = new();

    /// <inheritdoc/>
    public ConfigureAwaitOptions Leave => ConfigureAwaitOptions.ForceYielding;

    /// <inheritdoc/>
    public TaskCreationOptions Completion => TaskCreationOptions.RunContinuationsAsynchronously;

    /// <inheritdoc/>
    public IDiskWorker Start(string name, Func<bool> step) => new Worker(name, step);

    private sealed class Worker : IDiskWorker
    {
        private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(30);
        private readonly object gate = new();
        private readonly Func<bool> step;
        private readonly Thread thread;
        private bool woken;
        private bool ending;

        public Worker(string name, Func<bool> step)
        {
            this.step = step;
            thread = new Thread(Run) { Name = name, IsBackground = true };
            thread.Start();
        }

        public void Wake()
        {
            lock (gate)
            {
                if (woken) return;
                woken = true;
                Monitor.Pulse(gate);
            }
        }

        // A disk that does not answer must not keep the process from ending: the thread is a background one.
        public void Dispose()
        {
            lock (gate)
            {
                ending = true;
                Monitor.Pulse(gate);
            }

            if (Thread.CurrentThread != thread) thread.Join(LongestEnd);
        }

        private void Run()
        {
            while (true)
            {
                lock (gate)
                {
                    while (!woken && !ending) Monitor.Wait(gate);
                    if (!woken) return;
                    woken = false;
                }

                while (step())
                {
                }
            }
        }
    }
}
