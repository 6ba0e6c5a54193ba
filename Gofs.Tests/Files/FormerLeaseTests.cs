using Gofs.Files;
using Gofs.Grains.Files;
using Gofs.Namespaces;
using Xunit;

namespace Gofs.Tests.Files;

/// <summary>
/// A chunk is being placed for a writer whose lease ends meanwhile: who has the file next gets the chunk for himself, and nothing that he wrote is cut for the
/// other. (Found by the simulation of files: the next one was given what had been placed for the former, the file did not know it for his, placed
/// the chunk again when he flushed, and cut what he had flushed.)
/// </summary>
public sealed class FormerLeaseTests : IDisposable
{
    private static readonly LeaseId Former = new(Guid.Parse("00000000-0000-0000-0000-000000000001"));
    private static readonly LeaseId Next = new(Guid.Parse("00000000-0000-0000-0000-000000000002"));
    private readonly FileWorld world = new();

    [Fact]
    public async Task ChunkPlacedForAFormerLease_IsNotTheNextOnes_AndWhatHeFlushedStays()
    {
        var file = await world.StartAsync();
        await AcquireAsync(file, Former);
        world.Granting = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var formers = file.PlaceChunkAsync(Former, 0, CancellationToken.None);
        world.Time.Advance(NamespaceConfig.Default.LeaseTime * 2);
        await AcquireAsync(file, Next);
        var nexts = file.PlaceChunkAsync(Next, 0, CancellationToken.None);
        world.Granting.SetResult();
        var refused = await Assert.ThrowsAsync<GofsException>(() => formers);
        Assert.Equal(GofsError.LeaseExpired, refused.Error);
        var placed = await nexts;
        Assert.Equal(world.Counts, placed.Version);

        const long flushed = FileWorld.LengthBytes + 30;
        foreach (var server in world.Replicas.Keys.ToArray()) world.Replicas[server] = (placed.Version, flushed);
        await file.CommitLengthAsync(new(Next, flushed, [], null, Close: false), CancellationToken.None);
        Assert.All(world.Replicas.Values, replica => Assert.Equal((placed.Version, flushed), replica));
    }

    public void Dispose() => world.Dispose();

    private static Task<WriterLease> AcquireAsync(FileGrain file, LeaseId writer) =>
        file.AcquireLeaseAsync(new(writer, "ns", FirstChunk: false), CancellationToken.None);
}
