using Gofs.Chunks;
using Gofs.Grains.Chunks;
using Gofs.Grains.Files;
using Gofs.Grains.Namespaces;
using Gofs.Namespaces;

namespace Gofs.Grains.Maintenance;

/// <summary>
/// A namespace's state as a dump: from the root down, parents first, names in order, then the trash. Files' chunks come from
/// their own streams, which are the truth about their bytes: a file that is written to while it is dumped has the length and the chunks that
/// its stream has then, and one that is removed meanwhile is empty. A clone that has no stream yet has its origin's chunks.
/// </summary>
internal sealed class DumpTree(
    NamespaceState state, Func<long, FileState?> fileOf, Func<ChunkHandle, ChunkRow> chunkOf, Func<ChunkHandle, bool> isShared, DumpText text)
{
    private readonly HashSet<ChunkHandle> toShare = [.. state.ToShare.Select(share => share.Chunk)];
    private readonly Stack<long> waiting = new();
    private readonly Dictionary<long, TrashRow> trash = state.Trash.Values.ToDictionary(row => row.Inode);

    /// <summary>Writes all of it, a line at a time, so that the caller can take the page.</summary>
    public IEnumerable<DumpCounts> Write(DumpLine.Header header)
    {
        text.Write(header);
        foreach (var row in state.Trash.Values.Reverse()) waiting.Push(row.Inode);
        waiting.Push(InodeNumber.Root.Value);
        List<int> entries = [];
        while (waiting.TryPop(out var inode))
        {
            yield return text.Counts;
            var (source, file) = state.Tree[inode].Type == EntryType.File ? BytesOf(inode) : (inode, null);
            var isClone = state.Clones.Has(inode);
            var chunks = ChunksOf(source, file).Select(chunk => isClone ? chunk with { IsShared = true } : chunk);
            var first = chunks.Take(DumpLine.MostChunks).ToArray();
            text.Write(RowOf(inode, source, file), first);
            if (first.Length == DumpLine.MostChunks)
            {
                foreach (var more in chunks.Skip(first.Length).Chunk(DumpLine.MostChunks))
                {
                    yield return text.Counts;
                    text.WriteMore(inode, more);
                }
            }

            foreach (var (name, value) in state.ExtendedAttributes.TryGetValue(inode, out var all) ? all : [])
            {
                yield return text.Counts;
                text.Write(new LoadedAttribute(inode, name, value));
            }

            if (state.Tree[inode].Type != EntryType.Directory) continue;
            entries.Clear();
            state.Tree.Directory(inode).After(state.Tree.Entries, [], int.MaxValue, entries);
            for (var i = entries.Count - 1; i >= 0; i--) waiting.Push(state.Tree.Entries[entries[i]].Inode);
        }

        text.WriteEnd();
        yield return text.Counts;
    }

    private (long Source, FileState? File) BytesOf(long inode)
    {
        while (true)
        {
            var file = FileOf(inode);
            if (file is not null || !state.Clones.TryGet(inode, out var clone)) return (inode, file);
            inode = clone.Origin;
        }
    }

    // Null: its bytes are the namespace's to tell of, or there are none.
    private FileState? FileOf(long inode)
    {
        var isOpen = state.Open.ContainsKey(inode);
        if (!isOpen && !state.Clones.Has(inode) && (state.Tree[inode].OnlyChunk != 0 || state.Tree[inode].LengthBytes == 0)) return null;
        return fileOf(inode);
    }

    private LoadedInode RowOf(long inode, long source, FileState? file)
    {
        ref readonly var row = ref state.Tree[inode];
        ref readonly var bytes = ref state.Tree[source];
        var removed = trash.GetValueOrDefault(inode);
        var whole = row.Type == EntryType.File && file is null && bytes.OnlyChunk != 0;
        var length = row.Type != EntryType.File || whole ? bytes.LengthBytes : file?.LengthBytes ?? 0;
        return new(inode, state.Tree.ParentOf(inode), state.Tree.NameOf(inode).ToArray(), row.Type, state.Tree.OwnershipOf(inode), row.ModifiedAt,
            length, state.Targets.GetValueOrDefault(inode), whole ? new(bytes.OnlyChunk) : ChunkHandle.None,
            whole ? bytes.ChunkSizeBytes : file?.ChunkSizeBytes ?? 0, removed?.Id ?? 0, removed?.OriginalPath.Bytes.ToArray(), removed?.RemovedAt ?? 0)
        {
            Goal = row.Goal,
        };
    }

    private IEnumerable<DumpLine.Chunk> ChunksOf(long inode, FileState? file)
    {
        if (file is null)
        {
            var only = new ChunkHandle(state.Tree[inode].OnlyChunk);
            return only == ChunkHandle.None ? [] : [ChunkAt(0, only)];
        }

        return file.Chunks.Select((handle, index) => (handle, index)).Where(one => one.handle != ChunkHandle.None)
            .Select(one => ChunkAt(one.index, one.handle));
    }

    private DumpLine.Chunk ChunkAt(int index, ChunkHandle handle)
    {
        var row = chunkOf(handle);
        return new(index, handle, row.Version.Value, row.Goal, isShared(handle) || toShare.Contains(handle));
    }
}
