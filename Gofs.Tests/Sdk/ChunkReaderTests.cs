using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Internal;
using Gofs.Tests.Sdk.Fakes;
using Xunit;

namespace Gofs.Tests.Sdk;

public sealed class ChunkReaderTests
{
    private static readonly ServerId[] Two = [new("s1"), new("s2")];
    private readonly TimerWatch time = new();
    private readonly FakeTransport transport = new();
    private readonly FakeFile file = new();
    private readonly byte[] buffer = new byte[1000];

    [Theory]
    [InlineData(GofsError.Corrupt)]
    [InlineData(GofsError.DiskFailed)]
    [InlineData(GofsError.SiloUnreachable)]
    [InlineData(GofsError.StaleVersion)]
    public async Task BadReplica_TheOtherIsRead(GofsError error)
    {
        file.Servers = Two;
        transport.OnRead = read =>
        {
            if (transport.Reads.Count == 1) read.Fail(error);
            else read.Give();
        };
        await ReadAsync();
        Assert.Equal(2, transport.Reads.Select(read => read.Server).Distinct().Count());
        for (var i = 0; i < buffer.Length; i++) Assert.Equal(FakeTransport.ByteAt(2, 50 + i), buffer[i]);
    }

    [Fact]
    public async Task AllReplicasCorrupt_IsRefused()
    {
        file.Servers = Two;
        transport.OnRead = read => read.Fail(GofsError.Corrupt);
        var failure = await Assert.ThrowsAsync<GofsException>(() => ReadAsync());
        Assert.Equal((GofsError.Corrupt, "/f", 2), (failure.Error, failure.Path, transport.Reads.Count));
    }

    [Fact]
    public async Task NewVersion_IsFoundInTheLayout()
    {
        transport.OnRead = read =>
        {
            file.Version = new ChunkVersion(2);
            if (read.Version == file.Version) read.Give();
            else read.Fail(GofsError.StaleVersion);
        };
        await ReadAsync();
        Assert.Equal((2, 2), (transport.Reads.Count, file.Asked));
    }

    [Fact]
    public async Task VersionThatTheTableDoesNotHaveYet_IsWaitedFor()
    {
        var start = time.GetTimestamp();
        transport.OnRead = read =>
        {
            if (time.GetElapsedTime(start) > TimeSpan.FromSeconds(8)) file.Version = new ChunkVersion(2);
            if (read.Version == new ChunkVersion(2)) read.Give();
            else read.Fail(GofsError.StaleVersion);
        };
        await ReadAsync();
        Assert.InRange(time.GetElapsedTime(start), TimeSpan.FromSeconds(8), TimeSpan.FromSeconds(11));
    }

    [Fact]
    public async Task OneReplicaIsNowhere_TheOtherIsSilent_IsWaitedFor()
    {
        file.Servers = Two;
        var start = time.GetTimestamp();
        transport.OnRead = read =>
        {
            if (read.Server == Two[0]) read.Fail(GofsError.ChunkNotFound);
            else if (time.GetElapsedTime(start) > TimeSpan.FromSeconds(8)) read.Give();
            else read.Fail(GofsError.SiloUnreachable);
        };
        await ReadAsync();
        Assert.InRange(time.GetElapsedTime(start), TimeSpan.FromSeconds(8), TimeSpan.FromSeconds(11));
    }

    [Fact]
    public async Task ReplicaThatIsNowhere_IsAskedForAFewTimes_ThenUnavailable()
    {
        transport.OnRead = read => read.Fail(GofsError.ChunkNotFound);
        var failure = await Assert.ThrowsAsync<GofsException>(() => ReadAsync());
        Assert.Equal((GofsError.ChunkUnavailable, "/f"), (failure.Error, failure.Path));
        Assert.Equal(1 + ChunkReader.MaxRefreshes, transport.Reads.Count);
    }

    [Fact]
    public async Task SilentServer_IsAskedAgain_UntilTheTimeIsUp()
    {
        var start = time.GetTimestamp();
        transport.OnRead = read => read.Fail(GofsError.Timeout);
        var failure = await Assert.ThrowsAsync<GofsException>(() => ReadAsync());
        Assert.Equal(GofsError.Timeout, failure.Error);
        Assert.InRange(time.GetElapsedTime(start), TimeSpan.FromSeconds(28), TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task ChunkThatIsShorter_GivesZerosForTheGap()
    {
        buffer.AsSpan().Fill(0xEE);
        transport.OnRead = read => read.Give(10);
        await ReadAsync();
        Assert.Equal(FakeTransport.ByteAt(2, 59), buffer[9]);
        Assert.True(buffer.AsSpan(10).IndexOfAnyExcept((byte)0) < 0);
    }

    private async Task ReadAsync()
    {
        var context = FakeFile.Context(time, transport);
        var layout = new LayoutCache(context, file.Grain, GofsPath.Parse("/f"), whole: null);
        var reading = new ChunkReader(context, layout, GofsPath.Parse("/f")).ReadAsync(1, 50, buffer, CancellationToken.None);
        await time.PassUntilEndAsync(reading);
        await reading;
    }
}
