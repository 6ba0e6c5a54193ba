using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Files;
using Gofs.Grains.EditLogs;
using Gofs.Grains.Files;
using Xunit;

namespace Gofs.Tests.Files;

public sealed class FileDecisionsTests
{
    private const long ChunkSize = 64 << 10;
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private readonly LeaseId writer = new(new Guid(1, 0, 0, new byte[8]));
    private readonly FileState file = new();
    private readonly WriterLeaseState lease;

    public FileDecisionsTests() => lease = WriterLeaseState.Acquire(null, writer, Noon, Minute);

    [Fact]
    public void Commit_OfAChunkPlacedUnderTheLease_MakesItTheFiles()
    {
        var chunk = Place(0);
        Commit(100, chunk);
        Assert.Equal(100, file.LengthBytes);
        Assert.Equal(chunk.Handle, file.ChunkAt(0));
    }

    [Fact]
    public void Commit_OfAChunkThatWasNotPlaced_IsRefused()
    {
        var foreign = new FileChunk(0, ChunkHandle.Create(1, 0, 99));
        Assert.Equal(GofsError.InvalidArgument, Refusal(() => Decide(100, false, foreign)));
    }

    [Fact]
    public void Commit_ThatShrinks_IsRefused()
    {
        Commit(100, Place(0));
        Assert.Equal(GofsError.InvalidArgument, Refusal(() => Decide(99, false)));
    }

    [Fact]
    public void Commit_AskedAgain_HappensOnce()
    {
        var chunk = Place(0);
        Commit(100, chunk);
        Assert.Null(Decide(100, false, chunk));
    }

    [Fact]
    public void ClosingCommit_AskedAgainAfterTheLeaseEnded_IsKnown()
    {
        file.Apply(Decide(0, close: true)!);
        Assert.True(FileDecisions.IsClosedAlready(file, new(writer, 0, [], null, Close: true)));
        Assert.False(FileDecisions.IsClosedAlready(file, new(LeaseId.New(), 0, [], null, Close: true)));
        Assert.False(FileDecisions.IsClosedAlready(file, new(writer, 1, [], null, Close: true)));
    }

    [Fact]
    public void Commit_PastTheMostChunks_IsRefused() =>
        Assert.Equal(GofsError.InvalidArgument, Refusal(() => Decide((FileDecisions.MaxChunks * ChunkSize) + 1, false)));

    [Fact]
    public void Truncation_ReleasesWhollyCutChunks_AndKeepsTheOneItCutsInto()
    {
        var chunks = new[] { Place(0), Place(1), Place(2) };
        Commit(3 * ChunkSize, chunks);
        file.Apply(FileDecisions.Truncate(file, writer, ChunkSize + 1, ChunkSize, 7)!);
        Assert.Equal([chunks[0].Handle, chunks[1].Handle], file.Chunks);
        Assert.Equal([chunks[2].Handle], file.Releasing);
        Assert.Equal((1, chunks[1].Handle, 1L), FileDecisions.TailToTrim(file));
        file.Apply(new FileChunksReleased([chunks[2].Handle]));
        Assert.Empty(file.Releasing);
    }

    [Fact]
    public void Truncation_ToTheSameLength_IsNothing()
    {
        Commit(100, Place(0));
        Assert.Null(FileDecisions.Truncate(file, writer, 100, ChunkSize, 7));
    }

    [Fact]
    public void Extension_LeavesAHole_ThatIsNoTail()
    {
        file.Apply(FileDecisions.Truncate(file, writer, (5 * ChunkSize) + 9, ChunkSize, 7)!);
        Assert.Equal(ChunkHandle.None, file.ChunkAt(5));
        Assert.Null(FileDecisions.TailToTrim(file));
    }

    [Fact]
    public void FullLastChunk_NeedsNoTrim()
    {
        Commit(ChunkSize, Place(0));
        Assert.Null(FileDecisions.TailToTrim(file));
    }

    [Fact]
    public void SecondWriter_WhileTheFirstLives_IsRefused() =>
        Assert.Equal(GofsError.LeaseHeld, Refusal(() => WriterLeaseState.Acquire(lease, LeaseId.New(), Noon + Minute - TimeSpan.FromTicks(1), Minute)));

    [Fact]
    public void SecondWriter_AfterTheFirstExpired_GetsTheLease_AndTheFirstIsRefused()
    {
        var second = WriterLeaseState.Acquire(lease, LeaseId.New(), Noon + Minute, Minute);
        Assert.NotEqual(writer, second.Id);
        Assert.Equal(GofsError.LeaseExpired, Refusal(() => WriterLeaseState.Renew(second, writer, Noon + Minute, Minute)));
    }

    [Fact]
    public void ExpiredLease_CannotBeRenewed_EvenWhenNobodyElseCame() =>
        Assert.Equal(GofsError.LeaseExpired, Refusal(() => WriterLeaseState.Renew(lease, writer, Noon + Minute, Minute)));

