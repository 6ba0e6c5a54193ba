using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Tests.Sdk.Fakes;
using Gofs.Transport;
using Orleans;
using Xunit;

namespace Gofs.Tests.Sdk;

public sealed class GrainTransportTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private static readonly ServerId Server = new("s1");
    private static readonly ChunkHandle Handle = ChunkHandle.Create(1, 2, 3);
    private readonly TimerWatch time = new();
    private Func<Task<ChunkData>> answer = () => Task.FromResult(new ChunkData(new byte[] { 1, 2, 3 }, Crc32C.Compute([1, 2, 3])));

    [Fact]
    public async Task GoodBytes_AreGivenOut()
    {
        var buffer = new byte[5];
        Assert.Equal(3, await ReadAsync(buffer));
        Assert.Equal([1, 2, 3, 0, 0], buffer);
    }

    [Fact]
    public async Task BytesThatDoNotMatchTheirCrc_AreNotGivenOut()
    {
        answer = () => Task.FromResult(new ChunkData(new byte[] { 1, 2, 4 }, Crc32C.Compute([1, 2, 3])));
        var buffer = new byte[5];
        var failure = await Assert.ThrowsAsync<GofsException>(() => ReadAsync(buffer));
        Assert.Equal((GofsError.Corrupt, Handle.ToString()), (failure.Error, failure.Path));
        Assert.Equal(new byte[5], buffer);
    }

    [Fact]
    public async Task MoreBytesThanAskedFor_AreRefused()
    {
        var failure = await Assert.ThrowsAsync<GofsException>(() => ReadAsync(new byte[2]));
        Assert.Equal(GofsError.Corrupt, failure.Error);
    }

    [Fact]
    public async Task SilentServer_IsGivenUpAfterTheTransportsTime()
    {
        answer = () => new TaskCompletionSource<ChunkData>().Task;
        var reading = ReadAsync(new byte[5]);
        Assert.Equal([Limit], await time.PassUntilEndAsync(reading));
        Assert.Equal(GofsError.Timeout, (await Assert.ThrowsAsync<GofsException>(() => reading)).Error);
    }

    [Fact]
    public async Task OwnCancellation_GoesThrough_AndAnotherDoesNot()
    {
        answer = () => new TaskCompletionSource<ChunkData>().Task;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ReadAsync(new byte[5], new CancellationToken(canceled: true)));
        answer = () => Task.FromCanceled<ChunkData>(new CancellationToken(canceled: true));
        Assert.Equal(GofsError.Unavailable, (await Assert.ThrowsAsync<GofsException>(() => ReadAsync(new byte[5]))).Error);
    }

    private Task<int> ReadAsync(byte[] buffer, CancellationToken cancellation = default)
    {
        var server = Fake.Of<IChunkServerGrain>((method, _) => method == nameof(IChunkServerGrain.ReadAsync) ? answer() : Fake.Unexpected(method));
        var grains = Fake.Of<IGrainFactory>((_, _) => server);
        return new GrainTransport(grains, time, Limit, Limit).ReadAsync(Server, new(Handle, ChunkVersion.First, default), 0, buffer, slow: null, cancellation);
    }
}
