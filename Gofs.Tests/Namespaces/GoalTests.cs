using CsCheck;
using Gofs.Chunks;
using Gofs.Grains.EditLogs;
using Gofs.Grains.Namespaces;
using Gofs.Namespaces;
using Xunit;

namespace Gofs.Tests.Namespaces;

/// <summary>Goals in the namespace's state: who has which, and that a tree gets one step by step whatever happens meanwhile.</summary>
public sealed class GoalTests
{
    private static readonly Gen<string> Path = Gen.Int[0, 3].Array[1, 3].Select(names => string.Concat(names.Select(name => $"/n{name}")));
    private static readonly Gen<(int Kind, string Path)[]> Trees = Gen.Select(Gen.Int[0, 2], Path).Array[1, 60];
    private readonly NamespaceState state = NamespaceStates.Empty(out _);
    private int ops;

    [Fact]
    public void NewFile_HasTheGoalOfItsDirectory_ElseTheNamespacesOfThatMoment()
    {
        Put("/before");
        state.Apply(new ConfigSet(Op(), state.Config with { Goal = 3 }));
        Put("/after");
        MakeDirectory("/d");
        Set("/d", 5);
        Put("/d/f");
        MakeDirectory("/d/e");
        Put("/d/e/f");
        Put("/d/e/f");
        Assert.Equal([1, 3, 5, 5, 5, 5], ((string[])["/before", "/after", "/d", "/d/f", "/d/e", "/d/e/f"]).Select(GoalOf));
        Assert.Equal(0, GoalOf("/"));
        Assert.Equal((byte)5, state.ToConfirm[new(state.Tree[InodeOf("/d/e/f")].OnlyChunk)]);
    }

    [Fact]
    public void Goal_StaysWithTheFile_WhenItIsMovedClonedRemovedAndRestored()
    {
        MakeDirectory("/d");
        Set("/d", 4);
        Put("/f");
        Set("/f", 2);
        state.Apply(TreeDecisions.Move(state, new(Op(), At("/f"), At("/d/f"), NoReplace: false), 1)!);
        state.Apply(CloneDecisions.Clone(state, new(Op(), At("/d"), At("/e")), new(), 1));
        state.Apply(TreeDecisions.Remove(state, new(Op(), At("/d/f"), Recursive: false, SkipTrash: false), 1));
        state.Apply(TrashDecisions.Restore(state, new(Op(), state.Trash.Keys.Single(), At("/g")), 1));
        Assert.Equal([4, 4, 2, 2], ((string[])["/d", "/e", "/e/f", "/g"]).Select(GoalOf));
        // What the file had yet to tell, its clone has too.
        Assert.Equal([InodeOf("/g"), InodeOf("/e/f")], state.GoalsToTell.Order());
    }

    [Fact]
    public void GoalSetAnewWhileItIsTold_IsStillToBeTold()
    {
        Put("/f");
        Set("/f", 2);
        var inode = InodeOf("/f");
        Set("/f", 3);
        state.Apply(new GoalsTold([new(inode, 2)]));
        Assert.Equal([inode], state.GoalsToTell);
        state.Apply(new GoalsTold([new(inode, 3)]));
        Assert.Empty(state.GoalsToTell);
    }

    [Fact]
    public void FilePutOnFewerServersThanItsDirectoryWants_IsRefused_UnlessTheNamespaceWantsNoMore()
    {
        MakeDirectory("/d");
        Set("/d", 3);
        PutFile Command(int replicas) => new(
            Op(), At("/d/f"), NamespaceStates.Owner, ChunkHandle.Create(7, 0, 99), 1 << 16, 5, DateTimeOffset.UnixEpoch, null) { Replicas = replicas };
        Assert.Equal(GofsError.TooFewReplicas, Assert.Throws<GofsException>(() => OpenFileDecisions.Put(state, Command(2), new(), 1)).Error);
        Assert.NotNull(OpenFileDecisions.Put(state, Command(3), new(), 1));
        state.Apply(new ConfigSet(Op(), state.Config with { Goal = 3 }));
        Assert.NotNull(OpenFileDecisions.Put(state, Command(2), new(), 1));
    }

    [Fact]
    public void GoalTakenBack_IsTheNamespacesAgain_OfFilesThatOfThisMoment()
    {
        MakeDirectory("/d");
        Set("/d", 5);
        Put("/d/f");
        MakeDirectory("/d/e");
        state.Apply(new ConfigSet(Op(), state.Config with { Goal = 3 }));
        var step = GoalDecisions.Set(state, Back("/d", recursive: false), new());
        Assert.Equal(new GoalStep(0, 1, null), step.Step);
        state.Apply(step.Happened!);
        Put("/d/g");
        Assert.Equal([0, 5, 5, 3], ((string[])["/d", "/d/f", "/d/e", "/d/g"]).Select(GoalOf));
        state.Apply(GoalDecisions.Set(state, Back("/d", recursive: true), new()).Happened!);
        Assert.Equal([0, 3, 0, 3], ((string[])["/d", "/d/f", "/d/e", "/d/g"]).Select(GoalOf));
        Assert.Equal([InodeOf("/d/f"), InodeOf("/d/g")], state.GoalsToTell.Order());
        state.Apply(new ConfigSet(Op(), state.Config with { Goal = 1 }));
        Assert.Equal(3, GoalOf("/d/f"));
    }

