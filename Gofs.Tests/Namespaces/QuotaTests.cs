using CsCheck;
using Gofs.Chunks;
using Gofs.Grains.Namespaces;
using Gofs.Namespaces;
using Xunit;

namespace Gofs.Tests.Namespaces;

/// <summary>Quotas of bytes: by length and by what replicas take, whatever is written, cloned, removed and set at the same time.</summary>
public sealed class QuotaTests
{
    private const int Chunk = 1 << 16;
    private readonly LengthReservations reservations = new();
    private readonly NamespaceState state;
    private int ops;

    public QuotaTests() => state = NamespaceStates.Empty(out _, NamespaceConfig.Default with { MaxStoredBytes = 100, Goal = 2 });

    [Fact]
    public void NewFile_CountsWithEachReplicaItWants()
    {
        MakeDirectory("/d");
        Put("/f", 30);
        SetGoal("/d", 3);
        Assert.Equal(60, state.Tree.StoredBytes);
        Refused(() => Put("/d/g", 14));
        Put("/d/g", 13);
        Refused(() => Put("/h", 1));
        Assert.Equal(99, state.Tree.StoredBytes);
    }

    [Fact]
    public void Goal_IsRaisedAsFarAsThereIsRoom_AndAlwaysLowered()
    {
        Put("/f", 30);
        Refused(() => SetGoal("/f", 4));
        SetGoal("/f", 3);
        Config(state.Config with { MaxStoredBytes = 10 });
        SetGoal("/f", 1);
        Assert.Equal(30, state.Tree.StoredBytes);
        Refused(() => SetGoal("/f", 2));
    }

    [Fact]
    public void GoalOfATree_CountsOfEachFileWhatItGetsMore()
    {
        MakeDirectory("/d");
        Put("/d/a", 10);
        Put("/d/b", 20);
        SetGoal("/d/b", 1);
        Refused(() => SetGoal("/d", 4, recursive: true));
        SetGoal("/d", 3, recursive: true);
        Assert.Equal(90, state.Tree.StoredBytes);
    }

    [Fact]
    public void FileInTheTrash_CountsUntilItIsGivenUp_AndWhatReplacesItTakesRoomOfItsOwn()
    {
        Put("/f", 25);
        Put("/f", 25);
        Refused(() => Put("/g", 1));
        state.Apply(TrashDecisions.Purge(state, Op(), null)!);
        Refused(() => Put("/g", 1));
        state.Apply(new InodesGivenUp(10));
        Put("/g", 25);
    }

    [Fact]
    public void Clone_CountsAsIfItSharedNothing()
    {
        Put("/f", 20);
        Clone("/f", "/g");
        Assert.Equal(80, state.Tree.StoredBytes);
        Refused(() => Clone("/f", "/h"));
        SetGoal("/g", 1);
        Clone("/g", "/h");
        Assert.Equal(80, state.Tree.StoredBytes);
    }

    [Fact]
    public void GrowingFile_CountsWithWhatIsSetAside_AlsoWhenItsGoalIsRaised()
    {
        var inode = Open("/f");
        Grow(inode, 30);
        Refused(() => Put("/g", 21));
        Put("/g", 5);
        Refused(() => SetGoal("/f", 4));
        SetGoal("/f", 3);
        Refused(() => Grow(inode, 31));
        Flush(inode, 30, closed: true);
        Assert.Equal(100, state.Tree.StoredBytes);
    }

    [Fact]
    public void CloneOfAGrowingFile_MayBecomeAsLong()
    {
        var inode = Open("/f");
        Grow(inode, 26);
        Refused(() => Clone("/f", "/g"));
        Grow(inode, 25);
        Clone("/f", "/g");
        Refused(() => Grow(inode, 26));
        Flush(inode, 25, closed: false);
        state.Apply(new ClonesSettled([new(InodeOf("/g"), 25, 1)]));
        Assert.Equal(100, state.Tree.StoredBytes);
    }

    [Fact]
    public void QuotaThatIsBelowWhatThereIs_KeepsWhatThereIs_AndLetsNothingGrow()
    {
        Put("/f", 40);
        Config(state.Config with { MaxStoredBytes = 50 });
        Put("/empty", 0);
        Refused(() => Put("/g", 1));
        Config(state.Config with { MaxStoredBytes = 0, MaxBytes = 41 });
        Put("/g", 1);
        Refused(() => Put("/h", 1));
    }

