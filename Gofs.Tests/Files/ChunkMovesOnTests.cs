using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Files;
using Gofs.Grains.Files;
using Xunit;

namespace Gofs.Tests.Files;

/// <summary>
/// A chunk takes another version between the moment in which the file grain is granted one and that in which it cuts what is past the file's length: healing
/// has made a replica anew or taken one away. Nobody who opens the file is to hear of it.
/// </summary>
public sealed class ChunkMovesOnTests : IDisposable
{
    private static readonly LeaseId Writer = new(Guid.Parse("00000000-0000-0000-0000-000000000001"));
    private readonly FileWorld world = new();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public async Task OpenForWriting_IsGivenTheVersionThatCounts_AndNothingPastTheLengthIsLeft(int moves)
    {
        world.MovesOn = moves;
        var file = await world.StartAsync();
        var lease = await AcquireAsync(file);
        Assert.Equal(world.Counts, lease.Tail!.Version);
        AssertCut(FileWorld.LengthBytes);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public async Task OpenForAppend_IsGivenTheVersionThatCounts_AndNothingPastTheLengthIsLeft(int moves)
    {
        world.MovesOn = moves;
        var file = await world.StartAsync();
        var lease = await file.JoinAppendAsync(new(Writer, WasOpen: false), CancellationToken.None);
        Assert.Equal(world.Counts, lease.Chunk.Version);
        AssertCut(FileWorld.LengthBytes);
    }

    [Fact]
    public async Task OpenForWriting_OfAChunkThatMovesOnAgainAndAgain_IsToBeTriedAgain()
    {
        world.MovesOn = int.MaxValue;
        var file = await world.StartAsync();
        var refused = await Assert.ThrowsAsync<GofsException>(() => AcquireAsync(file));
        Assert.Equal(GofsError.Unavailable, refused.Error);
        world.MovesOn = 0;
        var lease = await AcquireAsync(file);
        Assert.Equal(world.Counts, lease.Tail!.Version);
        AssertCut(FileWorld.LengthBytes);
    }

    [Fact]
    public async Task Truncate_CutsUnderTheVersionThatCounts_AndTheWriterIsToldItWhenHeAsks()
    {
        var file = await world.StartAsync();
        var given = (await AcquireAsync(file)).Tail!;
        world.MovesOn = 1;
        await file.TruncateAsync(Writer, 30, CancellationToken.None);
        AssertCut(30);
        var told = await file.RecoverChunkAsync(new(Writer, 0, given.Handle, given.Version, [], Empty: false), CancellationToken.None);
        Assert.Equal(world.Counts, told.Version);
    }

    public void Dispose() => world.Dispose();

    private static Task<WriterLease> AcquireAsync(FileGrain file) => file.AcquireLeaseAsync(new(Writer, "ns", FirstChunk: true), CancellationToken.None);

    private void AssertCut(long lengthBytes) => Assert.All(world.Replicas.Values, replica => Assert.Equal((world.Counts, lengthBytes), replica));
}
