using Gofs.Ctl.Transfer;
using Xunit;

namespace Gofs.Tests.Ctl;

public sealed class WorkQueueTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Work_IsAllDone()
    {
        using var queue = new WorkQueue<int>(TestContext.Current.CancellationToken);
        var sum = 0;
        await queue.RunAsync(4, async () =>
        {
            for (var i = 1; i <= 5000; i++) await queue.AddAsync(i);
        }, one =>
        {
            Interlocked.Add(ref sum, one);
            return Task.CompletedTask;
        }).WaitAsync(Limit, TestContext.Current.CancellationToken);
        Assert.Equal(5000 * 5001 / 2, sum);
    }

    [Fact]
    public async Task FailingWorkers_DoNotLeaveTheWalkerWaiting()
    {
        using var queue = new WorkQueue<int>(TestContext.Current.CancellationToken);
        var run = queue.RunAsync(4, async () =>
        {
            while (true) await queue.AddAsync(1);
        }, _ => throw new GofsException(GofsError.SiloUnreachable, "gone"));
        var failed = await Assert.ThrowsAsync<GofsException>(() => run.WaitAsync(Limit, TestContext.Current.CancellationToken));
        Assert.Equal(GofsError.SiloUnreachable, failed.Error);
    }

    [Fact]
    public async Task FailingWalker_EndsTheWorkers()
    {
        using var queue = new WorkQueue<int>(TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<GofsException>(() => queue.RunAsync(
            4, () => throw new GofsException(GofsError.NotFound, "no"), _ => Task.CompletedTask).WaitAsync(Limit, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Cancellation_EndsBoth()
    {
        using var stop = new CancellationTokenSource();
        using var queue = new WorkQueue<int>(stop.Token);
        var run = queue.RunAsync(2, async () =>
        {
            await stop.CancelAsync();
            await Task.Delay(Timeout.Infinite, queue.Cancellation);
        }, _ => Task.CompletedTask);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run.WaitAsync(Limit, TestContext.Current.CancellationToken));
    }
}
