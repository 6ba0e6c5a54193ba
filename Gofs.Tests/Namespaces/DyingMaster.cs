using Gofs.Chunks;
using Gofs.Files;
using Gofs.Grains.Chunks;
using Gofs.Grains.Control;
using Gofs.Grains.Files;
using Gofs.Grains.Namespaces;
using Gofs.Namespaces;
using Gofs.Tests.Sdk.Fakes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Orleans;
using Xunit;

namespace Gofs.Tests.Namespaces;

/// <summary>
/// The duties of a master as they are, on files and a chunk table as pure states, which never die. The master dies once, before or after one of its steps: a
/// call to a grain, a step of that grain's, or making records durable. What was not durable is lost; the next master has the rest.
/// </summary>
/// <param name="diesAt">The step, counted from 0, at which it dies.</param>
/// <param name="after">Whether what the step does is done.</param>
internal sealed class DyingMaster(int diesAt, bool after)
{
    private const long ChunkSize = 1 << 16;
    private readonly FakeTimeProvider time = new(DateTimeOffset.UnixEpoch.AddDays(1));
    private readonly List<NamespaceEvent> durable = [new NamespaceCreated(7, "test", NamespaceConfig.Default, 1)];
    private readonly Dictionary<long, FileState> files = [];
    private readonly ChunkTableState table = new();
    private NamespaceState state = NamespaceStates.Empty(out _);
    private int masters = 1;
    private int steps;
    private int next = 1;

    public bool HasDied => masters > 1;

    public int Steps => steps;

    public void Put(string path) => Logged(OpenFileDecisions.Put(
        state, new(Op(), GofsPath.Parse(path), NamespaceStates.Owner, NewChunk(), ChunkSize, 5, DateTimeOffset.UnixEpoch, next), new(), next));

    /// <summary>A file with a stream of its own, of two chunks.</summary>
    public void Write(string path, bool closes = true)
    {
        Logged(OpenFileDecisions.Open(state, new(Op(), GofsPath.Parse(path), NamespaceStates.Owner, Create: true, Exclusive: false, Atomic: false), Now));
        var inode = InodeOf(path);
        FileChunk[] chunks = [new(0, NewChunk()), new(1, NewChunk())];
        files[inode] = new();
        files[inode].Apply(new LengthCommitted(default, ChunkSize, ChunkSize + 1, chunks, next, closes));
        table.Apply(new ChunksConfirmed([.. chunks.Select(chunk => chunk.Handle)], 1));
        Logged(new LengthFlushed(inode, ChunkSize + 1, next, closes, 0, next));
    }

    public void MakeDirectory(string path) =>
        Logged(TreeDecisions.Make(state, new MakeDirectory(Op(), GofsPath.Parse(path), NamespaceStates.Owner, Parents: false), next)!);

    public void Clone(string from, string to) => Logged(CloneDecisions.Clone(state, new(Op(), GofsPath.Parse(from), GofsPath.Parse(to)), new(), next));

    public void Remove(string path) => Logged(TreeDecisions.Remove(state, new(Op(), GofsPath.Parse(path), Recursive: true, SkipTrash: true), next));

    public void SetGoal(string path, int goal) =>
        Logged(GoalDecisions.Set(state, new(Op(), GofsPath.Parse(path), goal, Recursive: true, null), new()).Happened!);

    /// <summary>Masters work, one after the other, until there is nothing to do.</summary>
    public async Task QuietAsync()
    {
        var (duties, _) = Start(masters);
        for (var rounds = 0; state.Clones.Count > 0 || state.ToShare.Count > 0 || state.ToConfirm.Count > 0 || state.GivingUp.Count > 0
            || state.Releasing.Count > 0 || state.ToRelease.Count > 0 || state.GoalsToTell.Count > 0; rounds++)
        {
            Assert.True(rounds < 50, $"the work of {masters} masters does not end");
            var master = masters;
            await duties.RunAsync(CancellationToken.None);
            if (master == masters) continue;
            state = new();
            foreach (var happened in durable) state.Apply(happened);
            (duties, _) = Start(masters);
        }
    }

