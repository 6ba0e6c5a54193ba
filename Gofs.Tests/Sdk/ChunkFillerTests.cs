using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Internal;
using Gofs.Tests.Sdk.Fakes;
using Gofs.Transport;
using Xunit;

namespace Gofs.Tests.Sdk;

/// <summary>What goes together to one chain, and who is told what. The turn comes when the test says so.</summary>
public sealed class ChunkFillerTests
{
    private static readonly ServerId[] Abc = [new("a"), new("b"), new("c")];
    private static readonly ServerId[] Acb = [new("a"), new("c"), new("b")];
    private readonly TimerWatch time = new();
    private readonly FakeFrames frames = new();
    private readonly ChunkFiller filler;
    private TaskCompletionSource turn = new();

    public ChunkFillerTests() => filler = new(frames, TimeSpan.FromSeconds(10), () => turn.Task, time);

    [Fact]
    public async Task ChunkThatIsAlone_IsAWriteLikeAnyOther()
    {
        var filled = FillAsync(Abc, 1);
        turn.SetResult();
        await filled;
        Assert.Equal(["write a,b,c 1"], frames.Sent);
    }

    [Fact]
    public async Task ChunksOfOneTurn_GoTogether_EachChainAndDurabilityApart()
    {
        Task[] filled = [FillAsync(Abc, 1), FillAsync(Acb, 2), FillAsync(Abc, 3), FillAsync(Abc, 4, durable: false), FillAsync(Acb, 5)];
        Assert.Empty(frames.Sent);
        turn.SetResult();
        await Task.WhenAll(filled);
        Assert.Equal(["each a,b,c 1 3", "each a,c,b 2 5", "write a,b,c 4"], frames.Sent.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task ChunkThatIsNotSmall_WaitsForNobody()
    {
        await FillAsync(Abc, 1, bytes: ChunkFiller.MostBytes + 1);
        Assert.Equal(["write a,b,c 1"], frames.Sent);
    }

    [Fact]
    public async Task NoMoreGoTogetherThanAFrameHas()
    {
        Task[] filled = [.. Enumerable.Range(1, ChunkFiller.MostTogether + 2).Select(i => FillAsync(Abc, i, ChunkFiller.MostBytes))];
        turn.SetResult();
        await Task.WhenAll(filled);
        Assert.Equal([ChunkFiller.MostTogether, 2], frames.Sizes);
    }

    [Fact]
    public async Task OneThatIsRefused_IsItsMakersAffairAlone()
    {
        frames.Refuse = handle => handle.Counter == 2 ? new(GofsError.NoSpace, "full") : null;
        Task[] filled = [FillAsync(Abc, 1), FillAsync(Abc, 2), FillAsync(Abc, 3)];
        turn.SetResult();
        await filled[0];
        await filled[2];
        Assert.Equal(GofsError.NoSpace, (await Assert.ThrowsAsync<GofsException>(() => filled[1])).Error);
    }

    [Fact]
    public async Task FrameThatFails_IsToldToEach_WithWhoFailed()
    {
        frames.Frame = _ => throw Failed(GofsError.Unavailable, hop: 1);
        Task[] filled = [FillAsync(Abc, 1), FillAsync(Abc, 2)];
        turn.SetResult();
        foreach (var one in filled)
        {
            var failed = await Assert.ThrowsAsync<GofsException>(() => one);
            Assert.Equal((GofsError.Unavailable, 1), (failed.Error, failed.Data[DataConnection.FailedHopKey]));
        }

        Assert.Equal(["each a,b,c 1 2"], frames.Sent);
    }

    [Fact]
    public async Task ServerThatDoesNotKnowSuchFrames_GetsThemOneByOne_ForAWhile()
    {
        frames.Frame = servers => servers.Contains(new("b")) ? throw Failed(GofsError.InvalidArgument, hop: Array.IndexOf(servers, new("b"))) : null;
        var first = NewTurn();
        Task[] filled = [FillAsync(Abc, 1), FillAsync(Abc, 2)];
        first.SetResult();
        await Task.WhenAll(filled);
        var second = NewTurn();
        ServerId[] without = [new("a"), new("c")];
        await FillAsync(Acb, 3);
        filled = [FillAsync(without, 4), FillAsync(without, 5)];
        second.SetResult();
        await Task.WhenAll(filled);
        Assert.Equal(["each a,b,c 1 2", "write a,b,c 1", "write a,b,c 2", "write a,c,b 3", "each a,c 4 5"], frames.Sent);

        time.Advance(TimeSpan.FromMinutes(1));
        frames.Frame = _ => null;
        var third = NewTurn();
        filled = [FillAsync(Abc, 6), FillAsync(Abc, 7)];
        third.SetResult();
        await Task.WhenAll(filled);
        Assert.Equal("each a,b,c 6 7", frames.Sent[^1]);
    }

    [Fact]
    public async Task MakerWhoLeaves_TakesNobodyWithHim()
    {
        using var stop = new CancellationTokenSource();
        Task[] filled = [FillAsync(Abc, 1, cancellation: stop.Token), FillAsync(Abc, 2)];
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => filled[0]);
        turn.SetResult();
        await filled[1];
        Assert.Equal(["each a,b,c 1 2"], frames.Sent);
    }

    private TaskCompletionSource NewTurn() => turn = new();

    private Task FillAsync(ServerId[] servers, int chunk, int bytes = 100, bool durable = true, CancellationToken cancellation = default) =>
        filler.FillAsync(
            servers, new(new(ChunkHandle.Create(1, 0, chunk), ChunkVersion.First, 0, new byte[bytes], 0, 1 << 20, durable), default), cancellation);

    private static GofsException Failed(GofsError error, int hop) => new(error, "the test wants it so") { Data = { [DataConnection.FailedHopKey] = hop } };

    private sealed class FakeFrames : IChunkTransport
    {
        public List<string> Sent { get; } = [];

        public List<int> Sizes { get; } = [];

        public Func<ServerId[], GofsException?> Frame { get; set; } = _ => null;

        public Func<ChunkHandle, GofsException?> Refuse { get; set; } = _ => null;

        public Task<LossMarks> WriteAsync(ServerId[] servers, ChunkWrite write, ChunkToken token, CancellationToken cancellation)
        {
            Sent.Add($"write {string.Join(',', servers)} {write.Handle.Counter}");
            return Refuse(write.Handle) is { } refused ? Task.FromException<LossMarks>(refused) : Task.FromResult(default(LossMarks));
        }

        public async Task<GofsException?[]> WriteEachAsync(ServerId[] servers, AllowedWrite[] writes, CancellationToken cancellation)
        {
            Sent.Add($"each {string.Join(',', servers)} {string.Join(' ', writes.Select(one => one.Write.Handle.Counter))}");
            Sizes.Add(writes.Length);
            Assert.InRange(ChunkWrites.BytesOf(writes), 1, FrameHeader.MostDataBytes);
            if (Frame(servers) is { } failed) throw failed;
            return await Task.FromResult(Array.ConvertAll(writes, one => Refuse(one.Write.Handle)));
        }

        public Task<long> AppendAsync(ServerId[] servers, ChunkAppend append, ChunkToken token, CancellationToken cancellation) =>
            throw new NotSupportedException();

        public Task<int> ReadAsync(
            ServerId server, ChunkAccess chunk, long offsetBytes, Memory<byte> destination, ISlowCall? slow, CancellationToken cancellation) =>
            throw new NotSupportedException();

        public Task<LossMarks> FlushAsync(ServerId[] servers, ChunkAccess chunk, CancellationToken cancellation) => throw new NotSupportedException();

        public Task<bool> IsAliveAsync(ServerId server, ChunkAccess chunk, CancellationToken cancellation) => throw new NotSupportedException();
    }
}
