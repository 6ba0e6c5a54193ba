using Gofs.Chunks;
using Gofs.Grains.Chunks;
using Gofs.Grains.Control;
using Gofs.Grains.Files;
using Gofs.Grains.Namespaces;
using Gofs.Namespaces;
using Xunit;

namespace Gofs.Tests.Namespaces;

/// <summary>
/// A namespace, its files and its chunk table as pure states, and the steps their grains take between them; every file has one chunk, whose
/// bytes are a number.
/// </summary>
internal sealed class CloneWorld
{
    private const long ChunkSize = 1 << 16;
    private readonly NamespaceState state = NamespaceStates.Empty(out _, NamespaceConfig.Default with { TrashRetention = TimeSpan.Zero });
    private readonly List<NamespaceEvent> events = [];
    private readonly Dictionary<long, FileState> files = [];
    private readonly ChunkTableState table = new();
    private readonly Dictionary<ChunkHandle, int> bytes = [];
    private readonly SortedDictionary<string, int> model = new(StringComparer.Ordinal);
    private int next = 1;

    public long Names => state.Tree.Inodes;

    public int Rows => table.Count;

    public int Files => files.Count;

    /// <summary>One thing that clients or the background do.</summary>
    public void Step(int kind, int a, int b)
    {
        switch (kind)
        {
            case 0 or 1: Put(Name(a)); break;
            case 2: Write(Name(a)); break;
            case 3 or 4 or 5: TryClone(a, b); break;
            case 6: Remove(a); break;
            case 7: Raise(new InodesGivenUp(1 + b)); break;
            case 8: Confirm(); break;
            case 9: TellShares(b); break;
            case 10: SettleSome(); break;
            default: Release(); break;
        }
    }

    /// <summary>All background work to its end.</summary>
    public void Quiet()
    {
        while (state.Clones.Count > 0 || state.ToShare.Count > 0 || state.ToConfirm.Count > 0 || state.GivingUp.Count > 0
            || state.Releasing.Count > 0 || state.ToRelease.Count > 0)
        {
            SettleSome();
            TellShares(int.MaxValue);
            Raise(new InodesGivenUp(100));
            Release();
        }
    }

    public void Remove(int name)
    {
        if (!model.Remove(Name(name))) return;
        Raise(TreeDecisions.Remove(state, new(Op(), GofsPath.Parse(Name(name)), Recursive: false, SkipTrash: true), next));
    }

    public void Clone(string from, string to) => Raise(CloneDecisions.Clone(state, new(Op(), GofsPath.Parse(from), GofsPath.Parse(to)), new(), next));

    public void MakeTree(int directories, int filesInEach)
    {
        Raise(TreeDecisions.Make(state, new MakeDirectory(Op(), GofsPath.Parse("/t"), NamespaceStates.Owner, Parents: false), next)!);
        for (var d = 0; d < directories; d++)
        {
            Raise(TreeDecisions.Make(state, new MakeDirectory(Op(), GofsPath.Parse($"/t/{d}"), NamespaceStates.Owner, Parents: false), next)!);
            for (var f = 0; f < filesInEach; f++) Put($"/t/{d}/{f}");
        }
    }

    /// <summary>Each file has the bytes that the model says, from wherever they would be read.</summary>
    public void CheckBytes()
    {
        foreach (var (path, expected) in model)
        {
            var chunk = ChunkOf(PathResolution.InodeOf(state, GofsPath.Parse(path), followLast: false));
            Assert.True(bytes.TryGetValue(chunk, out var found) && found == expected, $"{path}: {found} in {chunk} instead of {expected}");
        }
    }

    /// <summary>The table has what files refer to, and of what was shared exactly who does.</summary>
    public void CheckReferences()
    {
        var referrers = model.Keys.Select(path => PathResolution.InodeOf(state, GofsPath.Parse(path), followLast: false))
            .ToLookup(ChunkOf, inode => inode);
        Assert.Equal(referrers.Select(one => one.Key.Value).Order(), table.Rows.Select(row => row.Key.Value).Order());
        Assert.Equal(bytes.Keys.Select(chunk => chunk.Value).Order(), table.Rows.Select(row => row.Key.Value).Order());
        foreach (var chunk in referrers)
        {
            Assert.Equal(chunk.Count(), table.ReferencesTo(chunk.Key));
            if (table.ReferrersOf(chunk.Key).Count > 0) Assert.Equal(chunk.Order(), table.ReferrersOf(chunk.Key).Order());
        }
    }

    /// <summary>Replay, and a Snapshot, make the same state.</summary>
    public void CheckReplay()
    {
        var replayed = NamespaceStates.Empty(out _, state.Config);
        foreach (var happened in events) replayed.Apply(happened);
        Assert.Equal(NamespaceStates.Describe(state), NamespaceStates.Describe(replayed));
        Assert.Equal(NamespaceStates.Describe(state), NamespaceStates.Describe(NamespaceStates.SnapshotOf(state)));
    }

    /// <summary>Two trees have the same names, attributes and bytes.</summary>
    public void CheckSame(string a, string b)
    {
        var (first, second) = (All(a).ToList(), All(b).ToList());
        Assert.Equal(first.Count, second.Count);
        foreach (var (one, other) in first.Zip(second))
        {
            Assert.Equal(one.Name.ToArray(), other.Name.ToArray());
            Assert.Equal(
                (one.Type, one.Mode, one.LengthBytes, one.ModifiedAt, one.OnlyChunk),
                (other.Type, other.Mode, other.LengthBytes, other.ModifiedAt, other.OnlyChunk));
            Assert.NotEqual(one.Inode, other.Inode);
        }
    }