    [Fact]
    public void NothingThatIsAccepted_EverPassesAQuota() =>
        Gen.Select(Gen.Int[0, 8], Gen.Int[0, 3], Gen.Int[0, 3], Gen.Int[1, 40]).Array[1, 80].Sample(steps =>
        {
            var world = new QuotaTests();
            world.Config(world.state.Config with { MaxBytes = 80 });
            foreach (var (kind, a, b, number) in steps)
            {
                try
                {
                    world.Step(kind, $"/n{a}", $"/n{b}", number);
                }
                catch (GofsException refused) when (refused.Error is not GofsError.Internal)
                {
                    // It changed nothing: the sums say so.
                }

                Assert.True(world.state.Tree.LengthBytes <= 80 && world.state.Tree.StoredBytes <= 100,
                    $"{world.state.Tree.LengthBytes} of 80 bytes, {world.state.Tree.StoredBytes} of 100 stored");
            }
        }, iter: 3000);

    private void Step(int kind, string a, string b, int number)
    {
        var inode = InodeOf(a);
        switch (kind)
        {
            case 0: Put(a, number); break;
            case 1: SetGoal(a, 1 + (number % 9)); break;
            case 2: Clone(a, b); break;
            case 3: state.Apply(TreeDecisions.Remove(state, new(Op(), GofsPath.Parse(a), Recursive: false, SkipTrash: number % 2 == 0), 1)); break;
            case 4: Open(a); break;
            case 5 when state.Open.ContainsKey(inode) && !state.Clones.TryGet(inode, out _): Grow(inode, state.Tree[inode].LengthBytes + number); break;
            case 6 when state.Open.ContainsKey(inode): Flush(inode, reservations.LengthOf(state, inode), closed: number % 2 == 0); break;
            case 7: Settle(); break;
            default:
                if (TrashDecisions.Purge(state, Op(), null) is { } purged) state.Apply(purged);
                state.Apply(new InodesGivenUp(number));
                break;
        }
    }

    // Each clone has what its origin has by then, the first of a chain first.
    private void Settle()
    {
        while (state.Clones.All.Where(one => !state.Clones.TryGet(one.Value.Origin, out _)).Select(one => (long?)one.Key).FirstOrDefault() is { } clone)
        {
            state.Clones.TryGet(clone, out var its);
            state.Apply(new ClonesSettled([new(clone, state.Tree[its.Origin].LengthBytes, 1)]));
        }
    }

    private static void Refused(Action act) => Assert.Equal(GofsError.QuotaExceeded, Assert.Throws<GofsException>(act).Error);

    private OpId Op() => new(new Guid(++ops, 0, 0, new byte[8]));

    private long InodeOf(string path) => NamespaceQueries.Find(state, GofsPath.Parse(path), followLast: false)?.Inode.Value ?? 0;

    private void Config(NamespaceConfig config) => state.Apply(new ConfigSet(Op(), config));

    private void MakeDirectory(string path) =>
        state.Apply(TreeDecisions.Make(state, new MakeDirectory(Op(), GofsPath.Parse(path), NamespaceStates.Owner, Parents: false), 1)!);

    private void Put(string path, long length)
    {
        var chunk = length == 0 ? ChunkHandle.None : ChunkHandle.Create(7, 0, ++ops);
        state.Apply(OpenFileDecisions.Put(
            state, new(Op(), GofsPath.Parse(path), NamespaceStates.Owner, chunk, Chunk, length, DateTimeOffset.UnixEpoch, null), reservations, 1));
    }

    private void SetGoal(string path, int goal, bool recursive = false) =>
        state.Apply(GoalDecisions.Set(state, new(Op(), GofsPath.Parse(path), goal, recursive, null), reservations).Happened!);

    private void Clone(string from, string to) =>
        state.Apply(CloneDecisions.Clone(state, new(Op(), GofsPath.Parse(from), GofsPath.Parse(to)), reservations, 1));

    private long Open(string path)
    {
        Settle(); // as a master does before a file is written to: its clones, and itself, have their own chunk lists
        state.Apply(OpenFileDecisions.Open(state, new(Op(), GofsPath.Parse(path), NamespaceStates.Owner, Create: true, Exclusive: false, Atomic: false), 1));
        return InodeOf(path);
    }

    private void Grow(long inode, long length)
    {
        QuotaDecisions.RequireGrowth(state, reservations, inode, length);
        reservations.Reserve(inode, length);
    }

    private void Flush(long inode, long length, bool closed)
    {
        if (OpenFileDecisions.Flush(state, new(new(inode), length, 1, closed), 1) is { } flushed) state.Apply(flushed);
        reservations.Arrived(inode, length, closed && !state.Open.ContainsKey(inode));
    }
}
