using Gofs.Chunks;
using Gofs.Grains.Chunks;
using Gofs.Grains.Control;
using Gofs.Grains.Namespaces;
using Gofs.Namespaces;
using Xunit;

namespace Gofs.Tests.Namespaces;

/// <summary>Files put whole: their one chunk stands in the namespace until a writer opens them or they are gone.</summary>
public sealed class WholeFileTests
{
    private const int ChunkSize = 1 << 16;
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly long Now = (Noon - DateTimeOffset.UnixEpoch).Ticks * 100;
    private static readonly ChunkHandle Chunk = ChunkHandle.Create(7, 0, 1);
    private static readonly TimeSpan Lease = NamespaceConfig.Default.LeaseTime;
    private int ops;

    [Fact]
    public void PutFile_KeepsItsChunk_UntilTheTableHasConfirmedIt()
    {
        var state = With(out var inode);
        Assert.False(NamespaceQueries.IsGarbage(state, new(Chunk, ChunkOwner.Put, Noon)));
        Assert.Equal(new(Chunk, ChunkSize, 5, Now), NamespaceQueries.WholeFileOf(state, inode));
        state.Apply(new OnlyChunksConfirmed([Chunk]));
        Assert.Empty(state.ToConfirm);
        Assert.Equal(Chunk, NamespaceQueries.EntryOf(state, inode).OnlyChunk);
    }

    [Fact]
    public void ChunkNobodyPut_IsGarbage() =>
        Assert.True(NamespaceQueries.IsGarbage(With(out _), new(ChunkHandle.Create(7, 0, 2), ChunkOwner.Put, Noon)));

    [Fact]
    public void ChunkOfAnOpenFile_IsNotGarbage_AndNeitherIsAnUnknownOneYoungerThanTheFilesOpening()
    {
        var state = With(out var inode);
        state.Apply(new OnlyChunksConfirmed([Chunk]));
        state.Apply(new FileOpened(Op(), inode, Now));
        var other = ChunkHandle.Create(7, 0, 2);
        Assert.False(NamespaceQueries.IsGarbage(state, new(other, ChunkOwner.Of(new(inode)), Noon)));
        Assert.True(NamespaceQueries.IsGarbage(state, new(other, ChunkOwner.Of(new(inode + 1)), Noon)));
        Assert.False(NamespaceQueries.IsGarbage(state, new(other, ChunkOwner.Unknown, Noon.AddSeconds(1))));
        Assert.True(NamespaceQueries.IsGarbage(state, new(other, ChunkOwner.Unknown, Noon.AddSeconds(-1))));
    }

    [Fact]
    public void OpenedFile_ShowsNoChunkToReaders_AndLosesItAtTheFirstFlush()
    {
        var state = With(out var inode);
        state.Apply(new FileOpened(Op(), inode, Now));
        Assert.Equal(ChunkHandle.None, NamespaceQueries.EntryOf(state, inode).OnlyChunk);
        Assert.Equal(Chunk, NamespaceQueries.WholeFileOf(state, inode).Chunk);
        state.Apply(new LengthFlushed(inode, 9, Now, Closed: true, 0, Now));
        Assert.Equal(default, NamespaceQueries.WholeFileOf(state, inode));
    }

    [Fact]
    public void PurgedFile_ReleasesItsChunk_WithoutItsGrain()
    {
        var state = With(out _);
        state.Apply(TreeDecisions.Remove(state, new Remove(Op(), Path("/f"), false, SkipTrash: true), Now));
        state.Apply(new InodesGivenUp(10));
        Assert.Equal([Chunk], state.ToRelease.Select(one => one.Chunk));
        Assert.Empty(state.Releasing);
    }

    [Fact]
    public void FilePurgedWhileOpen_IsReleasedByItsGrainToo()
    {
        var state = With(out var inode);
        state.Apply(new FileOpened(Op(), inode, Now));
        state.Apply(TreeDecisions.Remove(state, new Remove(Op(), Path("/f"), false, SkipTrash: true), Now));
        state.Apply(new InodesGivenUp(10));
        Assert.Equal([Chunk], state.ToRelease.Select(one => one.Chunk));
        Assert.Equal([inode], state.Releasing);
    }

    [Fact]
    public void PutOverAFile_SendsTheOldOneToTheTrash()
    {
        var state = With(out var first);
        state.Apply(Put(state, "/f", ChunkHandle.Create(7, 0, 2)));
        Assert.Equal(first, Assert.Single(state.Trash.Values).Inode);
        Assert.Equal(1, state.Tree.Directory(1).Count);
    }

    [Fact]
    public void PutAskedTooLateAfterTheAllocation_IsRefused()
    {
        var state = NamespaceStates.Empty(out _);
        var command = Command("/f", Chunk) with { AllocatedAt = Noon - UnconfirmedChunks.PutWithin(Lease) - TimeSpan.FromSeconds(1) };
        Assert.Equal(GofsError.LeaseExpired, Refused(state, command));
        Assert.Null(Refused(state, command with { AllocatedAt = Noon - Lease }));
    }

    [Fact]
    public void PutOfWhatMakesNoSense_IsRefused()
    {
        var state = NamespaceStates.Empty(out _, NamespaceConfig.Default with { MaxBytes = 100 });
        Assert.Equal(GofsError.InvalidArgument, Refused(state, Command("/f", ChunkHandle.Create(8, 0, 1))));
        Assert.Equal(GofsError.InvalidArgument, Refused(state, Command("/f", ChunkHandle.Create(7, 200, 1))));
        Assert.Equal(GofsError.InvalidArgument, Refused(state, Command("/f", ChunkHandle.None)));
        Assert.Equal(GofsError.InvalidArgument, Refused(state, Command("/f", Chunk) with { LengthBytes = ChunkSize + 1 }));
        Assert.Equal(GofsError.InvalidArgument, Refused(state, Command("/f", Chunk) with { ChunkSizeBytes = 1000 }));
        Assert.Equal(GofsError.QuotaExceeded, Refused(state, Command("/f", Chunk) with { LengthBytes = 101 }));
        Assert.Equal(GofsError.NotFound, Refused(state, Command("/d/f", Chunk)));
        Assert.Equal(GofsError.IsADirectory, Refused(state, Command("/", Chunk)));
    }

    private static GofsPath Path(string text) => GofsPath.Parse(text);

    private OpId Op() => new(new Guid(++ops, 0, 0, new byte[8]));

    private PutFile Command(string path, ChunkHandle chunk) => new(Op(), Path(path), NamespaceStates.Owner, chunk, ChunkSize, 5, Noon, null);

    private FilePut Put(NamespaceState state, string path, ChunkHandle chunk) => OpenFileDecisions.Put(state, Command(path, chunk), new(), Now);

    private NamespaceState With(out long inode)
    {
        var state = NamespaceStates.Empty(out _);
        var put = Put(state, "/f", Chunk);
        state.Apply(put);
        inode = put.Inode;
        return state;
    }

    private static GofsError? Refused(NamespaceState state, PutFile command)
    {
        try
        {
            OpenFileDecisions.Put(state, command, new(), Now);
            return null;
        }
        catch (GofsException failure)
        {
            return failure.Error;
        }
    }
}
