using Gofs.Grains.EditLogs;
using Xunit;
using static Gofs.Tests.EditLogs.Commits;

namespace Gofs.Tests.EditLogs;

/// <summary>What every store must do, part two: Snapshots, trimming, and removal of streams.</summary>
public abstract class EditLogSweepTests : EditLogStoreTests
{
    [Fact]
    public void DeletedStream_IsGone_AndMadeAgainGetsAHigherEpoch()
    {
        var first = Committer.Do(Create(Stream(1), Payload(1))).Head;
        Committer.Take(Stream(1));
        var owner = Committer.Take(Stream(1));
        Committer.Do(Delete(Stream(1), owner.Epoch, 1));
        Assert.Null(Store.Find(Stream(1)));
        Assert.Empty(Store.Records(Stream(1)));
        var again = Committer.Do(Create(Stream(1))).Head;
        Assert.True(again.Epoch > owner.Epoch);
        foreach (var old in new[] { first, owner })
        {
            var zombie = Append(Stream(1), old.Epoch, 0, Payload(1));
            Committer.Commit([zombie]);
            Assert.NotNull(zombie.Refused);
        }
    }

    [Fact]
    public void DeletedStream_TakenAgain_GetsAHigherEpoch_AlsoInOtherStreams()
    {
        for (var i = 0; i < 5; i++) Committer.Take(Stream(1));
        var owner = Committer.Take(Stream(1));
        Committer.Do(Delete(Stream(1), owner.Epoch, 0));
        Assert.True(Committer.Take(Stream(1)).Epoch > owner.Epoch);
        Assert.True(Committer.Take(Stream(2)).Epoch > owner.Epoch);
    }

    [Fact]
    public void RecordsAndDelete_InOneCommit_LeaveNothing()
    {
        var owner = Committer.Take(Stream(1));
        var commit = Append(Stream(1), owner.Epoch, 0, Payload(1), Payload(2));
        commit.Delete = true;
        Committer.Do(commit);
        var fresh = Create(Stream(2), Payload(1));
        fresh.Delete = true;
        Committer.Do(fresh);
        Assert.Null(Store.Find(Stream(1)));
        Assert.Null(Store.Find(Stream(2)));
        Assert.Empty(Store.Records(Stream(1)));
        Assert.Empty(Store.Records(Stream(2)));
    }

    [Fact]
    public void LargeDeletedStream_IsMarked_AndTheSweepRemovesIt()
    {
        var owner = Committer.Take(Stream(1));
        Committer.Do(Append(Stream(1), owner.Epoch, 0, Enumerable.Repeat(Payload(5000), 2500).ToArray())); // too long to share rows
        Committer.Do(Delete(Stream(1), owner.Epoch, 2500));
        Assert.True(Store.Find(Stream(1))!.Value.Deleted);
        var claim = Claim(Stream(1));
        var create = Create(Stream(1));
        Committer.Commit([claim]);
        Committer.Commit([create]);
        Assert.NotNull(claim.Refused);
        Assert.NotNull(create.Refused);
        Assert.InRange(Committer.PurgeDeleted(1000), 1, 1000);
        Assert.Equal(1500, Store.Records(Stream(1)).Count);
        Purge();
        Assert.Null(Store.Find(Stream(1)));
        Assert.Empty(Store.Records(Stream(1)));
        Assert.True(Committer.Take(Stream(1)).Epoch > owner.Epoch);
    }

