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
    private static readonly DateTimeOffset Noon = DateTimeOffset.UnixEpoch.AddHours(12);

    [Fact]
    public void ReplicaThatWasLeftOut_IsDue_WhenTheChunkDoesWithout()
    {
        var left = new LeftReplicas(capacity: 10);
        left.Note(Chunk(1), A, Noon);
        left.Note(Chunk(1), B, Noon);
        left.Note(Chunk(2), A, Noon);
        Assert.Equal([(Chunk(1), B), (Chunk(2), A)], left.Due(10, Noon, (handle, server, _) => (handle, server) != (Chunk(1), A)));
        Assert.Single(left.Due(1, Noon, (_, _, _) => true));
        Assert.Equal([A, B], left.Of(Chunk(1)));
    }

    [Fact]
    public void ReplicaThatWasKeptLongEnough_IsOld_FromWhenItWasNotedFirst()
    {
        var left = new LeftReplicas(capacity: 10);
        left.Note(Chunk(1), A, Noon);
        left.Note(Chunk(1), A, Noon + TimeSpan.FromMinutes(9));
        Assert.Empty(left.Due(10, Noon + LeftReplicas.KeepTime - TimeSpan.FromTicks(1), (_, _, isOld) => isOld));
        Assert.Single(left.Due(10, Noon + LeftReplicas.KeepTime, (_, _, isOld) => isOld));
    }

    [Fact]
    public void ReplicaThatCountsAgainOrIsGone_IsForgotten()
    {
        var left = new LeftReplicas(capacity: 1);
        left.Note(Chunk(1), A, Noon);
        left.Forget(Chunk(1), B);
        Assert.Equal([A], left.Of(Chunk(1)));
        left.Forget(Chunk(1), A);
        Assert.Empty(left.Of(Chunk(1)));
        left.Note(Chunk(2), A, Noon);
        left.Note(Chunk(3), A, Noon); // no room
        Assert.Equal([(Chunk(2), A)], left.Due(10, Noon, (_, _, _) => true));
    }

    private static ChunkHandle Chunk(long counter) => ChunkHandle.Create(1, 0, counter);
}
