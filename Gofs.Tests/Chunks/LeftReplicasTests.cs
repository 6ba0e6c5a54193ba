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

    // Found by the simulation of files (seed 22718): a table that had not heard of the servers for a while took none for all, and had the last replicas deleted
    // that could have repaired the one that counted.
    [Theory]
    [InlineData(1, 3, 4, false)]
    [InlineData(3, 3, 4, true)]
    [InlineData(2, 3, 2, true)]
    [InlineData(1, 3, 0, false)]
    [InlineData(0, 0, 4, false)]
    public void Replicas_AreEnough_WhenThereAreAsManyAsTheFileWants_OrServers(int counting, int goal, int registered, bool enough) =>
        Assert.Equal(enough, LeftReplicas.AreEnough(counting, goal, registered));

    [Fact]
    public void ReplicaThatWasKeptLongEnough_IsOld_FromWhenItWasNotedFirst()
    {
        var left = new LeftReplicas(capacity: 10);
        left.Note(Chunk(1), A, Noon);
        left.Note(Chunk(1), A, Noon + TimeSpan.FromMinutes(9));
        Assert.Empty(left.Due(10, Noon + LeftReplicas.KeepTime - TimeSpan.FromTicks(1), (_, _, isOld) => isOld));
        Assert.Single(left.Due(10, Noon + LeftReplicas.KeepTime, (_, _, isOld) => isOld));
    }

    // Seed 1505 of the simulation: one with a higher version than the one that counted was passed over when it was to be deleted, and forgotten.
    [Fact]
    public void ReplicaWithAHigherVersion_IsBelowTheNext()
    {
        var left = new LeftReplicas(capacity: 10);
        left.Note(Chunk(1), A, Noon, new(98));
        left.Note(Chunk(1), A, Noon);
        left.Note(Chunk(1), B, Noon, new(50));
        Assert.Equal((new ChunkVersion(99), new ChunkVersion(83)), (left.Below(Chunk(1), A, new(83)), left.Below(Chunk(1), B, new(83))));
        Assert.Equal(new(115), left.Below(Chunk(1), A, new(115)));
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