    [Fact]
    public void RenewedLease_LivesOn()
    {
        WriterLeaseState.Renew(lease, writer, Noon + (Minute / 2), Minute);
        Assert.Same(lease, WriterLeaseState.Renew(lease, writer, Noon + Minute, Minute));
    }

    [Fact]
    public void SameLeaseAskedAgain_KeepsItsPlacements()
    {
        Place(0);
        Assert.NotNull(WriterLeaseState.Acquire(lease, writer, Noon, Minute).Find(0));
    }

    [Fact]
    public void ResumedLease_HasTheChunksItsWriterBrings_AndMayCommitThem()
    {
        var resumed = WriterLeaseState.Resume(null, file, Resume(0, 5), 0, Noon, Minute);
        Assert.Equal((writer, Noon + Minute), (resumed.Id, resumed.ExpiresAt));
        Assert.Equal([ChunkHandle.Create(1, 0, 6)], resumed.Uncommitted);
        Assert.Same(resumed, WriterLeaseState.Resume(resumed, file, Resume(0, 5), 0, Noon, Minute));
    }

    [Fact]
    public void ChunkThatTheFileHasACopyOfMeanwhile_IsNotWrittenUnderAResumedLease()
    {
        var chunk = Place(0);
        Commit(100, chunk);
        file.Apply(new ChunkCopied(0, ChunkHandle.Create(1, 0, 50)));
        var brought = new ChunkPlacement(0, chunk.Handle, ChunkVersion.First, []);
        var resumed = WriterLeaseState.Resume(null, file, new(writer, 0, [brought]), 2, Noon, Minute);
        Assert.Null(resumed.Find(0));
        Assert.True(resumed.IsSuspended(0));
        Assert.Empty(resumed.Uncommitted);
    }

    [Fact]
    public void LeaseOfAFileSomebodyElseHolds_OrHasWritten_IsNotResumed()
    {
        var other = WriterLeaseState.Acquire(null, LeaseId.New(), Noon, Minute);
        Assert.Equal(GofsError.LeaseExpired, Refusal(() => WriterLeaseState.Resume(other, file, Resume(0), 0, Noon, Minute)));
        Assert.NotNull(WriterLeaseState.Resume(other, file, Resume(0), 0, Noon + Minute, Minute));
        Assert.Equal(GofsError.LeaseExpired, Refusal(() => WriterLeaseState.Resume(null, file, Resume(3), 4, Noon, Minute)));
    }

    [Fact]
    public void LeaseThatCommittedLast_IsResumed_UnlessItClosed()
    {
        file.Apply(Decide(0, close: false)!);
        Assert.NotNull(WriterLeaseState.Resume(null, file, Resume(0), 1, Noon, Minute));
        file.Apply(Decide(0, close: true)!);
        Assert.Equal(GofsError.LeaseExpired, Refusal(() => WriterLeaseState.Resume(null, file, Resume(0), 2, Noon, Minute)));
    }

    // Found by the simulation of files (seed 22337): an asking for the lease arrived seconds late at a grain that had started since. Its lease knew of no
    // chunk, went by the name the client had, and when he committed what he had flushed, that was cut off first.
    [Fact]
    public void LeaseOfAnAskingThatArrivedLate_IsUnknownToItsHolder_WhoTakesItUpWithWhatHeHasPlaced()
    {
        var phantom = WriterLeaseState.Acquire(null, writer, Noon, Minute);
        var (known, next) = (writer.Next(), writer.Next().Next());
        Assert.Equal(GofsError.LeaseExpired, Refusal(() => WriterLeaseState.Renew(phantom, known, Noon, Minute)));
        Commit(100, Place(0));
        var resumed = WriterLeaseState.Resume(phantom, file, Resume(0, 0) with { LeaseId = known, As = next }, 1, Noon, Minute);
        Assert.True(resumed.IsSuspended(0));
        Assert.Same(resumed, WriterLeaseState.Renew(resumed, next, Noon, Minute));
    }

    [Fact]
    public void CommitInAChunkThatTheLeaseDoesNotKnow_IsRefused_BeforeItIsCut_AndTheLeaseTakenUp()
    {
        Commit(100, Place(0));
        var (known, next) = (writer.Next(), writer.Next().Next());
        var empty = WriterLeaseState.Acquire(null, known, Noon, Minute);
        var commit = new CommitLength(known, 200, [new(0, file.ChunkAt(0))], 0, Close: false);
        Assert.Equal(GofsError.LeaseExpired, Refusal(() => FileDecisions.RequireKnown(file, empty, commit)));
        FileDecisions.RequireKnown(file, empty, commit with { LengthBytes = 100 });
        FileDecisions.RequireKnown(file, empty, commit with { LengthBytes = ChunkSize + 1, NewChunks = [new(1, ChunkHandle.Create(1, 0, 2))] });
        FileDecisions.RequireKnown(file, WriterLeaseState.Resume(empty, file, Resume(0, 0) with { LeaseId = known, As = next }, 1, Noon, Minute), commit);
    }

