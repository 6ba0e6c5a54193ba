using CsCheck;
using Gofs.Grains.EditLogs;
using Xunit;
using static Gofs.Tests.EditLogs.Commits;

namespace Gofs.Tests.EditLogs;

/// <summary>What every store must do, whatever the database: epochs, numbers, records. A class for each dialect derives from it.</summary>
public abstract class EditLogStoreTests : IDisposable
{
    private IEditLogStore? store;
    private IEditLogCommitter? committer;

    internal IEditLogStore Store => store ??= Open();

    internal IEditLogCommitter Committer => committer ??= Store.OpenCommitter();

    /// <summary>Closes the store and opens it again: what is there now was on disk.</summary>
    internal void Reopen()
    {
        Close();
        Assert.NotNull(Committer);
    }

    public void Dispose()
    {
        Close();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void Take_OfANewStream_MakesItEmpty()
    {
        Assert.Null(Store.Find(Stream(1)));
        var head = Committer.Take(Stream(1));
        Assert.True(head.Epoch > 0);
        Assert.Equal(new StreamHead(head.Epoch, 0, 0, 0, 0, 0, false), head);
        Assert.Equal(head, Store.Find(Stream(1)));
        Assert.Empty(Store.Records(Stream(1)));
    }

    [Fact]
    public void Take_OfAStream_GivesAHigherEpoch_AndWhereItStands()
    {
        var first = Committer.Take(Stream(1));
        Committer.Do(Append(Stream(1), first.Epoch, 0, Payload(10), Payload(20)));
        var second = Committer.Take(Stream(1));
        Assert.True(second.Epoch > first.Epoch);
        Assert.Equal(2, second.Number);
        Assert.Equal((0, first.Epoch), (first.FormerEpoch, second.FormerEpoch));
    }

    [Fact]
    public void Create_MakesTheStream_WithItsRecords()
    {
        var created = Committer.Do(Create(Stream(1), Payload(10), Payload(20, 2)));
        Assert.Equal(2, created.Head.Number);
        Assert.Equal(created.Head, Store.Find(Stream(1)));
        Assert.Equal([new Stored(1, Payload(10)), new(2, Payload(20, 2))], Store.Records(Stream(1)));
        Committer.Do(Append(Stream(1), created.Head.Epoch, 2, Payload(30, 3)));
        Assert.Equal(3, Store.Records(Stream(1)).Count);
    }

    [Fact]
    public void Create_OfAStreamThatIsThere_IsRefusedAlone()
    {
        Committer.Do(Create(Stream(2), Payload(1)));
        var (before, late, after) = (Create(Stream(1), Payload(1)), Create(Stream(2), Payload(2), Payload(3)), Create(Stream(3)));
        Committer.Commit([before, late, after]);
        Assert.Null(before.Refused);
        Assert.NotNull(late.Refused);
        Assert.Null(after.Refused);
        Assert.Equal([new Stored(1, Payload(1))], Store.Records(Stream(2)));
        Assert.Single(Store.Records(Stream(1)));
        Assert.NotNull(Store.Find(Stream(3)));
    }

    [Fact]
    public void SecondOwner_FencesTheFirst_WhoseCommitLeavesNothing_WhileOthersCommit()
    {
        var old = Committer.Take(Stream(1));
        var other = Committer.Take(Stream(2));
        var current = Committer.Take(Stream(1));
        var (refused, fine) = (Append(Stream(1), old.Epoch, 0, Payload(1)), Append(Stream(2), other.Epoch, 0, Payload(2)));
        Committer.Commit([refused, fine]);
        Assert.NotNull(refused.Refused);
        Assert.Null(fine.Refused);
        Assert.Equal(current, Store.Find(Stream(1)));
        Assert.Empty(Store.Records(Stream(1)));
        Assert.Single(Store.Records(Stream(2)));
    }

    [Fact]
    public void FormerOwner_CanNotDelete()
    {
        var old = Committer.Take(Stream(1));
        var current = Committer.Take(Stream(1));
        var delete = Delete(Stream(1), old.Epoch, 0);
        Committer.Commit([delete]);
        Assert.NotNull(delete.Refused);
        Assert.Equal(current, Store.Find(Stream(1)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void CommitFromAnotherNumber_IsRefused(long previous)
    {
        var head = Committer.Take(Stream(1));
        Committer.Do(Append(Stream(1), head.Epoch, 0, Payload(1), Payload(2)));
        var wrong = Append(Stream(1), head.Epoch, previous, Payload(3));
        Committer.Commit([wrong]);
        Assert.NotNull(wrong.Refused);
        Assert.Equal(2, Store.Find(Stream(1))!.Value.Number);
        Assert.Equal(2, Store.Records(Stream(1)).Count);
    }

    [Fact]
    public void CommitOfNothing_ChecksWhoseTheStreamIs_WhereTheStoreIsShared()
    {
        var old = Committer.Take(Stream(1));
        Committer.Do(new(Stream(1)) { Epoch = old.Epoch });
        Committer.Take(Stream(1));
        var check = new StreamCommit(Stream(1)) { Epoch = old.Epoch };
        Committer.Commit([check]);
        Assert.Equal(Store.IsShared, check.Refused is not null);
    }

    [Fact]
    public void CommitToAStreamThatIsNotThere_IsRefused()
    {
        var wrong = Append(Stream(1), 1, 0, Payload(3));
        Committer.Commit([wrong]);
        Assert.NotNull(wrong.Refused);
        Assert.Null(Store.Find(Stream(1)));
        Assert.Empty(Store.Records(Stream(1)));
    }

    [Fact]
    public void RefusedCommit_DoneAgainRight_IsNotRefused()
    {
        var head = Committer.Take(Stream(1));
        var commit = Append(Stream(1), head.Epoch, 7, Payload(3));
        Committer.Commit([commit]);
        Assert.NotNull(commit.Refused);
        commit.PreviousNumber = 0;
        Committer.Commit([commit]);
        Assert.Null(commit.Refused);
    }

    [Fact]
    public void StreamTwiceInATransaction_GoesInItsOrder()
    {
        var old = Committer.Take(Stream(1));
        var (record, claim, late) = (Append(Stream(1), old.Epoch, 0, Payload(1)), Claim(Stream(1)), Append(Stream(1), old.Epoch, 1, Payload(2)));
        Committer.Commit([record, claim, late]);
        Assert.Null(record.Refused);
        Assert.Equal(1, claim.Head.Number);
        Assert.NotNull(late.Refused);
        Assert.Equal([new Stored(1, Payload(1))], Store.Records(Stream(1)));
    }

    [Fact]
    public void Streams_InAnyOrder_KeepTheirOwnOutcome()
    {
        StreamId[] streams = [Stream(9), Stream(3), StreamId.OfFile(2, new(5)), Stream(1), StreamId.OfNamespace(4)];
        var commits = streams.Select((stream, at) => Create(stream, Enumerable.Repeat(Payload(at + 1, at), at + 1).ToArray())).ToArray();
        Committer.Commit(commits);
        for (var at = 0; at < streams.Length; at++)
        {
            Assert.Equal(commits[at].Head, Store.Find(streams[at]));
            Assert.Equal(at + 1, commits[at].Head.Number);
            Assert.All(Store.Records(streams[at]), record => Assert.Equal(Payload(at + 1, at), record.Payload));
        }
    }

    [Fact]
    public void Records_AreReadInOrder_FromANumber_UpToALimit()
    {
        var head = Committer.Take(Stream(1));
        for (var number = 0; number < 10; number++) Committer.Do(Append(Stream(1), head.Epoch, number, Payload(5, number)));
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], Store.Records(Stream(1)).Select(record => record.Number));
        Assert.Equal([4, 5, 6], Store.Records(Stream(1), after: 3, limit: 3).Select(record => record.Number));
        Assert.Equal([10], Store.Records(Stream(1), after: 9, limit: 3).Select(record => record.Number));
        Assert.Empty(Store.Records(Stream(1), after: 10));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2_000)]
    [InlineData(8_192)]
    [InlineData(65_537)]
    [InlineData(1 << 20)]
    [InlineData(RecordBatch.MaxRecordBytes)]
    public void Payload_OfAnySize_ComesBack(int length)
    {
        Committer.Do(Create(Stream(1), Payload(length), Payload(3)));
        Reopen();
        Assert.Equal([new Stored(1, Payload(length)), new(2, Payload(3))], Store.Records(Stream(1)));
    }

    [Fact]
    public void RecordsOfAnySizes_InAnyCommits_ComeBackFromAnyNumberOn()
    {
        var size = Gen.OneOf(Gen.Int[0, 200], Gen.Int[3900, 4100], Gen.Int[7970, 8010]);
        var id = 0;
        Gen.Select(size.Array[1, 150].Array[1, 4], Gen.Int[0, 500], Gen.Int[1, 500]).Sample((commits, after, limit) =>
        {
            var stream = Stream(++id);
            var head = Committer.Take(stream);
            List<Stored> all = [];
            foreach (var sizes in commits)
            {
                var payloads = sizes.Select(length => Payload(length, all.Count + length)).ToArray();
                Committer.Do(Append(stream, head.Epoch, all.Count, payloads));
                all.AddRange(payloads.Select((payload, at) => new Stored(all.Count + at + 1, payload)).ToArray());
            }

            Assert.Equal(all, Store.Records(stream));
            Assert.Equal(all.Skip(after).Take(limit), Store.Records(stream, after, limit));
        }, iter: 30, threads: 1);
    }

    [Fact]
    public void ManyStreams_CommitTogether()
    {
        var streams = Enumerable.Range(1, EditLogWriter.MaxStreams).Select(Stream).ToArray();
        var claims = streams.Select(Claim).ToArray();
        Committer.Commit(claims);
        Assert.All(claims, claim => Assert.Null(claim.Refused));
        Committer.Take(streams[1000]);
        var commits = claims.Select((claim, at) => Append(claim.Stream, claim.Head.Epoch, 0, Payload(50, at))).ToArray();
        Committer.Commit(commits);
        Assert.Equal([streams[1000]], commits.Where(commit => commit.Refused is not null).Select(commit => commit.Stream));
        Assert.Equal(Payload(50, 4095), Store.Records(streams[^1]).Single().Payload);
        Assert.Empty(Store.Records(streams[1000]));
    }

    [Fact]
    public void RowsThatContradictTheStore_RefuseTheirStreamAlone()
    {
        var (bad, good) = (Committer.Take(Stream(1)), Committer.Take(Stream(2)));
        Damage($"INSERT INTO {Table("record")} (stream, number, crc, payload) VALUES ({Stream(1).Value}, 2, 0, '')");
        var (refused, fine) = (Append(Stream(1), bad.Epoch, 0, Payload(1), Payload(2)), Append(Stream(2), good.Epoch, 0, Payload(1)));
        Committer.Commit([refused, fine]);
        Assert.Contains("contradict", refused.Refused, StringComparison.Ordinal);
        Assert.Null(fine.Refused);
        Assert.Equal(0, Store.Find(Stream(1))!.Value.Number);
        Assert.Equal(1, Store.Find(Stream(2))!.Value.Number);
        Assert.Single(Store.Records(Stream(2)));
    }

    [Fact]
    public void WhatIsCommitted_IsThere_WhenTheStoreIsOpenedAgain()
    {
        var head = Committer.Take(Stream(1));
        Committer.Do(Append(Stream(1), head.Epoch, 0, Payload(7)));
        Reopen();
        Assert.Equal(head with { Number = 1 }, Store.Find(Stream(1)));
        Assert.Equal([new Stored(1, Payload(7))], Store.Records(Stream(1)));
    }

    /// <summary>Opens the store under test: the same one each time.</summary>
    internal abstract IEditLogStore Open();

    /// <summary>Changes the database behind the store's back.</summary>
    internal abstract void Damage(string sql);

    /// <summary>A table's name in this database.</summary>
    internal abstract string Table(string name);

    private void Close()
    {
        committer?.Dispose();
        store?.Dispose();
        (committer, store) = (null, null);
    }
}
