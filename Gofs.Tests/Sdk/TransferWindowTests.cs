using Gofs.Internal;
using Xunit;

namespace Gofs.Tests.Sdk;

public sealed class TransferWindowTests
{
    private readonly TransferWindow window = new(3);

    [Fact]
    public async Task MoreThanTheLimit_Waits()
    {
        var ends = Fill();
        var room = window.MakeRoomAsync(300, 400, CancellationToken.None).AsTask();
        Assert.False(room.IsCompleted);
        ends[1].SetResult(null);
        await room;
    }

    [Fact]
    public async Task WriteOfTheSameBytes_WaitsForTheEarlierOne()
    {
        var first = new TaskCompletionSource<GofsException?>();
        window.Add(0, 100, first.Task);
        Assert.True(window.MakeRoomAsync(100, 200, CancellationToken.None).IsCompleted, "the next bytes need not wait");
        var same = window.MakeRoomAsync(99, 150, CancellationToken.None).AsTask();
        Assert.False(same.IsCompleted);
        first.SetResult(null);
        await same;
    }

    [Fact]
    public async Task FirstFailure_Stays()
    {
        var ends = Fill();
        var failure = new GofsException(GofsError.DiskFailed, "first");
        ends[0].SetResult(failure);
        ends[1].SetResult(new GofsException(GofsError.NoSpace, "second"));
        ends[2].SetResult(null);
        Assert.Same(failure, await Assert.ThrowsAsync<GofsException>(() => window.DrainAsync(CancellationToken.None).AsTask()));
        Assert.Same(failure, await Assert.ThrowsAsync<GofsException>(() => window.MakeRoomAsync(0, 1, CancellationToken.None).AsTask()));
        Assert.Same(failure, window.Fault);
    }

    [Fact]
    public async Task Draining_WaitsForAll_AndCanBeCancelled()
    {
        var ends = Fill();
        using var cancel = new CancellationTokenSource();
        var draining = window.DrainAsync(cancel.Token).AsTask();
        ends[0].SetResult(null);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => draining);
        var again = window.DrainAsync(CancellationToken.None).AsTask();
        ends[1].SetResult(null);
        Assert.False(again.IsCompleted);
        ends[2].SetResult(null);
        await again;
    }

    private TaskCompletionSource<GofsException?>[] Fill()
    {
        var ends = Enumerable.Range(0, 3).Select(_ => new TaskCompletionSource<GofsException?>()).ToArray();
        for (var i = 0; i < ends.Length; i++)
        {
            Assert.True(window.MakeRoomAsync(i * 100, (i + 1) * 100, CancellationToken.None).IsCompleted);
            window.Add(i * 100, (i + 1) * 100, ends[i].Task);
        }

        return ends;
    }
}