    [Fact]
    public void LeaseOfAnAskingThatArrivedLate_AndHasAChunkOfItsOwn_IsTakenUpWithTheOneItsHolderWrites()
    {
        var phantom = WriterLeaseState.Acquire(null, writer, Noon, Minute);
        phantom.Place(new(0, ChunkHandle.Create(1, 0, 9), ChunkVersion.First, []), isNew: true);
        var resumed = WriterLeaseState.Resume(
            phantom, file, Resume(0, 0) with { LeaseId = writer.Next(), As = writer.Next().Next() }, 0, Noon, Minute);
        Assert.Equal(ChunkHandle.Create(1, 0, 1), resumed.Find(0)!.Handle);
    }

    [Fact]
    public void LeaseOfAnAskingThatArrivedLate_AndCutTheChunk_IsNotTakenUp()
    {
        var phantom = WriterLeaseState.Acquire(null, writer, Noon, Minute);
        phantom.Cut(0);
        phantom.Place(new(0, ChunkHandle.Create(1, 0, 1), new(17), []), isNew: false);
        var asked = Resume(0, 0) with { LeaseId = writer.Next(), As = writer.Next().Next() };
        Assert.Equal(GofsError.LeaseExpired, Refusal(() => WriterLeaseState.Resume(phantom, file, asked, 0, Noon, Minute)));
    }

    [Fact]
    public void TakingUpThatArrivesLate_IsRefused()
    {
        var (second, third) = (writer.Next(), writer.Next().Next());
        var resumed = WriterLeaseState.Resume(null, file, Resume(0, 0) with { As = third }, 0, Noon, Minute);
        Assert.Equal(GofsError.LeaseExpired, Refusal(() => WriterLeaseState.Resume(resumed, file, Resume(0, 0) with { As = second }, 0, Noon, Minute)));
        file.Apply(new LengthCommitted(third, ChunkSize, 0, [], 0, Closed: false));
        Assert.Equal(GofsError.LeaseExpired, Refusal(() => WriterLeaseState.Resume(null, file, Resume(0, 0) with { As = second }, 1, Noon, Minute)));
    }

    [Fact]
    public void LeaseOfAFileThatAnotherHasWrittenSince_IsNotTakenUp_ByALateAskingEither()
    {
        var phantom = WriterLeaseState.Acquire(null, writer, Noon, Minute);
        phantom.GrantedAt = 5;
        var asked = Resume(3, 0) with { LeaseId = writer.Next(), As = writer.Next().Next() };
        Assert.Equal(GofsError.LeaseExpired, Refusal(() => WriterLeaseState.Resume(phantom, file, asked, 5, Noon, Minute)));
    }

    [Fact]
    public void UncommittedChunks_AreThoseNoCommitNamed()
    {
        var (first, second) = (Place(0), Place(1));
        lease.Committed([first]);
        Assert.Equal([second.Handle], lease.Uncommitted);
        lease.ForgetFrom(1);
        Assert.Empty(lease.Uncommitted);
    }

    [Fact]
    public void Snapshot_KeepsTheWholeState()
    {
        Commit(3 * ChunkSize, Place(0), Place(2));
        file.Apply(FileDecisions.Truncate(file, writer, 10, ChunkSize, 7)!);
        var copy = SnapshotOf(file);
        Assert.Equal(
            (file.LengthBytes, file.ChunkSizeBytes, file.ModifiedAt, file.LastWriter, file.LastWriterClosed),
            (copy.LengthBytes, copy.ChunkSizeBytes, copy.ModifiedAt, copy.LastWriter, copy.LastWriterClosed));
        Assert.Equal(file.Chunks, copy.Chunks);
        Assert.Equal(file.Releasing, copy.Releasing);
    }

    internal static FileState SnapshotOf(FileState file)
    {
        List<ReadOnlyMemory<byte>> parts = [];
        var writer = new SnapshotWriter(part => parts.Add(part.ToArray()));
        file.WriteSnapshot(writer);
        writer.Complete();
        using var reader = new SnapshotReader(parts);
        var copy = new FileState();
        copy.ReadSnapshot(reader);
        Assert.True(reader.AtEnd);
        return copy;
    }

    private ResumeLease Resume(long grantedAt, params int[] placed) =>
        new(writer, grantedAt, [.. placed.Select(index => new ChunkPlacement(index, ChunkHandle.Create(1, 0, index + 1), ChunkVersion.First, []))]);

    private FileChunk Place(int index)
    {
        var handle = ChunkHandle.Create(1, 0, index + 1);
        lease.Place(new(index, handle, ChunkVersion.First, [new ServerId("a")]), isNew: true);
        return new(index, handle);
    }

    private LengthCommitted? Decide(long length, bool close, params FileChunk[] chunks) =>
        FileDecisions.Commit(file, lease, new(writer, length, chunks, ModifiedAt: null, close), ChunkSize, now: 5);

    private void Commit(long length, params FileChunk[] chunks) => file.Apply(Decide(length, close: false, chunks)!);

    private static GofsError Refusal(Action action) => Assert.Throws<GofsException>(action).Error;
}
