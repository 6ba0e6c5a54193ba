using Gofs.Chunks;
using Gofs.Grains.Control;
using Gofs.Namespaces;

namespace Gofs.Grains.Namespaces;

/// <summary>Clones, as the namespace's state has them.</summary>
internal sealed partial class NamespaceState
{
    /// <summary>Clones whose grains have yet to be given their chunk lists.</summary>
    public PendingClones Clones { get; } = new();

    /// <summary>Shares that clones of files put whole take of their chunks, which the chunk table has yet to be told of, in this order.</summary>
    public Queue<ChunkShare> ToShare { get; } = new();

    private void Apply(TreeCloned cloned)
    {
        var next = cloned.FirstInode;
        var waiting = new Queue<(long From, long To)>();
        Copy(cloned.Origin, next, waiting);
        Link(cloned.Parent, cloned.Name, next++, cloned.At);
        while (waiting.TryDequeue(out var directory))
        {
            foreach (var entry in Tree.Directory(directory.From).All())
            {
                Copy(Tree.Entries[entry].Inode, next, waiting);
                Tree.Link(directory.To, Tree.Entries.NameOf(entry), next++);
            }
        }

        Results.Add(cloned.OpId, cloned.FirstInode);
    }

    private void Copy(long from, long to, Queue<(long From, long To)> directories)
    {
        var row = Tree[from];
        Make(to, row.Type, Tree.OwnershipOf(from), row.ModifiedAt, parent: 0, row.LengthBytes);
        CopyGoal(from, to);
        if (ExtendedAttributes.TryGetValue(from, out var all)) ExtendedAttributes[to] = new(all, StringComparer.Ordinal);
        switch (row.Type)
        {
            case EntryType.Directory: directories.Enqueue((from, to)); break;
            case EntryType.Symlink: Targets[to] = Targets[from]; break;
            default: CopyBytes(from, to); break;
        }
    }

    // Of a file that is open the file grain has the truth: it may know more than the namespace has been told.
    private void CopyBytes(long from, long to)
    {
        ref readonly var row = ref Tree[from];
        var isOpen = Open.ContainsKey(from);
        if (row.OnlyChunk != 0 && !isOpen)
        {
            Tree.SetOnlyChunk(to, row.OnlyChunk, row.ChunkSizeBytes);
            ToShare.Enqueue(new(new(row.OnlyChunk), from, to));
        }
        else if (isOpen || row.LengthBytes > 0 || Clones.TryGet(from, out _))
        {
            Clones.Add(to, new(from, isOpen));
        }
    }

    private void Apply(ClonesSettled settled)
    {
        foreach (var (clone, lengthBytes, modifiedAt) in settled.Clones)
        {
            if (!Clones.Remove(clone) || Tree[clone].LengthBytes == lengthBytes) continue;
            Tree.SetLength(clone, lengthBytes);
            if (modifiedAt > 0) Tree.Touch(clone, modifiedAt);
        }
    }

    private void Apply(SharesTold told)
    {
        for (var left = told.Count; left > 0; left--) ToShare.Dequeue();
    }

    private void ReleaseAllTo(OnlyChunksReleased released)
    {
        var chunks = released.Chunks.ToHashSet();
        ToRelease.RemoveWhere(reference => chunks.Contains(reference.Chunk));
    }
}