    [Fact]
    public void MarkDeleted_FencesTheStreamsOfARange_AndPurgeRemovesThem()
    {
        var owners = Enumerable.Range(1, 10).Select(id => Committer.Do(Create(Stream(id), Payload(id)))).ToArray();
        Snapshot(Stream(4), owners[3].Head.Epoch, previous: 0, number: 1, parts: 9);
        Assert.Equal(3, Committer.MarkDeleted(Stream(3), Stream(8), 3));
        Assert.Equal(3, Committer.MarkDeleted(Stream(3), Stream(8), 100));
        Assert.Equal(0, Committer.MarkDeleted(Stream(3), Stream(8), 100));
        var commits = owners.Select(owner => Append(owner.Stream, owner.Head.Epoch, 1, Payload(7))).ToArray();
        Committer.Commit(commits);
        Assert.Equal([3, 4, 5, 6, 7, 8], commits.Where(commit => commit.Refused is not null).Select(commit => (int)commit.Stream.Id));
        Purge();
        Assert.Equal([1, 2, 9, 10], Enumerable.Range(1, 10).Where(id => Store.Find(Stream(id)) is not null));
        Assert.Null(Store.ReadPart(Stream(4), 1, 0));
        Assert.Empty(Store.Records(Stream(5)));
        Assert.Equal(2, Store.Records(Stream(9)).Count);
    }

    [Fact]
    public void Parts_AreNotTheSnapshot_UntilItIsMoved()
    {
        var owner = Owner(records: 3);
        WriteParts(Stream(1), owner.Epoch, number: 2, parts: 2);
        Assert.Equal(0, Store.Find(Stream(1))!.Value.Snapshot);
        Assert.True(Committer.MoveSnapshot(Stream(1), owner.Epoch, 0, 2, 2, CrcSum(Stream(1), 2, 2), 77));
        Reopen();
        Assert.Equal(owner with { Number = 3, Snapshot = 2, SnapshotParts = 2, SnapshotAt = 77 }, Store.Find(Stream(1)));
        for (var part = 0; part < 2; part++)
        {
            var (payload, crc) = Store.ReadPart(Stream(1), 2, part)!.Value;
            Assert.Equal(Part(part), payload);
            Assert.Equal(EditLogCrc.OfPart(Stream(1), 2, part, payload), crc);
        }

        Assert.Null(Store.ReadPart(Stream(1), 2, 2));
        Assert.Null(Store.ReadPart(Stream(1), 1, 0));
    }

    [Theory]
    [InlineData(1, 0, 2, 2, 0)] // another epoch
    [InlineData(0, 1, 2, 2, 0)] // another Snapshot before
    [InlineData(0, 0, 4, 2, 0)] // after the last record
    [InlineData(0, 0, 2, 3, 0)] // a part is missing
    [InlineData(0, 0, 2, 1, 0)] // a part too many
    [InlineData(0, 0, 2, 2, 1)] // a part is another maker's
    public void MoveSnapshot_ThatDoesNotFit_IsRefused(int epochOff, long previous, long number, int parts, long crcOff)
    {
        var owner = Owner(records: 3);
        WriteParts(Stream(1), owner.Epoch, number, parts: 2);
        Assert.False(Committer.MoveSnapshot(Stream(1), owner.Epoch + epochOff, previous, number, parts, CrcSum(Stream(1), number, 2) + crcOff, 77));
        Assert.Equal(owner with { Number = 3 }, Store.Find(Stream(1)));
    }

    [Fact]
    public void FormerOwner_CanNeitherWriteNorSweepPartsNorMove()
    {
        var old = Owner(records: 3);
        var current = Committer.Take(Stream(1));
        WriteParts(Stream(1), current.Epoch, number: 3, parts: 2);
        Assert.Equal(0, Committer.DeleteLooseParts(Stream(1), old.Epoch, 100));
        Assert.False(Committer.WritePart(Stream(1), old.Epoch, 3, 2, 0, Part(2)));
        Assert.False(Committer.MoveSnapshot(Stream(1), old.Epoch, 0, 3, 2, CrcSum(Stream(1), 3, 2), 77));
        Assert.True(Committer.MoveSnapshot(Stream(1), current.Epoch, 0, 3, 2, CrcSum(Stream(1), 3, 2), 77));
    }

