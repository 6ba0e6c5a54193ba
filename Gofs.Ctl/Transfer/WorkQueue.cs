using System.Runtime.ExceptionServices;
using System.Threading.Channels;

namespace Gofs.Ctl.Transfer;

/// <summary>
/// One walker that finds work and several workers that do it, with a bounded queue between. A failure that comes out of either ends all:
/// nobody waits for a place in a queue that nobody empties.
/// </summary>
internal sealed class WorkQueue<T> : IDisposable
{
    private const int Places = 1024;
    private readonly Channel<T> queue = Channel.CreateBounded<T>(Places);
    private readonly CancellationTokenSource stop;
    private readonly CancellationToken outer;
    private ExceptionDispatchInfo? first;

    /// <summary>Ends with <paramref name="cancellation"/>.</summary>
    public WorkQueue(CancellationToken cancellation)
    {
        outer = cancellation;
        stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
    }

    /// <summary>For every call that walker and workers make.</summary>
    public CancellationToken Cancellation => stop.Token;

    /// <summary>Hands work over; waits while the queue is full.</summary>
    public ValueTask AddAsync(T work) => queue.Writer.WriteAsync(work, stop.Token);

    /// <summary>Runs until all is done, or throws the first failure.</summary>
    public async Task RunAsync(int atOnce, Func<Task> walk, Func<T, Task> work)
    {
        var workers = Enumerable.Range(0, atOnce).Select(_ => Task.Run(() => GuardAsync(async () =>
        {
            await foreach (var one in queue.Reader.ReadAllAsync(stop.Token)) await work(one);
        }))).ToArray();
        await GuardAsync(walk);
        queue.Writer.Complete();
        await Task.WhenAll(workers);
        outer.ThrowIfCancellationRequested();
        first?.Throw();
    }

    /// <inheritdoc/>
    public void Dispose() => stop.Dispose();

    private async Task GuardAsync(Func<Task> action)
    {
        try
        {
            await action();
        }
        catch (Exception failed)
        {
            Interlocked.CompareExchange(ref first, ExceptionDispatchInfo.Capture(failed), null);
            await stop.CancelAsync();
        }
    }
}
