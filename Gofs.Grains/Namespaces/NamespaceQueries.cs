using Gofs.Chunks;
using Gofs.Grains.Chunks;
using Gofs.Grains.Control;
using Gofs.Namespaces;

namespace Gofs.Grains.Namespaces;

/// <summary>What a namespace answers without changing.</summary>
internal static class NamespaceQueries
{
    /// <summary>An inode as <c>stat</c> shows it.</summary>
    public static Entry EntryOf(NamespaceState state, long inode)
    {
        ref readonly var row = ref state.Tree[inode];
        var (mode, owner, group) = state.Tree.OwnershipOf(inode);
        var isOpen = state.Open.ContainsKey(inode);
        return new(new(inode), row.Type, mode, owner, group, row.LengthBytes, row.ModifiedAt, row.Links,
            state.Tree.NameOf(inode).ToArray(), state.Targets.GetValueOrDefault(inode), isOpen,
            row.Type == EntryType.Directory ? state.Tree.Directory(inode).Count : 0)
        {
            // A writer may be cutting it: whoever reads asks the file grain then.
            OnlyChunk = isOpen ? ChunkHandle.None : new(row.OnlyChunk),
            ChunkSizeBytes = isOpen ? 0 : row.ChunkSizeBytes,
            Goal = row.Goal,
            IsGoalPending = state.GoalsToTell.Contains(inode),
        };
    }

    /// <summary>What a path leads to; null when nothing is there, on the way or at its end.</summary>
    public static Entry? Find(NamespaceState state, GofsPath path, bool followLast)
    {
        try
        {
            var inode = PathResolution.InodeOf(state, path, followLast);
            return inode == 0 ? null : EntryOf(state, inode);
        }
        catch (GofsException missing) when (missing.Error == GofsError.NotFound)
        {
            return null;
        }
    }

    /// <summary>A page of a directory.</summary>
    public static ListPage List(NamespaceState state, GofsPath path, byte[]? afterName, int limit)
    {
        if (limit is < 1 or > 10_000) throw new GofsException(GofsError.InvalidArgument, $"a page has 1 to 10,000 entries, not {limit}");
        var directory = PathResolution.RequireDirectory(state, path);
        var entries = new List<int>(Math.Min(limit, state.Tree.Directory(directory).Count));
        var more = state.Tree.Directory(directory).After(state.Tree.Entries, afterName ?? [], limit, entries);
        var page = new Entry[entries.Count];
        for (var i = 0; i < page.Length; i++) page[i] = EntryOf(state, state.Tree.Entries[entries[i]].Inode);
        return new(page, more);
    }

    /// <summary>
    /// Counts what is below an inode, in steps: yields after every <paramref name="step"/> inodes so that the caller can let others in. What
    /// is moved meanwhile may be counted twice or not at all, what is removed is passed over.
    /// </summary>
    public static IEnumerable<TreeCount> Count(NamespaceState state, long top, int step)
    {
        long files = 0, directories = 0, symlinks = 0, bytes = 0, stored = 0;
        var waiting = new Stack<long>([top]);
        List<int> entries = [];
        var left = step;
        while (waiting.TryPop(out var inode))
        {
            if (!state.Tree.Has(inode)) continue;
            switch (state.Tree[inode].Type)
            {
                case EntryType.File:
                    files++;
                    bytes += state.Tree[inode].LengthBytes;
                    stored += state.Tree[inode].LengthBytes * state.Tree[inode].Goal;
                    break;
                case EntryType.Symlink:
                    symlinks++;
                    break;
                default:
                    directories++;
                    entries.Clear();
                    state.Tree.Directory(inode).After(state.Tree.Entries, [], int.MaxValue, entries);
                    foreach (var entry in entries) waiting.Push(state.Tree.Entries[entry].Inode);
                    break;
            }

            if (--left > 0) continue;
            left = step;
            yield return Sum();
        }

        yield return Sum();

        TreeCount Sum() => new(files, directories, symlinks, bytes) { StoredBytes = stored };
    }