    [Fact]
    public void DeleteLooseParts_LeavesTheSnapshot()
    {
        var owner = Owner(records: 5);
        WriteParts(Stream(1), owner.Epoch, number: 1, parts: 3);
        Snapshot(Stream(1), owner.Epoch, previous: 0, number: 2, parts: 2);
        WriteParts(Stream(1), owner.Epoch, number: 4, parts: 2);
        Assert.Equal(2, Committer.DeleteLooseParts(Stream(1), owner.Epoch, 2));
        Assert.Equal(3, Committer.DeleteLooseParts(Stream(1), owner.Epoch, 100));
        Assert.Equal(0, Committer.DeleteLooseParts(Stream(1), owner.Epoch, 100));
        Assert.NotNull(Store.ReadPart(Stream(1), 2, 1));
        Assert.Null(Store.ReadPart(Stream(1), 1, 0));
        Assert.Null(Store.ReadPart(Stream(1), 4, 0));
    }

    [Fact]
    public void Trim_GoesStepByStep_NeverPastTheSnapshot()
    {
        var owner = Owner(records: 10);
        Assert.Equal(0, Committer.TrimRecords(Stream(1), 10, 100));
        Snapshot(Stream(1), owner.Epoch, previous: 0, number: 8, parts: 1);
        Assert.Equal(3, Committer.TrimRecords(Stream(1), 10, 3));
        Assert.Equal(3, Store.Find(Stream(1))!.Value.TrimmedTo);
        Assert.Equal([4, 5, 6, 7, 8, 9, 10], Store.Records(Stream(1)).Select(record => record.Number));
        Assert.Equal(1, Committer.TrimRecords(Stream(1), 4, 100));
        Assert.Equal(0, Committer.TrimRecords(Stream(1), 4, 100));
        Assert.Equal(4, Committer.TrimRecords(Stream(1), 10, 100));
        Assert.Equal(0, Committer.TrimRecords(Stream(1), 10, 100));
        Assert.Equal(8, Store.Find(Stream(1))!.Value.TrimmedTo);
        Assert.Equal([9, 10], Store.Records(Stream(1)).Select(record => record.Number));
        Assert.Equal(0, Committer.TrimRecords(Stream(2), 10, 100));
    }

    [Fact]
    public void PartOfAMebibyte_ComesBack()
    {
        var owner = Owner(records: 1);
        var payload = Payload(SnapshotWriter.PartBytes);
        Assert.True(Committer.WritePart(Stream(1), owner.Epoch, 1, 0, 0xFFFFFFFF, payload));
        Reopen();
        var (read, crc) = Store.ReadPart(Stream(1), 1, 0)!.Value;
        Assert.Equal(0xFFFFFFFF, crc);
        Assert.Equal(payload, read);
    }

    private static byte[] Part(int part) => Payload(1000 + part, part);

    private static long CrcSum(StreamId stream, long number, int parts) =>
        Enumerable.Range(0, parts).Sum(part => (long)EditLogCrc.OfPart(stream, number, part, Part(part)));

    private StreamHead Owner(int records)
    {
        var owner = Committer.Take(Stream(1));
        Committer.Do(Append(Stream(1), owner.Epoch, 0, Enumerable.Range(0, records).Select(at => Payload(20, at)).ToArray()));
        return owner;
    }

    private void WriteParts(StreamId stream, long epoch, long number, int parts)
    {
        for (var part = 0; part < parts; part++)
            Assert.True(Committer.WritePart(stream, epoch, number, part, EditLogCrc.OfPart(stream, number, part, Part(part)), Part(part)));
    }

    private void Snapshot(StreamId stream, long epoch, long previous, long number, int parts)
    {
        WriteParts(stream, epoch, number, parts);
        Assert.True(Committer.MoveSnapshot(stream, epoch, previous, number, parts, CrcSum(stream, number, parts), 77));
    }

    private void Purge()
    {
        for (var rounds = 0; Committer.PurgeDeleted(1000) > 0; rounds++) Assert.True(rounds < 100);
    }
}
