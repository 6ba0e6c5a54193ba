using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Internal;
using Gofs.Tests.Sdk.Fakes;
using Gofs.Transport;
using Xunit;

namespace Gofs.Tests.Sdk;

/// <summary>Reads that take long are asked of another replica too.</summary>
public sealed class HedgedReadsTests
{
    private static readonly ServerId First = new("first");
    private static readonly ServerId Other = new("other");
    private static readonly ChunkAccess Chunk = new(ChunkHandle.Create(1, 0, 2), ChunkVersion.First, default);
    private readonly FakeTransport transport = new();
    private readonly CountingPool pool = new();
    private readonly Suspects slow = new(TimeProvider.System);
    private readonly byte[] buffer = new byte[100];
    private readonly HedgedReads reads;

    public HedgedReadsTests() => reads = new(transport, slow, pool);

    [Fact]
    public async Task QuickRead_IsAskedOnce()
    {
        var read = ReadAsync();
        transport.Reads[0].Give();
        Assert.Equal(100, await read);
        Assert.Single(transport.Reads);
        IsRight();
    }

    [Fact]
    public async Task SlowRead_IsAskedOfTheOther_WhoseAnswerCounts_AndTheFirstIsAskedLastForAWhile()
    {
        var read = ReadAsync();
        await SlowAsync();
        transport.Reads[1].Give(60);
        transport.Reads[0].Cancel();
        Assert.Equal(60, await read);
        Assert.Equal((First, Other), (transport.Reads[0].Server, transport.Reads[1].Server));
        Assert.True(transport.Reads[0].Token.IsCancellationRequested);
        Assert.True(slow.Contains(First));
        for (var i = 0; i < 60; i++) Assert.Equal(FakeTransport.ByteAt(2, 50 + i), buffer[i]);
        Assert.Equal(0, pool.Out);
    }

    [Fact]
    public async Task SlowRead_ThatIsStillFirst_Counts_AndTheOthersBytesGoNowhere()
    {
        var read = ReadAsync();
        await SlowAsync();
        transport.Reads[0].Give();
        Assert.Equal(100, await read);
        Assert.False(slow.Contains(First));
        Assert.Equal(1, pool.Out);
        transport.Reads[1].Fail(GofsError.Corrupt);
        IsRight();
        Assert.Equal(0, pool.Out);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task OneFails_TheOtherIsWaitedFor(int fails)
    {
        var read = ReadAsync();
        await SlowAsync();
        transport.Reads[fails].Fail(GofsError.Corrupt);
        Assert.False(read.IsCompleted);
        transport.Reads[1 - fails].Give();
        Assert.Equal(100, await read);
        IsRight();
    }

    [Fact]
    public async Task BothFail_TheFailureIsTold()
    {
        var read = ReadAsync();
        await SlowAsync();
        transport.Reads[0].Fail(GofsError.Timeout);
        transport.Reads[1].Fail(GofsError.Corrupt);
        Assert.Equal(GofsError.Corrupt, (await Assert.ThrowsAsync<GofsException>(() => read)).Error);
    }

    [Fact]
    public async Task WhenAllReadsAreSlow_OneInTwentyIsAskedTwice()
    {
        const int Reads = 1000;
        var under = new List<Task<int>>();
        for (var i = 0; i < Reads; i++)
        {
            under.Add(ReadAsync());
            await transport.Reads[^1].LookAsync(); // the last is this one: it is asked twice at most
        }

        Assert.InRange(transport.Reads.Count, Reads + (Reads / 20), Reads + (Reads / 20) + 10);
        foreach (var read in transport.Reads) read.Fail(GofsError.Timeout);
        foreach (var read in under) await Assert.ThrowsAsync<GofsException>(() => read);
    }

    private Task<int> ReadAsync() => reads.ReadAsync(First, Other, Chunk, 50, buffer, CancellationToken.None);

    private async Task SlowAsync()
    {
        await transport.Reads[0].LookAsync();
        Assert.Equal(2, transport.Reads.Count);
    }

    private void IsRight()
    {
        for (var i = 0; i < buffer.Length; i++) Assert.Equal(FakeTransport.ByteAt(2, 50 + i), buffer[i]);
    }
}
