namespace Gofs.Internal;

/// <summary>
/// Work that many want at once and that is done once for all of them: who comes while it runs waits for that run. It runs on a thread of the pool and
/// belongs to nobody who waits, so that whoever began it may go.
/// </summary>
/// <param name="work">What is done.</param>
/// <param name="pool">Where; null: the pool.</param>
internal sealed class OneForAll(Func<Task> work, TaskScheduler? pool = null)
{
    private readonly Lock gate = new();
    private Task? running;

    /// <summary>The run that is under way, else a new one.</summary>
    public Task RunAsync()
    {
        lock (gate)
        {
            if (running is null or { IsCompleted: true }) running = (pool ?? TaskScheduler.Default).RunAsync(work);
            return running;
        }
    }
}
