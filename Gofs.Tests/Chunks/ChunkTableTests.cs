using CsCheck;
using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Grains.Chunks;
using Gofs.Grains.Control;
using Gofs.Grains.EditLogs;
using Xunit;

namespace Gofs.Tests.Chunks;

public sealed class ChunkTableTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly ServerId A = new("a");
    private static readonly ServerId B = new("b");

    private static readonly Gen<ChunkTableEvent> AnyEvent = Gen.OneOf<ChunkTableEvent>(
        Gen.Long[1, 1000].Select(upto => (ChunkTableEvent)new HandlesReserved(upto)),
        Gen.Int[1, 99].Select(number => (ChunkTableEvent)new OwnerCounted(number)),
        Gen.Select(Handles(), Gen.Int[1, 9], (handles, goal) => (ChunkTableEvent)new ChunksConfirmed(handles, goal)),
        Gen.Select(Gen.Long[1, 30], Gen.Int[1, 99], (counter, version) => (ChunkTableEvent)new VersionMoved(Handle(counter), new(version))),
        Handles().Select(handles => (ChunkTableEvent)new ChunksReleased(handles)),
        Gen.Select(Gen.Long[1, 30], Gen.Long[1, 5], Gen.Long[1, 5], (counter, origin, clone) =>
            (ChunkTableEvent)new ChunksShared([new(Handle(counter), origin, clone)])),
        Gen.Select(Gen.Long[1, 30], Gen.Long[1, 5], (counter, inode) =>
            (ChunkTableEvent)new ReferencesReleased([new(Handle(counter), inode)])),
        Gen.Select(Gen.Long[1, 30], Gen.Long[1, 5], Gen.Int[1, 9], (counter, inode, goal) =>
            (ChunkTableEvent)new ChunkGoalsSet([new(Handle(counter), inode)], goal)));

    [Fact]
    public void SnapshotAndTail_EqualReplay() =>
        Gen.Select(AnyEvent.Array[0, 60], AnyEvent.Array[0, 20]).Sample((before, after) =>
        {
            var live = new ChunkTableState();
            foreach (var happened in before) live.Apply(happened);
            var copy = SnapshotOf(live);
            foreach (var happened in after)
            {
                live.Apply(happened);
                copy.Apply(happened);
            }

            Assert.Equal((live.ReservedUpto, live.Owners), (copy.ReservedUpto, copy.Owners));
            Assert.Equal(live.Rows.OrderBy(row => row.Key.Value), copy.Rows.OrderBy(row => row.Key.Value));
            for (var counter = 1; counter <= 30; counter++)
            {
                Assert.Equal(live.VersionOf(Handle(counter)), copy.VersionOf(Handle(counter)));
                Assert.Equal(live.ReferrersOf(Handle(counter)), copy.ReferrersOf(Handle(counter)));
            }
        });

    [Fact]
    public void ChunkThatFilesShare_HasTheGreatestOfTheirGoals() =>
        Gen.Select(Gen.Int[0, 2], Gen.Long[1, 5], Gen.Long[1, 5], Gen.Int[1, 9]).Array[0, 40].Sample(steps =>
        {
            var table = new ChunkTableState();
            table.Apply(new ChunksConfirmed([Handle(1)], 3));
            Dictionary<long, int> model = new() { [1] = 3 };
            foreach (var (kind, file, other, goal) in steps)
            {
                if (kind == 0 && model.TryGetValue(file, out var its) && model.TryAdd(other, its)) table.Apply(new ChunksShared([new(Handle(1), file, other)]));
                else if (kind == 1 && model.Count > 1 && model.Remove(file)) table.Apply(new ReferencesReleased([new(Handle(1), file)]));
                else if (kind == 2 && model.ContainsKey(file))
                {
                    model[file] = goal;
                    table.Apply(new ChunkGoalsSet([new(Handle(1), file)], goal));
                }

                Assert.True(table.TryGet(Handle(1), out var row));
                Assert.Equal(model.Values.Max(), row.Goal);
            }

            Assert.All(model, one => Assert.Equal(one.Value, table.GoalOf(Handle(1), one.Key)));
        });

    [Fact]
    public void SnapshotOfATimeWithoutFilesGoals_IsRead_AndEachHasTheChunks()
    {
        using var bytes = new MemoryStream();
        var writer = new SnapshotWriter(part => bytes.Write(part.Span));
        writer.WriteByte(3);
        writer.WriteInt64(9);
        writer.WriteInt32(1);
        writer.WriteInt64((long)Handle(1).Value);
        writer.WriteInt32(2);
        writer.WriteByte(4);
        writer.WriteInt32(0);
        writer.WriteInt32(1);
        writer.WriteInt64((long)Handle(1).Value);
        writer.WriteInt32(2);
        writer.WriteInt64(5);
        writer.WriteInt64(6);
        writer.Complete();
        using var reader = new SnapshotReader([bytes.ToArray()]);
        var table = new ChunkTableState();
        table.ReadSnapshot(reader);
        Assert.True(reader.AtEnd);
        Assert.Equal((4, 4, 0), (table.GoalOf(Handle(1), 5), table.GoalOf(Handle(1), 6), table.GoalOf(Handle(1), 7)));
    }

    [Fact]
    public void ConfirmingAgain_KeepsTheVersion()
    {
        var table = new ChunkTableState();
        table.Apply(new ChunksConfirmed([Handle(1)], 3));
        table.Apply(new VersionMoved(Handle(1), new(5)));
        table.Apply(new ChunksConfirmed([Handle(1)], 3));
        Assert.True(table.TryGet(Handle(1), out var row));
        Assert.Equal(5, row.Version.Value);
    }

    [Fact]
    public void VersionThatMovedBeforeAFileReferredToTheChunk_Counts_UntilItIsCollected()
    {
        var table = new ChunkTableState();
        table.Apply(new VersionMoved(Handle(1), new(2)));
        table.Apply(new VersionMoved(Handle(2), new(3)));
        Assert.False(table.TryGet(Handle(1), out _));
        table.Apply(new ChunksConfirmed([Handle(1)], 3));
        Assert.True(table.TryGet(Handle(1), out var row));
        Assert.Equal(2, row.Version.Value);
        Assert.Equal([Handle(2)], table.Moved);
        table.Apply(new ChunksReleased([Handle(2)]));
        Assert.Empty(table.Moved);
    }

    [Fact]
    public void ChunkBeingWritten_IsNotCollected_WhileItsLeaseIsKept()
    {
        var chunks = new UnconfirmedChunks();
        chunks.Keep(Handle(1), ChunkOwner.Of(new(7)), Noon, Minute);
        chunks.Keep(Handle(1), ChunkOwner.Unknown, Noon + Minute, Minute);
        Assert.Empty(chunks.Expired(Noon + Minute + UnconfirmedChunks.Margin, 10));
        var expired = Assert.Single(chunks.Expired(Noon + Minute + Minute + UnconfirmedChunks.Margin, 10));
        Assert.Equal(new(Handle(1), ChunkOwner.Of(new(7)), Noon), expired);
    }

    [Fact]
    public void Stranger_IsGivenTimeFromItsFirstSight_HoweverOftenItIsReported()
    {
        var chunks = new UnconfirmedChunks();
        chunks.SeeStranger(Handle(1), Noon, Minute);
        chunks.SeeStranger(Handle(1), Noon + Minute, Minute);
        Assert.Equal([new(Handle(1), ChunkOwner.Unknown, Noon)], chunks.Expired(Noon + Minute + UnconfirmedChunks.Margin, 10));
    }

    [Fact]
    public void ChunkTheNamespaceStillNeeds_IsAskedAboutAgainLater()
    {
        var chunks = new UnconfirmedChunks();
        chunks.SeeStranger(Handle(1), Noon, Minute);
        var over = Noon + Minute + UnconfirmedChunks.Margin;
        chunks.Defer([Handle(1)], over);
        Assert.Empty(chunks.Expired(over, 10));
        Assert.Single(chunks.Expired(over + UnconfirmedChunks.Margin, 10));
    }

    [Fact]
    public void ReleasedChunk_IsCollectedAtOnce_AndAConfirmedOneNever()
    {
        var chunks = new UnconfirmedChunks();
        chunks.Release(Handle(1));
        chunks.Keep(Handle(2), ChunkOwner.Put, Noon, Minute);
        chunks.Forget(Handle(2));
        Assert.Equal([Handle(1)], chunks.TakeReleased(10));
        Assert.Empty(chunks.Expired(Noon + TimeSpan.FromDays(1), 10));
        Assert.Equal(0, chunks.Count);
    }

    [Fact]
    public void LatestMomentToPut_IsWellBeforeTheEarliestToCollect() =>
        Assert.True(UnconfirmedChunks.PutWithin(Minute) + (UnconfirmedChunks.Margin / 2) <= Minute + UnconfirmedChunks.Margin);

    [Fact]
    public void ReplicaMap_EqualsASetOfPairs() =>
        Gen.Select(Gen.Int[0, 3], Gen.Long[1, 6], Gen.Bool).Array[0, 80].Sample(steps =>
        {
            var map = new ReplicaMap();
            HashSet<(ChunkHandle, ServerId)> model = [];
            foreach (var (kind, counter, second) in steps)
            {
                var (handle, server) = (Handle(counter), second ? B : A);
                switch (kind)
                {
                    case 0: map.Add(handle, server); model.Add((handle, server)); break;
                    case 1: map.Remove(handle, server); model.Remove((handle, server)); break;
                    case 2: map.Set(handle, [server]); model.RemoveWhere(one => one.Item1 == handle); model.Add((handle, server)); break;
                    default: map.Forget(server, Noon); model.RemoveWhere(one => one.Item2 == server); break;
                }
            }

            for (var counter = 1; counter <= 6; counter++)
            {
                var expected = model.Where(one => one.Item1 == Handle(counter)).Select(one => one.Item2.Value).Order();
                Assert.Equal(expected, map.Of(Handle(counter)).Select(server => server.Value).Order());
            }
        });

    [Fact]
    public void FullReport_ForgetsWhatItDoesNotName_ButNotWhatWasAllocatedMeanwhile()
    {
        var map = new ReplicaMap();
        map.Expect(Handle(1), [A, B], Noon);
        map.Expect(Handle(2), [A, B], Noon + Minute);
        map.Expect(Handle(3), [A, B], Noon + Minute);
        map.Add(Handle(3), A);
        map.Forget(A, Noon + Minute);
        Assert.Equal([B], map.Of(Handle(1)));
        Assert.Equal([A, B], map.Of(Handle(2)));
        Assert.Equal([B], map.Of(Handle(3)));
    }

    private static ChunkHandle Handle(long counter) => ChunkHandle.Create(7, 3, counter);

    private static Gen<ChunkHandle[]> Handles() => Gen.Long[1, 30].Select(Handle).Array[1, 5];

    private static ChunkTableState SnapshotOf(ChunkTableState table)
    {
        List<ReadOnlyMemory<byte>> parts = [];
        var writer = new SnapshotWriter(part => parts.Add(part.ToArray()));
        table.WriteSnapshot(writer);
        writer.Complete();
        using var reader = new SnapshotReader(parts);
        var copy = new ChunkTableState();
        copy.ReadSnapshot(reader);
        return copy;
    }
}
