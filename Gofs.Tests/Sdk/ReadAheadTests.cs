using Gofs.Internal;
using Gofs.Tests.Sdk.Fakes;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gofs.Tests.Sdk;

public sealed class ReadAheadTests
{
    private const int Transfer = 64 << 10;
    private const int InFlight = 3;
    private readonly FakeTransport transport = new();
    private readonly CountingPool pool = new();
    private readonly FakeFile file = new();

    [Fact]
    public async Task AtMostSoManyTransfers_AreOnTheWay_AndBytesComeInOrder()
    {
        using var ahead = await StartAsync();
        Assert.Equal(InFlight, transport.Reads.Count);
        transport.Reads[2].Give();
        transport.Reads[1].Give();
        var buffer = new byte[Transfer];
        var first = ahead.ReadAsync(buffer, CancellationToken.None).AsTask();
        Assert.False(first.IsCompleted, "the first transfer is not there yet");
        transport.OnRead = read => read.Give();
        transport.Reads[0].Give();
        long position = 0;
        for (var count = await first; count > 0; count = await ahead.ReadAsync(buffer, CancellationToken.None))
        {
            for (var i = 0; i < count; i++) Assert.Equal(ByteAt(position + i), buffer[i]);
            position += count;
            Assert.True(pool.Out <= InFlight, $"{pool.Out} buffers are out");
        }

        Assert.Equal(file.LengthBytes, position);
        Assert.Equal(0, pool.Out);
    }

    [Fact]
    public async Task ReadingAcrossTransfers_DoesNotWaitForWhatIsNotThere()
    {
        using var ahead = await StartAsync();
        transport.Reads[0].Give();
        var buffer = new byte[3 * Transfer];
        Assert.Equal(Transfer, await ahead.ReadAsync(buffer, CancellationToken.None));
        Assert.True(ahead.StandsAt(Transfer));
        Assert.Equal(InFlight + 1, transport.Reads.Count);
        transport.Reads[1].Give();
        transport.Reads[2].Give();
        Assert.Equal(2 * Transfer, await ahead.ReadAsync(buffer, CancellationToken.None));
    }

    [Fact]
    public async Task LettingGo_ReturnsEachBuffer_OnceItsTransferHasEnded()
    {
        using var ahead = await StartAsync();
        ahead.LetGo();
        Assert.Equal(InFlight, pool.Out);
        Assert.All(transport.Reads, read => Assert.True(read.Token.IsCancellationRequested));
        transport.Reads[0].Give();
        transport.Reads[1].Cancel();
        transport.Reads[2].Fail(GofsError.DiskFailed);
        Assert.Equal(0, pool.Out);
        Assert.False(ahead.StandsAt(0));
    }

    [Fact]
    public async Task Failure_IsTold_AndEndsTheReadingAhead()
    {
        using var ahead = await StartAsync();
        transport.Reads[0].Fail(GofsError.DiskFailed);
        var failure = await Assert.ThrowsAsync<GofsException>(() => ahead.ReadAsync(new byte[10], CancellationToken.None).AsTask());
        Assert.Equal((GofsError.DiskFailed, "/f"), (failure.Error, failure.Path));
        transport.Reads[1].Cancel();
        transport.Reads[2].Cancel();
        Assert.Equal(0, pool.Out);
        Assert.Equal(InFlight, transport.Reads.Count);
    }

    [Fact]
    public async Task CancelledCopy_ReturnsBuffers()
    {
        using var cancel = new CancellationTokenSource();
        var ahead = await StartAsync();
        transport.Reads[0].Give();
        var copied = new MemoryStream();
        var copying = ahead.CopyToAsync(copied, null, cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => copying);
        ahead.Dispose();
        Assert.Equal(Transfer, copied.Length);
        foreach (var read in transport.Reads.Where(read => !read.Ended.IsCompleted)) read.Cancel();
        Assert.Equal(0, pool.Out);
    }

    [Fact]
    public async Task StartingElsewhere_ReadsFromThere()
    {
        using var ahead = await StartAsync();
        ahead.StartAt((9 * Transfer) + 5);
        var last = Assert.Single(transport.Reads.Skip(InFlight));
        last.Give();
        var buffer = new byte[Transfer];
        Assert.Equal(Transfer - 5, await ahead.ReadAsync(buffer, CancellationToken.None));
        Assert.Equal(ByteAt((9 * Transfer) + 5), buffer[0]);
        Assert.Equal(0, await ahead.ReadAsync(buffer, CancellationToken.None));
    }

    private async Task<ReadAhead> StartAsync()
    {
        var context = FakeFile.Context(new FakeTimeProvider(), transport, pool, InFlight);
        var planner = new ReadPlanner(context, file.Grain, GofsPath.Parse("/f"));
        await planner.RefreshAsync(0, CancellationToken.None);
        var ahead = new ReadAhead(context, planner);
        ahead.StartAt(0);
        return ahead;
    }

    private static byte ByteAt(long position) => FakeTransport.ByteAt((position / FakeFile.ChunkBytes) + 1, position % FakeFile.ChunkBytes);
}
