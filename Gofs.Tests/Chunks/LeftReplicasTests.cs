using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Grains.Chunks;
using Xunit;

namespace Gofs.Tests.Chunks;

/// <summary>What was left out of a chunk is remembered until it is deleted, or counts again.</summary>
public sealed class LeftReplicasTests
{
    private static readonly ServerId A = new("a");
    private static readonly ServerId B = new("b");

    [Fact]
    public void ReplicaThatWasLeftOut_IsDue_WhenTheChunkDoesWithout()
    {
        var left = new LeftReplicas(capacity: 10);
        left.Note(Chunk(1), A);
        left.Note(Chunk(1), B);
        left.Note(Chunk(2), A);
        Assert.Equal([(Chunk(1), B), (Chunk(2), A)], left.Due(10, (handle, server) => (handle, server) != (Chunk(1), A)));
        Assert.Single(left.Due(1, (_, _) => true));
        Assert.Equal([A, B], left.Of(Chunk(1)));
    }

    [Fact]
    public void ReplicaThatCountsAgainOrIsGone_IsForgotten()
    {
        var left = new LeftReplicas(capacity: 1);
        left.Note(Chunk(1), A);
        left.Forget(Chunk(1), B);
        Assert.Equal([A], left.Of(Chunk(1)));
        left.Forget(Chunk(1), A);
        Assert.Empty(left.Of(Chunk(1)));
        left.Note(Chunk(2), A);
        left.Note(Chunk(3), A); // no room
        Assert.Equal([(Chunk(2), A)], left.Due(10, (_, _) => true));
    }

    private static ChunkHandle Chunk(long counter) => ChunkHandle.Create(1, 0, counter);
}
