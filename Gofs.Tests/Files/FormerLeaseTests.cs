using Gofs.Chunks;
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
    private static readonly LeaseId Former = new(Guid.Parse("00000001-0000-0000-0000-000000000000"));
    private static readonly LeaseId Next = new(Guid.Parse("00000002-0000-0000-0000-000000000000"));
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

    // Found by the simulation of files (seed 112813): the chunk had been let go of, was placed for the lease again, and what was flushed to it was lost.
    [Theory, InlineData(true), InlineData(false)]
    public async Task ChunkAskedForUnderAFormerName_IsNotTheLeases_WhenItWasCutOffMeanwhile(bool recovers)
    {
        var file = await world.StartAsync();
        var lease = await AcquireAsync(file, Former);
        ChunkPlacement? placed = recovers ? await file.PlaceChunkAsync(Former, 0, CancellationToken.None) : null;
        world.Granting = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var late = placed is null
            ? file.PlaceChunkAsync(Former, 0, CancellationToken.None)
            : file.RecoverChunkAsync(new(Former, 0, placed.Handle, placed.Version, [], Empty: false), CancellationToken.None);
        var renamed = Former.Next();
        await file.ResumeLeaseAsync(new(Former, lease.EditLogNumber, placed is null ? [] : [placed]) { As = renamed }, CancellationToken.None);
        await file.TruncateAsync(renamed, 0, CancellationToken.None);
        world.Granting.SetResult();
        var refused = await Assert.ThrowsAsync<GofsException>(() => late);
        Assert.Equal(GofsError.LeaseExpired, refused.Error);
        Assert.Equal(FileWorld.Second, (await file.PlaceChunkAsync(renamed, 0, CancellationToken.None)).Handle);
    }

    public void Dispose() => world.Dispose();

    private static Task<WriterLease> AcquireAsync(FileGrain file, LeaseId writer) =>
        file.AcquireLeaseAsync(new(writer, "ns", FirstChunk: false), CancellationToken.None);
}
