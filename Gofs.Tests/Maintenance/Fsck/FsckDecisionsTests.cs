using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Files;
using Gofs.Grains.Control;
using Gofs.Grains.Files;
using Gofs.Grains.Maintenance.Fsck;
using Gofs.Namespaces;
using Xunit;

namespace Gofs.Tests.Maintenance.Fsck;

/// <summary>What counts as a fault of a file, a chunk or a replica, and what does not.</summary>
public sealed class FsckDecisionsTests
{
    private const int ChunkBytes = 64 << 10;
    private static readonly ChunkHandle Handle = ChunkHandle.Create(7, 1, 5);
    private static readonly ServerId[] Servers = [new("s1"), new("s2"), new("s3")];
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddDays(1);

    [Fact]
    public void WholeFileOnAllItsReplicas_HasNoFinding() => Assert.Empty(OfChunk(Whole(100), Row(), Good(100), Good(100), Good(100)));

    [Fact]
    public void ReplicaLongerThanTheFile_IsFine() => Assert.Empty(OfChunk(Streamed(100), Row(), Good(100), Good(200), Good(100)));

    [Fact]
    public void ReplicasOfAHole_MayBeShort() => Assert.Empty(OfChunk(Streamed(1000), Row(), Good(10), Good(10), Good(10)));

    [Fact]
    public void ReplicaShorterThanTheOthers_IsFound_AndDoesNotCount()
    {
        var found = OfChunk(Streamed(1000), Row(), Good(1000), Good(10), Good(1000));
        Assert.Equal((FsckCheck.Sizes, FsckSeverity.Fault, Servers[1]), (found[0].Check, found[0].Severity, found[0].Server));
        Assert.Equal((FsckCheck.Goals, FsckSeverity.Notice), (found[1].Check, found[1].Severity));
        Assert.Contains("2 of 3", found[1].What, StringComparison.Ordinal);
    }

    [Fact]
    public void OpenFile_MayHaveReplicasThatDiffer() => Assert.Empty(OfChunk(Streamed(1000, isOpen: true), Row(), Good(1000), Good(10), Good(1000)));

    [Fact]
    public void WholeFileCutOnItsOnlyReplica_IsLost() =>
        Assert.Contains(OfChunk(Whole(100), Row(goal: 1, servers: 1), Good(99)), finding => finding is { Check: FsckCheck.Goals, Severity: FsckSeverity.Lost });

    [Fact]
    public void ReplicaThatIsGone_IsFound_AndTheLastIsEndangered()
    {
        var found = OfChunk(Whole(100), Row(), Bad(GofsError.ChunkNotFound), Good(100), Bad(GofsError.Corrupt));
        Assert.Equal([FsckCheck.Replicas, FsckCheck.Replicas, FsckCheck.Goals], found.Select(one => one.Check));
        Assert.Equal(FsckSeverity.Fault, found[2].Severity);
        Assert.Contains("endangered", found[2].What, StringComparison.Ordinal);
    }

    [Fact]
    public void StaleReplica_IsAVersionFinding() =>
        Assert.Equal(FsckCheck.Versions, OfChunk(Whole(100), Row(), Bad(GofsError.StaleVersion), Good(100), Good(100))[0].Check);

    [Fact]
    public void NoReplica_IsLost_UnlessAServerMayComeBack()
    {
        var row = Row(servers: 0);
        var gone = Assert.Single(FsckDecisions.OfChunk(Whole(100), 0, row, [], []));
        var away = Assert.Single(FsckDecisions.OfChunk(Whole(100), 0, row, [], [new("s9")]));
        Assert.Equal((FsckSeverity.Lost, FsckSeverity.Lost), (gone.Severity, away.Severity));
        Assert.Contains("s9", away.Why, StringComparison.Ordinal);
        Assert.NotEqual(gone.Doing, away.Doing);
    }

    [Fact]
    public void ServerThatDoesNotAnswer_IsNoLoss() =>
        Assert.Equal([FsckSeverity.Notice, FsckSeverity.Notice], OfChunk(Whole(100), Row(), Good(100), null, Good(100)).Select(one => one.Severity));