    private IEnumerable<Entry> All(string top)
    {
        foreach (var entry in NamespaceQueries.List(state, GofsPath.Parse(top), null, 1000).Entries)
        {
            yield return entry;
            if (entry.Type != EntryType.Directory) continue;
            foreach (var below in All($"{top}/{entry.NameText}")) yield return below;
        }
    }

    private static string Name(int number) => $"/{number}";

    private OpId Op() => new(new Guid(next++, 0, 0, new byte[8]));

    private ChunkHandle NewChunk(int value)
    {
        var chunk = ChunkHandle.Create(7, 0, next++);
        bytes[chunk] = value;
        return chunk;
    }

    private void Raise(NamespaceEvent happened)
    {
        state.Apply(happened);
        events.Add(happened);
    }

    private void Put(string path)
    {
        var chunk = NewChunk(next);
        Raise(OpenFileDecisions.Put(
            state, new(Op(), GofsPath.Parse(path), NamespaceStates.Owner, chunk, ChunkSize, 5, DateTimeOffset.UnixEpoch, next), new(), next));
        if (path.Length == 2) model[path] = bytes[chunk];
    }

    private void TryClone(int a, int b)
    {
        if (!model.TryGetValue(Name(a), out var value) || model.ContainsKey(Name(b))) return;
        Clone(Name(a), Name(b));
        model[Name(b)] = value;
    }

    // As the grains do: settle, tell, take over, copy what others have too, write, close.
    private void Write(string path)
    {
        if (!model.ContainsKey(path)) return;
        var inode = PathResolution.InodeOf(state, GofsPath.Parse(path), followLast: false);
        Raise(new FileOpened(Op(), inode, next));
        while (state.Clones.Has(inode)) Settle(state.Clones.TryGet(inode, out var clone) ? clone.Origin : inode);
        if (!files.TryGetValue(inode, out var file))
        {
            TellShares(int.MaxValue);
            files[inode] = file = new();
            file.Apply(new FileTakenOver(ChunkSize, new(state.Tree[inode].OnlyChunk), 5, next));
            ConfirmOne(file.ChunkAt(0));
        }

        if (table.ReferencesTo(file.ChunkAt(0)) > 1)
        {
            file.Apply(new ChunkCopied(0, NewChunk(bytes[file.ChunkAt(0)])));
            ConfirmOne(file.ChunkAt(0));
            ReleaseChunks(inode, file);
        }

        bytes[file.ChunkAt(0)] = model[path] = next++;
        Raise(new LengthFlushed(inode, 5, next, Closed: true, 0, next));
    }

    private ChunkHandle ChunkOf(long inode) =>
        files.TryGetValue(inode, out var file) ? file.ChunkAt(0)
        : state.Clones.TryGet(inode, out var clone) ? ChunkOf(clone.Origin)
        : new(state.Tree[inode].OnlyChunk);

    private void SettleSome()
    {
        foreach (var origin in state.Clones.Origins.ToArray()) Settle(origin);
    }

    private void Settle(long origin)
    {
        if (state.Clones.TryGet(origin, out var its)) Settle(its.Origin);
        TellShares(int.MaxValue);
        foreach (var clone in state.Clones.Of(origin).ToArray())
        {
            files[clone] = new();
            files[clone].Apply(new FileCloned(origin, ChunkSize, 5, next, [ChunkOf(origin)]));
            ConfirmOne(ChunkOf(origin));
            Share([new(ChunkOf(origin), origin, clone)]);
            // The answer is lost now and then, and it is asked for again.
            if (next++ % 3 == 0) Share([new(ChunkOf(origin), origin, clone)]);
            Raise(new ClonesSettled([new(clone, 5, next)]));
        }
    }

    private void TellShares(int limit)
    {
        if (state.ToShare.Count == 0) return;
        Confirm();
        var some = state.ToShare.Take(limit).ToArray();
        if (some.Length == 0) return;
        Share(some);
        if (next++ % 3 == 0) Share(some);
        Raise(new SharesTold(some.Length));
    }

    private void Share(ChunkShare[] shares)
    {
        foreach (var share in shares) Assert.True(table.TryGet(share.Chunk, out _), $"{share} of a chunk that nobody has");
        table.Apply(new ChunksShared(shares));
    }

    private void Confirm()
    {
        foreach (var chunk in state.ToConfirm.Keys) ConfirmOne(chunk);
        if (state.ToConfirm.Count > 0) Raise(new OnlyChunksConfirmed([.. state.ToConfirm.Keys]));
    }

    private void ConfirmOne(ChunkHandle chunk) => table.Apply(new ChunksConfirmed([chunk], 1));

    private void Release()
    {
        TellShares(int.MaxValue);
        Confirm();
        foreach (var inode in state.Releasing.ToArray())
        {
            if (files.Remove(inode, out var file))
            {
                file.Apply(new FileTruncated(default, ChunkSize, 0, next));
                ReleaseChunks(inode, file);
            }

            Raise(new FilesReleased([inode]));
        }

        var references = state.ToRelease.ToArray();
        Release(references);
        if (next++ % 3 == 0) Release(references);
        if (references.Length > 0) Raise(new OnlyReferencesReleased(references));
    }

    private void ReleaseChunks(long inode, FileState file)
    {
        ChunkReference[] references = [.. file.Releasing.Select(chunk => new ChunkReference(chunk, inode))];
        Release(references);
        file.Apply(new FileChunksReleased([.. file.Releasing]));
    }

    private void Release(ChunkReference[] references)
    {
        table.Apply(new ReferencesReleased(references));
        foreach (var (chunk, _) in references)
        {
            if (!table.TryGet(chunk, out _)) bytes.Remove(chunk);
        }
    }
}