    /// <summary>What the namespace knows of a file's bytes.</summary>
    public static WholeFile WholeFileOf(NamespaceState state, long inode)
    {
        if (!state.Tree.Has(inode) || state.Tree[inode].OnlyChunk == 0) return default;
        ref readonly var row = ref state.Tree[inode];
        return new(new(row.OnlyChunk), row.ChunkSizeBytes, row.LengthBytes, row.ModifiedAt);
    }

    /// <summary>What the namespace knows of a file, for a check.</summary>
    public static InodeView ViewOf(NamespaceState state, long inode)
    {
        if (!state.Tree.Has(inode))
            return new() { IsSharing = state.Releasing.Contains(inode) || state.ToRelease.Any(reference => reference.Inode == inode) };
        ref readonly var row = ref state.Tree[inode];
        var only = new ChunkHandle(row.OnlyChunk);
        var isClone = state.Clones.TryGet(inode, out _);
        return new(
            true, state.Open.ContainsKey(inode), row.LengthBytes, only, row.ChunkSizeBytes, state.ToConfirm.ContainsKey(only), isClone,
            isClone || (only != ChunkHandle.None && state.ToShare.Count > 0), row.Goal, state.GoalsToTell.Contains(inode));
    }

    /// <summary>
    /// Whether nothing refers to a chunk that its chunk table has not logged, and nothing can come to: a file put whole and not confirmed yet
    /// keeps its chunk, a file being written keeps those it was given, and, of chunks nobody knows the file of, all that are younger than
    /// the oldest open file.
    /// </summary>
    public static bool IsGarbage(NamespaceState state, CollectableChunk chunk)
    {
        if (state.ToConfirm.ContainsKey(chunk.Chunk)) return false;
        if (chunk.Owner == ChunkOwner.Put) return true;
        if (chunk.Owner != ChunkOwner.Unknown) return !state.Open.ContainsKey(chunk.Owner.Value);
        var seenAt = (chunk.SeenAt - DateTimeOffset.UnixEpoch).Ticks * 100;
        return !state.Open.Values.Any(openedAt => openedAt <= seenAt);
    }

    /// <summary>A page of the files that are open for writing, by inode.</summary>
    public static OpenFile[] ListOpen(NamespaceState state, long after, int limit)
    {
        if (limit is < 1 or > 1_000) throw new GofsException(GofsError.InvalidArgument, $"a page of open files has 1 to 1,000, not {limit}");
        return [.. state.Open.Keys.Where(inode => inode > after).Order().Take(limit).Select(inode => OpenFileOf(state, inode))];
    }

    /// <summary>A file that is open for writing.</summary>
    public static OpenFile OpenFileOf(NamespaceState state, long inode)
    {
        var isNamed = !state.Unnamed.TryGetValue(inode, out var place);
        GofsPath? path = isNamed ? state.Tree.PathOf(inode) : state.Tree.Has(place!.Parent) ? state.Tree.PathOf(place.Parent).Append(place.Name) : null;
        return new(new(inode), path, DateTimeOffset.UnixEpoch.AddTicks(state.Open[inode] / 100), isNamed);
    }

    /// <summary>A page of the trash, oldest first; sizes of trees are counted here and now.</summary>
    public static TrashItem[] ListTrash(NamespaceState state, long afterId, int limit)
    {
        if (limit is < 1 or > 1_000) throw new GofsException(GofsError.InvalidArgument, $"a page of the trash has 1 to 1,000 items, not {limit}");
        return [.. state.Trash.Values.Where(row => row.Id > afterId).Take(limit).Select(row =>
        {
            var count = Count(state, row.Inode, int.MaxValue).Last();
            return new TrashItem(row.Id, row.OriginalPath, DateTimeOffset.UnixEpoch.AddTicks(row.RemovedAt / 100),
                EntryOf(state, row.Inode), count.Files + count.Directories + count.Symlinks, count.LengthBytes);
        })];
    }
}