    /// <summary>Somebody reads a clone before anything else of it is done.</summary>
    public async Task ReadAsync(string path) => await Start(masters).Clones.SettleItselfAsync(InodeOf(path), CancellationToken.None);

    /// <summary>The chunks of a file, wherever they stand.</summary>
    public ChunkHandle[] ChunksOf(string path)
    {
        var inode = InodeOf(path);
        while (!files.ContainsKey(inode) && state.Clones.TryGet(inode, out var clone)) inode = clone.Origin;
        return files.TryGetValue(inode, out var file) ? [.. file.Chunks] : [new(state.Tree[inode].OnlyChunk)];
    }

    /// <summary>The table has the chunks of these files and no others, and knows of each chunk who has it.</summary>
    public void CheckTable(string[] paths)
    {
        var has = paths.SelectMany(path => ChunksOf(path).Select(chunk => (chunk, inode: InodeOf(path)))).ToLookup(one => one.chunk, one => one.inode);
        Assert.Equal(has.Select(one => one.Key.Value).Order(), table.Rows.Select(row => row.Key.Value).Order());
        foreach (var chunk in has)
        {
            Assert.Equal(chunk.Count(), table.ReferencesTo(chunk.Key));
            if (table.ReferrersOf(chunk.Key).Count > 0) Assert.Equal(chunk.Order(), table.ReferrersOf(chunk.Key).Order());
        }

        // The goal of a chunk is the greatest of those of the files that have it; each is known of one that was ever shared.
        foreach (var chunk in has)
        {
            Assert.True(table.TryGet(chunk.Key, out var row));
            Assert.Equal(chunk.Max(inode => state.Tree[inode].Goal), row.Goal);
            Assert.All(chunk, inode => Assert.Equal(state.Tree[inode].Goal, table.GoalOf(chunk.Key, inode)));
        }

        Assert.All(files.Keys, inode => Assert.True(state.Tree.Has(inode), $"file {inode} is gone and its stream is not"));
    }