    [Fact]
    public void GoalTakenBackAndSetAtOnce_IsRefused() => Assert.Equal(
        GofsError.InvalidArgument,
        Assert.Throws<GofsException>(() => GoalDecisions.Set(state, Back("/", recursive: false) with { Goal = 2 }, new())).Error);

    [Fact]
    public void RemovedFile_HasNothingToTell()
    {
        Put("/f");
        Set("/f", 2);
        state.Apply(TreeDecisions.Remove(state, new(Op(), At("/f"), Recursive: false, SkipTrash: true), 1));
        state.Apply(new InodesGivenUp(10));
        Assert.Empty(state.GoalsToTell);
    }

    [Theory]
    [InlineData(0), InlineData(1), InlineData(10), InlineData(-1)]
    public void GoalOutOfRange_OrBelowWhatAWriteNeeds_IsRefused(int goal)
    {
        state.Apply(new ConfigSet(Op(), state.Config with { Goal = 3, MinReplicas = 2 }));
        Assert.Equal(GofsError.InvalidArgument, Assert.Throws<GofsException>(() => Decide("/", goal)).Error);
    }

    [Fact]
    public void NothingThere_OrNoPlaceToGoOn_IsRefused()
    {
        Assert.Equal(GofsError.NotFound, Assert.Throws<GofsException>(() => Decide("/nothing", 2)).Error);
        foreach (var after in new byte[][][] { [], [[]], [new byte[256]] })
        {
            var command = new SetGoal(Op(), GofsPath.Root, 2, Recursive: true, after);
            Assert.Equal(GofsError.InvalidArgument, Assert.Throws<GofsException>(() => GoalDecisions.Set(state, command, new())).Error);
        }
    }

    [Fact]
    public void Directory_AloneOrWithAllBelow_AndWhatASymlinkLeadsTo()
    {
        MakeDirectory("/d");
        Put("/d/f");
        state.Apply(TreeDecisions.Make(state, new MakeSymlink(Op(), At("/l"), "d"u8.ToArray(), NamespaceStates.Owner, null), 1));
        Assert.Equal(new GoalStep(0, 1, null), Decide("/l", 2).Step);
        Assert.Equal([InodeOf("/d")], Decide("/l", 2).Happened!.Inodes);
        Assert.Equal(new GoalStep(1, 2, null), GoalDecisions.Set(state, new(Op(), GofsPath.Root, 2, Recursive: true, null), new()).Step);
    }

    [Fact]
    public void Walk_InStepsOfAnySize_TakesEverythingOnce() => Gen.Select(Trees, Gen.Int[1, 7], Gen.Int[1, 4]).Sample((tree, limit, page) =>
    {
        var world = new GoalTests();
        world.Make(tree);
        var (taken, steps) = (new List<long>(), 0);
        byte[][]? after = null;
        do
        {
            Assert.True(steps++ < 200, "the walk does not end");
            after = new GoalWalk(world.state, 1, after).Take(limit, page, taken);
        }
        while (after is not null);
        Assert.Equal(world.Inodes(), taken.Order());
    }, iter: 2000);

    [Fact]
    public void Walk_WhileNamesGo_TakesAllThatStay() => Gen.Select(Trees, Gen.Int[1, 5], Path.Array[0, 10]).Sample((tree, limit, gone) =>
    {
        var world = new GoalTests();
        world.Make(tree);
        List<long> taken = [];
        byte[][]? after = null;
        for (var steps = 0; steps < 200; steps++)
        {
            after = new GoalWalk(world.state, 1, after).Take(limit, 3, taken);
            if (after is null) break;
            if (steps < gone.Length) world.TryRemove(gone[steps]);
        }

        Assert.Null(after);
        Assert.Empty(world.Inodes().Except(taken));
    }, iter: 2000);

