namespace Gofs.Grains.EditLogs;

/// <summary>
/// What runs the EditLog's work that blocks. On a silo: the thread pool, and a thread of its own for the writer. A simulation, where everything
/// takes its turn as a seed says, has its own.
/// </summary>
internal class EditLogThreads
{
    /// <summary>A silo's.</summary>
    public static EditLogThreads Own { get; } = new();

    /// <summary>Where states are loaded, Snapshots made, standbys fed and caught up.</summary>
    public virtual TaskScheduler Pool => TaskScheduler.Default;

    /// <summary>
    /// What the writer calls, under its lock, when there is something for it: whoever gives it has it step (<see cref="EditLogWriter.TryStep"/>). Null:
    /// it has a thread.
    /// </summary>
    public virtual Action? StepsFor(EditLogWriter writer) => null;

    /// <summary>Blocks until the task is done.</summary>
    public virtual T Wait<T>(Task<T> task) => task.GetAwaiter().GetResult();

    /// <summary>Runs work that may block.</summary>
    public Task RunAsync(Func<Task> work, CancellationToken cancellation) =>
        Task.Factory.StartNew(work, cancellation, TaskCreationOptions.DenyChildAttach, Pool).Unwrap();

    /// <summary>Runs work that blocks for long.</summary>
    public Task RunLongAsync(Action work) => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, Pool);

    /// <summary>Runs work that blocks for long.</summary>
    public Task<T> RunLongAsync<T>(Func<T> work) => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, Pool);
}