    private long Now => (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;

    private long InodeOf(string path) => PathResolution.InodeOf(state, GofsPath.Parse(path), followLast: false);

    private OpId Op() => new(new Guid(next++, 0, 0, new byte[8]));

    private ChunkHandle NewChunk() => ChunkHandle.Create(7, next % 3, next++);

    private void Logged(NamespaceEvent happened)
    {
        state.Apply(happened);
        durable.Add(happened);
    }

    private (NamespaceDuties Duties, CloneDuties Clones) Start(int master)
    {
        var mine = state;
        List<NamespaceEvent> raised = [];
        NamespaceDuties? duties = null;
        void Raise(NamespaceEvent happened)
        {
            mine.Apply(happened);
            raised.Add(happened);
        }

        Task DurableAsync(CancellationToken cancellation) => Step(master, () =>
        {
            durable.AddRange(raised);
            raised.Clear();
        });

        var grains = Fake.OfMethods<IGrainFactory>((method, arguments) => GrainOf(master, method.GetGenericArguments()[0], (string)arguments[0]!));
        var clones = new CloneDuties(mine, Raise, DurableAsync, grains) { ConfirmAsync = token => duties!.ConfirmAsync(token) };
        var goals = new GoalDuties(mine, Raise, DurableAsync, clones, grains) { ConfirmAsync = token => duties!.ConfirmAsync(token) };
        duties = new(mine, Raise, DurableAsync, new(), clones, goals, grains, time, NullLogger.Instance);
        return (duties, clones);
    }

    private Task Step(int master, Action work)
    {
        if (master == masters && steps++ == diesAt)
        {
            if (after) work();
            masters++;
        }

        if (master != masters) return Task.FromException(new GofsException(GofsError.Unavailable, "this master is dead"));
        work();
        return Task.CompletedTask;
    }

    private object GrainOf(int master, Type type, string key) => type.Name switch
    {
        nameof(IChunkTableGrain) => Fake.Of<IChunkTableGrain>((method, arguments) => method == nameof(IChunkTableGrain.ConfirmAsync)
            ? Step(master, () => table.Apply(new ChunksConfirmed((ChunkHandle[])arguments[0]!, (int)arguments[1]!)))
            : Fake.Unexpected(method)),
        nameof(IChunkTableControlGrain) => Fake.Of<IChunkTableControlGrain>((method, arguments) => method switch
        {
            nameof(IChunkTableControlGrain.ShareAsync) => Step(master, () => Share((ChunkShare[])arguments[0]!)),
            nameof(IChunkTableControlGrain.ReleaseReferencesAsync) =>
                Step(master, () => table.Apply(new ReferencesReleased((ChunkReference[])arguments[0]!))),
            nameof(IChunkTableControlGrain.SetGoalsAsync) => Step(master, () => SetGoals((ChunkReference[])arguments[0]!, (int)arguments[1]!)),
            _ => Fake.Unexpected(method),
        }),
        nameof(IFileControlGrain) => Fake.Of<IFileControlGrain>((method, arguments) => method switch
        {
            nameof(IFileControlGrain.ShareAsync) => ShareAsync(master, FileKey.Parse(key).Inode.Value, (ShareFile)arguments[0]!),
            nameof(IFileControlGrain.SettleOpenAsync) => Task.FromResult<SettledFile?>(null),
            nameof(IFileControlGrain.SetGoalAsync) => SetGoalAsync(master, FileKey.Parse(key).Inode.Value, (int)arguments[0]!),
            _ => Fake.Unexpected(method),
        }),
        nameof(IFileGrain) => Fake.Of<IFileGrain>((method, _) => method switch
        {
            nameof(IFileGrain.ReleaseAsync) => Step(master, () => Release(FileKey.Parse(key).Inode.Value)),
            _ => Fake.Unexpected(method),
        }),
        _ => throw new NotSupportedException(type.Name),
    };

    // As file grains do: each clone logs the list, has the chunks confirmed and tells the table; and only then the namespace is told.
    private async Task<SettledClone[]> ShareAsync(int master, long origin, ShareFile command)
    {
        ChunkHandle[] chunks = files.TryGetValue(origin, out var file) ? [.. file.Chunks] : [command.Whole.Chunk];
        foreach (var clone in command.Clones)
        {
            await Step(master, () =>
            {
                if (files.TryAdd(clone, new())) files[clone].Apply(new FileCloned(origin, ChunkSize, ChunkSize + 1, 1, chunks));
            });
            await Step(master, () => table.Apply(new ChunksConfirmed(chunks, state.Tree[clone].Goal)));
            await Step(master, () => Share([.. chunks.Select(chunk => new ChunkShare(chunk, origin, clone))]));
        }

        return [.. command.Clones.Select(clone => new SettledClone(clone, ChunkSize + 1, 1))];
    }

    // As file grains do: what the table does not have yet is confirmed first.
    private async Task SetGoalAsync(int master, long inode, int goal)
    {
        if (!files.TryGetValue(inode, out var file)) return;
        await Step(master, () => table.Apply(new ChunksConfirmed([.. file.Chunks], goal)));
        await Step(master, () => SetGoals([.. file.Chunks.Select(chunk => new ChunkReference(chunk, inode))], goal));
    }

    // As the table grain does: of what it does not have nothing is set.
    private void SetGoals(ChunkReference[] references, int goal) =>
        table.Apply(new ChunkGoalsSet([.. references.Where(one => table.GoalOf(one.Chunk, one.Inode) > 0)], goal));

    private void Share(ChunkShare[] shares)
    {
        foreach (var share in shares) Assert.True(table.TryGet(share.Chunk, out _), $"{share} of a chunk that nobody has");
        table.Apply(new ChunksShared(shares));
    }

    private void Release(long inode)
    {
        if (!files.Remove(inode, out var file)) return;
        table.Apply(new ReferencesReleased([.. file.Chunks.Select(chunk => new ChunkReference(chunk, inode))]));
    }
}