    [Fact]
    public void SnapshotOfATimeWithoutGoals_IsRead_AndFilesHaveTheNamespacesGoal()
    {
        using var bytes = new MemoryStream();
        var writer = new SnapshotWriter(part => bytes.Write(part.Span));
        WriteFormer(writer, NamespaceConfig.Default with { Goal = 3, MinReplicas = 2 });
        writer.Complete();
        using var reader = new SnapshotReader([bytes.ToArray()]);
        var read = new NamespaceState();
        read.ReadSnapshot(reader);
        Assert.True(reader.AtEnd);
        Assert.Equal((0, 3), (NamespaceQueries.EntryOf(read, 1).Goal, NamespaceQueries.Find(read, At("/f"), followLast: false)!.Goal));
        Assert.Equal((byte)3, Assert.Single(read.ToConfirm).Value);
        Assert.Equal(2, read.Config.MinReplicas);
    }

    // Format 4: a root, a file put whole in it that is to be confirmed, and nothing else.
    private static void WriteFormer(SnapshotWriter writer, NamespaceConfig config)
    {
        var chunk = (long)ChunkHandle.Create(7, 0, 1).Value;
        writer.WriteByte(4);
        writer.WriteInt32(7);
        writer.WriteText("test");
        foreach (var number in (object[])[config.ChunkSizeBytes, config.Goal, 0, config.TrashRetention.Ticks, 0L, 0L, config.LeaseTime.Ticks, 8, 2])
        {
            if (number is long large) writer.WriteInt64(large);
            else writer.WriteInt32((int)number);
        }

        writer.WriteInt64(2);
        writer.WriteInt64(0);
        new OpResults().Write(writer);
        writer.WriteInt32(1);
        WriteRow(1, 1, 0);
        writer.WriteInt64(1);
        writer.WriteInt32(1);
        WriteRow(2, 0x80, 5);
        writer.WriteInt64(chunk);
        writer.WriteInt32(1 << 16);
        writer.WriteByte(1);
        writer.WriteRaw("f"u8);
        writer.WriteInt64(0);
        for (var empty = 0; empty < 7; empty++) writer.WriteInt32(0);
        writer.WriteInt32(1);
        writer.WriteInt64(chunk);
        for (var empty = 0; empty < 3; empty++) writer.WriteInt32(0);

        void WriteRow(long inode, byte kind, long length)
        {
            writer.WriteInt64(inode);
            writer.WriteByte(kind);
            for (var number = 0; number < 3; number++) writer.WriteInt32(0);
            writer.WriteInt64(length);
            writer.WriteInt64(100);
        }
    }

    private static GofsPath At(string path) => GofsPath.Parse(path);

    private OpId Op() => new(new Guid(++ops, 0, 0, new byte[8]));

    private long InodeOf(string path) => NamespaceQueries.Find(state, At(path), followLast: false)?.Inode.Value ?? 0;

    private int GoalOf(string path) => NamespaceQueries.Find(state, At(path), followLast: false)!.Goal;

    private SetGoal Back(string path, bool recursive) => new(Op(), At(path), 0, recursive, null) { AsNamespace = true };

    private (GoalsSet? Happened, GoalStep Step) Decide(string path, int goal) =>
        GoalDecisions.Set(state, new(Op(), At(path), goal, Recursive: false, null), new());

    private void Set(string path, int goal) => state.Apply(Decide(path, goal).Happened!);

    private void MakeDirectory(string path) =>
        state.Apply(TreeDecisions.Make(state, new MakeDirectory(Op(), At(path), NamespaceStates.Owner, Parents: false), 1)!);

    private void Put(string path) => state.Apply(OpenFileDecisions.Put(
        state, new(Op(), At(path), NamespaceStates.Owner, ChunkHandle.Create(7, 0, ++ops), 1 << 16, 5, DateTimeOffset.UnixEpoch, null), new(), 1));

    // Directories, files and symlinks, where they can be.
    private void Make((int Kind, string Path)[] tree)
    {
        foreach (var (kind, path) in tree)
        {
            try
            {
                if (kind == 0) Put(path);
                else if (kind == 1) MakeDirectory(path);
                else state.Apply(TreeDecisions.Make(state, new MakeSymlink(Op(), At(path), "x"u8.ToArray(), NamespaceStates.Owner, null), 1));
            }
            catch (GofsException)
            {
                // Something else is there, or its directory is not.
            }
        }

        foreach (var row in state.Trash.Keys.ToArray()) state.Apply(new TrashPurged(null, [row]));
        state.Apply(new InodesGivenUp(1000));
    }

    private void TryRemove(string path)
    {
        try
        {
            state.Apply(TreeDecisions.Remove(state, new(Op(), At(path), Recursive: true, SkipTrash: true), 1));
            state.Apply(new InodesGivenUp(100));
        }
        catch (GofsException)
        {
            // It is not there.
        }
    }

    private IEnumerable<long> Inodes() => Enumerable.Range(2, (int)state.LastInode).Select(inode => (long)inode)
        .Where(inode => state.Tree.Has(inode) && state.Tree[inode].Type != EntryType.Symlink);
}