    [Fact]
    public void ChunkTheTableDoesNotKnow_IsFound_UnlessItHasYetToBeTold()
    {
        var unknown = Row() with { IsReferred = false, Goal = 0 };
        var found = Assert.Single(OfChunk(Whole(100), unknown, Good(100), Good(100), Good(100)));
        Assert.Equal((FsckCheck.References, FsckSeverity.Fault, FsckRepair.Possible), (found.Check, found.Severity, found.Repair));
        Assert.Empty(OfChunk(Whole(100, isPending: true), unknown, Good(100), Good(100), Good(100)));
        Assert.Equal(FsckSeverity.Lost, Assert.Single(OfChunk(Whole(100), unknown with { Servers = [] })).Severity);
    }

    [Fact]
    public void SizesThatDiffer_AreFound_OnlyOfAClosedFile()
    {
        Assert.Empty(FsckDecisions.OfFile(Streamed(1000)));
        Assert.Empty(FsckDecisions.OfFile(Whole(1000)));
        Assert.Empty(FsckDecisions.OfFile(Streamed(1000, isOpen: true, shown: 7)));
        Assert.Equal(FsckRepair.Possible, Assert.Single(FsckDecisions.OfFile(Streamed(1000, shown: 7))).Repair);
    }

    [Fact]
    public void ChunkOfNoFile_IsFound_WhileItsTableHasIt()
    {
        Assert.Null(FsckDecisions.OfUnreferred(Row() with { IsReferred = false }));
        Assert.Equal(FsckRepair.Deletes, FsckDecisions.OfUnreferred(Row())!.Repair);
    }

    [Fact]
    public void Orphan_IsFound_OnlyPastItsTime()
    {
        var row = Row() with { IsReferred = false };
        Assert.Null(OfHeld(row with { CollectAt = Now.AddSeconds(-59) }));
        Assert.Equal(Now.AddSeconds(-61), OfHeld(row with { CollectAt = Now.AddSeconds(-61) })!.Since);
        Assert.NotNull(OfHeld(row));
        Assert.NotNull(OfHeld(row with { CollectAt = Now.AddSeconds(60), WasGivenOut = false }));
    }

    [Fact]
    public void HeldReplica_OfAnotherVersion_IsFound()
    {
        Assert.Null(OfHeld(Row()));
        Assert.Equal(FsckCheck.Versions, OfHeld(Row() with { Version = new(4) })!.Check);
        Assert.Equal(FsckCheck.Versions, OfHeld(Row() with { Version = new(2) })!.Check);
    }

    [Fact]
    public void SharedChunk_ThatItsTableDoesNotCountForTheFile_IsFound()
    {
        Assert.Empty(OfChunk(Whole(100), Row() with { Files = [new(8), new(9)] }, Good(100), Good(100), Good(100)));
        var found = Assert.Single(OfChunk(Whole(100), Row() with { Files = [new(8)] }, Good(100), Good(100), Good(100)));
        Assert.Equal((FsckCheck.References, FsckRepair.Possible, 9L), (found.Check, found.Repair, found.Inode.Value));
        var told = Whole(100) with { View = Whole(100).View with { IsSharing = true } };
        Assert.Empty(OfChunk(told, Row() with { Files = [new(8)] }, Good(100), Good(100), Good(100)));
        Assert.NotNull(FsckDecisions.OfUncounted(Whole(100), Row()));
        Assert.Null(FsckDecisions.OfUncounted(told, Row()));
        Assert.Null(FsckDecisions.OfUncounted(Whole(100), Row() with { Files = [new(8), new(9)] }));
    }

