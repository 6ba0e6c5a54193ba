using Gofs.ChunkServers;
using Gofs.Grains.Chunks;
using Xunit;

namespace Gofs.Tests.Chunks;

public sealed class AwaitedReportsTests
{
    private static readonly ServerId A = new("a");
    private static readonly ServerId B = new("b");
    private readonly AwaitedReports awaited = new();

    [Fact]
    public void ServerThatHangs_KeepsNobodyFromAskingTheOthers()
    {
        Assert.Equal([A], awaited.TakeToAsk([Server(A)]));
        Assert.Equal([B], awaited.TakeToAsk([Server(A), Server(B)]));
        awaited.Failed(B);
        Assert.Equal([B], awaited.TakeToAsk([Server(A), Server(B)]));
        awaited.Reported(B);
        Assert.Empty(awaited.TakeToAsk([Server(A), Server(B)]));
        Assert.False(awaited.IsComplete, "the one that hangs may have what is looked for");
        awaited.Reported(A);
        Assert.True(awaited.IsComplete);
    }

    [Fact]
    public void WhoWaits_GoesOn_WithEveryWord()
    {
        Assert.False(awaited.IsComplete, "nobody was asked yet");
        awaited.TakeToAsk([Server(A), Server(B)]);
        foreach (var word in (Action[])[() => awaited.Heard(A, hasMore: true), () => awaited.Failed(A), () => awaited.Reported(B)])
        {
            var next = awaited.Next;
            Assert.False(next.IsCompleted);
            word();
            Assert.True(next.IsCompleted);
        }
    }

    [Fact]
    public void WithoutServers_ThereIsNothingToWaitFor()
    {
        var next = awaited.Next;
        Assert.Empty(awaited.TakeToAsk([Server(A) with { Live = false }]));
        Assert.True(awaited.IsComplete);
        Assert.True(next.IsCompleted);
    }

    [Fact]
    public void ServerThatWasAway_IsAskedAgain()
    {
        awaited.TakeToAsk([Server(A)]);
        awaited.Reported(A);
        Assert.Empty(awaited.TakeToAsk([Server(A)]));
        awaited.TakeToAsk([Server(A) with { Live = false }]);
        Assert.Equal([A], awaited.TakeToAsk([Server(A)]));
    }

    [Fact]
    public void ServerMayHoldMore_UntilItHasToldAll_AndAgainWhileItTellsAnew()
    {
        awaited.TakeToAsk([Server(A)]);
        Assert.True(awaited.MayHoldMore(A));
        awaited.Heard(A, hasMore: true);
        awaited.Heard(A, hasMore: false);
        awaited.Reported(A);
        Assert.False(awaited.MayHoldMore(A));
        awaited.Heard(A, hasMore: true);
        Assert.True(awaited.MayHoldMore(A), "what it held was forgotten when it began to tell it anew");
        awaited.TakeToAsk([Server(A) with { Live = false }]);
        Assert.True(awaited.MayHoldMore(A), "it fell silent in the middle");
        awaited.Heard(A, hasMore: false);
        Assert.False(awaited.MayHoldMore(A));
        awaited.Lost(A);
        Assert.True(awaited.MayHoldMore(A), "what it said was not kept");
    }

    [Fact]
    public void ServerWithADiskOutOfService_HasNotToldAll()
    {
        awaited.TakeToAsk([Server(A)]);
        awaited.Heard(A, hasMore: false);
        Assert.False(awaited.HasToldAll(A), "it is still asked");
        awaited.Reported(A);
        Assert.True(awaited.HasToldAll(A));
        awaited.Heard(A, hasMore: false, lacksADisk: true);
        Assert.False(awaited.HasToldAll(A), "what was on the disk is gone for now only");
        awaited.Heard(A, hasMore: false);
        Assert.True(awaited.HasToldAll(A), "it has its disk back, or does without");
    }

    private static ChunkServerInfo Server(ServerId id) => new(id, [], [], default, Live: true);
}
