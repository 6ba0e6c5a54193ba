using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Files;
using Gofs.Internal;
using Gofs.Transport;
using Xunit;

namespace Gofs.Tests.Sdk;

/// <summary>Which replicas may have lost what was acknowledged and not flushed.</summary>
public sealed class UnflushedWritesTests
{
    private static readonly ServerId Old = new("old");
    private static readonly ServerId Kept = new("kept");
    private static readonly ServerId Joined = new("joined");
    private readonly UnflushedWrites writes = new();

    [Fact]
    public void ServerWithAnotherMark_MayHaveLostWrites()
    {
        writes.Acknowledged(On(Old, Kept), Marks(1, 7));
        var lost = Assert.Throws<GofsException>(() => writes.Flushed(On(Old, Kept), Marks(1, 8)));
        Assert.Equal((GofsError.DiskFailed, 1), (lost.Error, (int)lost.Data[DataConnection.FailedHopKey]!));
    }

    [Fact]
    public void ReplicaThatJoined_Counts_WhileNoMarkHasChanged()
    {
        writes.Acknowledged(On(Old, Kept), Marks(1, 7));
        writes.Acknowledged(On(Old, Kept, Joined), Marks(1, 7, 3));
        writes.Flushed(On(Old, Kept, Joined), Marks(1, 7, 3));
    }

    [Fact]
    public void ReplicaThatJoined_CountsNoMore_WhenAMarkHasChanged_UntilTheFlush()
    {
        writes.Acknowledged(On(Old, Kept), Marks(1, 7));
        Assert.Throws<GofsException>(() => writes.Acknowledged(On(Joined, Kept, Old), Marks(3, 7, 2)));
        var lost = Assert.Throws<GofsException>(() => writes.Acknowledged(On(Joined, Kept), Marks(3, 7)));
        Assert.Equal(0, lost.Data[DataConnection.FailedHopKey]);
        writes.Acknowledged(On(Kept), Marks(7));
        writes.Flushed(On(Kept), Marks(7));
        writes.Acknowledged(On(Kept, Joined), Marks(7, 3));
        writes.Flushed(On(Kept, Joined), Marks(7, 3));
    }

    private static ChunkPlacement On(params ServerId[] servers) => new(0, ChunkHandle.Create(1, 0, 1), ChunkVersion.First, servers);

    private static LossMarks Marks(params byte[] marks) => marks.Reverse().Aggregate(default(LossMarks), (behind, own) => new(own, behind));
}