    [Fact]
    public void FileThatATableCounts_AndThatDoesNotReferToTheChunk_IsFound()
    {
        var row = Row() with { Files = [new(8), new(9)] };
        var other = new FsckFile(9, new(true, false, 0, ChunkHandle.None, 0, false), null);
        Assert.Null(FsckDecisions.OfCounted(Whole(100), row));
        Assert.Equal(FsckRepair.Deletes, FsckDecisions.OfCounted(other, row)!.Repair);
        Assert.Null(FsckDecisions.OfCounted(other, Row() with { Files = [new(8)] }));
        Assert.NotNull(FsckDecisions.OfCounted(new(9, default, null), row));
        Assert.Null(FsckDecisions.OfCounted(new(9, new() { IsSharing = true }, null), row));
    }

    [Fact]
    public void ChunkWithAnotherGoalThanItsFile_IsFound_UnlessTheTableIsYetToBeTold_OrAnotherFileWantsMore()
    {
        FsckFile Wants(int goal, bool isPending = false) => Whole(100) with { View = Whole(100).View with { Goal = goal, IsGoalPending = isPending } };
        Assert.Empty(OfChunk(Wants(3), Row(), Good(100), Good(100), Good(100)));
        Assert.All(new[] { 2, 4 }, goal =>
        {
            var found = Assert.Single(OfChunk(Wants(goal), Row(), Good(100), Good(100), Good(100)));
            Assert.Equal((FsckCheck.Goals, FsckSeverity.Notice, FsckRepair.Possible), (found.Check, found.Severity, found.Repair));
            Assert.Empty(OfChunk(Wants(goal, isPending: true), Row(), Good(100), Good(100), Good(100)));
        });
        var shared = Row() with { Files = [new(8), new(9)] };
        Assert.Empty(OfChunk(Wants(2), shared, Good(100), Good(100), Good(100)));
        Assert.Single(OfChunk(Wants(4), shared, Good(100), Good(100), Good(100)));
    }

    [Fact]
    public void CloneWithoutAChunkListYet_HasNoFinding() =>
        Assert.Empty(FsckDecisions.OfFile(new(9, new(true, false, 100, ChunkHandle.None, 0, false, IsClone: true), null)));

    [Fact]
    public void LargeFile_IsCheckedInParts_EachChunkOnce()
    {
        var file = Streamed(10 * ChunkBytes, chunks: 10);
        var parts = FsckPart.Of(file, 4).ToArray();
        Assert.Equal([4, 4, 2], parts.Select(part => part.Chunks().Count()));
        Assert.Equal([true, false, false], parts.Select(part => part.IsFirst));
        Assert.Equal(Enumerable.Range(0, 10), parts.SelectMany(part => part.Chunks().Select(chunk => chunk.Index)));
        Assert.Single(FsckPart.Of(Streamed(0, chunks: 0), 4));
    }

    private static FsckFinding? OfHeld(ChunkTableRow row) =>
        FsckDecisions.OfHeld(Servers[0], new(Handle, new(3), 10), row, Now, TimeSpan.FromMinutes(1));

    private static FsckFinding[] OfChunk(FsckFile file, ChunkTableRow row, params ReplicaState?[] replicas) =>
        [.. FsckDecisions.OfChunk(file, 0, row, replicas, [])];

    private static ChunkTableRow Row(int goal = 3, int servers = 3) => new(Handle, IsReferred: true, new(3), goal, Servers[..servers]) { WasGivenOut = true };

    private static ReplicaState Good(long length) => new(length, null, "");

    private static ReplicaState Bad(GofsError error) => new(0, error, "bad");

    private static FsckFile Whole(long length, bool isPending = false) => new(9, new(true, false, length, Handle, ChunkBytes, isPending), null);

    private static FsckFile Streamed(long length, bool isOpen = false, long? shown = null, int chunks = 1)
    {
        var file = new FileState();
        FileChunk[] all = [.. Enumerable.Range(0, chunks).Select(index => new FileChunk(index, ChunkHandle.Create(7, 1, 5 + index)))];
        file.Apply(new LengthCommitted(default, ChunkBytes, length, all, 1, Closed: true));
        return new(9, new(true, isOpen, shown ?? length, ChunkHandle.None, 0, false), file);
    }
}
