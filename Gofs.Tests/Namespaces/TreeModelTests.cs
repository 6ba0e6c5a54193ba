using CsCheck;
using Gofs.Chunks;
using Gofs.Grains.Namespaces;
using Gofs.Namespaces;
using Xunit;

namespace Gofs.Tests.Namespaces;

/// <summary>Random commands against a simple model (paths in a sorted dictionary), and against replay and Snapshots.</summary>
public sealed class TreeModelTests
{
    private static readonly Gen<string> Path = Gen.Int[0, 3].Array[1, 3].Select(names => string.Concat(names.Select(name => $"/n{name}")));
    private static readonly Gen<(int Kind, string A, string B)[]> Steps = Gen.Select(Gen.Int[0, 13], Path, Path).Array[1, 60];

    [Fact]
    public void Tree_EqualsAModelOfPaths() => Steps.Sample(steps =>
    {
        var (state, _) = Run(steps, out var model);
        Assert.Equal(model, Paths(state));
    }, iter: 2000);

    [Fact]
    public void StoredBytes_AreLengthTimesGoal_OfEveryFileThereIs() => Steps.Sample(steps =>
    {
        var (state, _) = Run(steps, out _);
        var (length, stored) = (0L, 0L);
        for (var inode = 1L; inode <= state.LastInode; inode++)
        {
            if (!state.Tree.Has(inode) || state.Tree[inode].Type != EntryType.File) continue;
            length += state.Tree[inode].LengthBytes;
            stored += state.Tree[inode].LengthBytes * state.Tree[inode].Goal;
        }

        Assert.Equal((length, stored), (state.Tree.LengthBytes, state.Tree.StoredBytes));
    }, iter: 2000);

    [Fact]
    public void Replay_AndSnapshotPlusTail_EqualTheLiveState() => Gen.Select(Steps, Gen.Double.Unit).Sample((steps, where) =>
    {
        var (live, events) = Run(steps, out _);
        var cut = (int)(where * events.Count);
        var replayed = new NamespaceState();
        foreach (var happened in events.Take(cut)) replayed.Apply(happened);
        var copy = NamespaceStates.SnapshotOf(replayed);
        foreach (var happened in events.Skip(cut))
        {
            replayed.Apply(happened);
            copy.Apply(happened);
        }

        Assert.Equal(NamespaceStates.BytesOf(live), NamespaceStates.BytesOf(replayed));
        Assert.Equal(NamespaceStates.Describe(live), NamespaceStates.Describe(copy));
    }, iter: 1000);

    private static (NamespaceState State, List<NamespaceEvent> Events) Run((int Kind, string A, string B)[] steps, out SortedDictionary<string, char> model)
    {
        var state = NamespaceStates.Empty(out var first);
        List<NamespaceEvent> events = [first];
        model = new(StringComparer.Ordinal);
        var now = 100L;
        foreach (var (kind, a, b) in steps)
        {
            var (before, expected) = (new SortedDictionary<string, char>(model, StringComparer.Ordinal), PathModel.TryDo(model, kind, a, b));
            GofsError? refused = null;
            try
            {
                foreach (var happened in Decide(state, kind, a, b, now++))
                {
                    state.Apply(happened);
                    events.Add(happened);
                }
            }
            catch (GofsException failed)
            {
                refused = failed.Error;
            }

            Assert.True(expected == (refused is null), $"{kind} {a} {b}: {refused?.ToString() ?? "accepted"}; before: {string.Join(' ', before)}");
        }

        return (state, events);
    }

    private static IEnumerable<NamespaceEvent> Decide(NamespaceState state, int kind, string a, string b, long now)
    {
        var (path, to, op) = (GofsPath.Parse(a), GofsPath.Parse(b), new OpId(new Guid((int)now, 0, 0, new byte[8])));
        NamespaceEvent? happened = kind switch
        {
            0 or 1 => TreeDecisions.Make(state, new MakeDirectory(op, path, NamespaceStates.Owner, Parents: false), now),
            2 => OpenFileDecisions.Open(state, new OpenForWriting(op, path, NamespaceStates.Owner, Create: true, Exclusive: true, Atomic: false), now),
            3 or 4 => TreeDecisions.Move(state, new Rename(op, path, to, NoReplace: false), now),
            5 => TreeDecisions.Remove(state, new Remove(op, path, Recursive: false, SkipTrash: true), now),
            6 => TreeDecisions.Remove(state, new Remove(op, path, Recursive: true, SkipTrash: now % 2 == 0), now),
            8 => OpenFileDecisions.Put(
                state, new(op, path, NamespaceStates.Owner, ChunkHandle.Create(7, 0, now), 1 << 16, 5, DateTimeOffset.UnixEpoch, now), new(), now),
            9 => state.ToConfirm.Count > 0 ? new OnlyChunksConfirmed([state.ToConfirm.Keys.First()]) : null,
            10 => GoalDecisions.Set(state, new(op, path, 1 + (int)(now % 9), Recursive: now % 2 == 0, After: null), new()).Happened,
            11 => state.GoalsToTell.Count > 0 ? new GoalsTold([new(state.GoalsToTell.Max(), state.Tree[state.GoalsToTell.Max()].Goal)]) : null,
            12 => new Administered(
                new("ann", $"host {now}"), "ns config", "max-names", now * 100,
                new ConfigSet(op, state.Config with { Goal = 1 + (int)(now % 9), MaxStoredBytes = 1_000_000 + now })),
            13 => new Administered(Gofs.Cluster.Caller.Unknown, "setrep", "", now * 100, GoalDecisions.Set(
                state, new(op, path, 0, Recursive: now % 2 == 0, After: null) { AsNamespace = true }, new()).Happened),
            _ => new InodesGivenUp(1 + (int)(now % 3)),
        };
        if (happened is not null) yield return happened;
        if (happened is FileCreated created) yield return new LengthFlushed(created.Inode, now, now, Closed: true, 0, now);
    }

    private static SortedDictionary<string, char> Paths(NamespaceState state)
    {
        var all = new SortedDictionary<string, char>(StringComparer.Ordinal);
        void Walk(GofsPath directory)
        {
            for (byte[]? after = null; ;)
            {
                var page = NamespaceQueries.List(state, directory, after, 2);
                foreach (var entry in page.Entries)
                {
                    var path = directory.Append(entry.Name);
                    all.Add(path.ToString(), entry.Type == EntryType.Directory ? 'd' : 'f');
                    if (entry.Type == EntryType.Directory) Walk(path);
                }

                if (!page.More) return;
                after = page.Entries[^1].Name;
            }
        }

        Walk(GofsPath.Root);
        return all;
    }
}
