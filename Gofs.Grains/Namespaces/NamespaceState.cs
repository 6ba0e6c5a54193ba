using Gofs.Chunks;
using Gofs.Grains.Control;
using Gofs.Grains.EditLogs;
using Gofs.Grains.Namespaces.Tree;
using Gofs.Namespaces;

namespace Gofs.Grains.Namespaces;

/// <summary>
/// A namespace as its records make it: the tree (<see cref="TreeState"/>, compact) and beside it, by inode number, what few inodes have:
/// symlink targets, extended attributes, open flags; the trash; and the outboxes: inodes being given up, files to be released, chunks of files
/// put whole that the chunk table is to confirm or to release, goals it is to be told of.
/// </summary>
internal sealed partial class NamespaceState : IEditLogState<NamespaceEvent>
{
    /// <summary>The namespace's number; 0 while the stream is empty.</summary>
    public int Number { get; internal set; }

    /// <summary>Its name.</summary>
    public string Name { get; internal set; } = "";

    /// <summary>The settings in force.</summary>
    public NamespaceConfig Config { get; internal set; } = NamespaceConfig.Default;

    /// <summary>The last inode number given out.</summary>
    public long LastInode { get; internal set; }

    /// <summary>The last trash id given out.</summary>
    public long LastTrashId { get; internal set; }

    /// <summary>Inodes, names, directories.</summary>
    public TreeState Tree { get; } = new();

    /// <summary>What the last commands answered.</summary>
    public OpResults Results { get; } = new();

    /// <summary>Targets of symlinks.</summary>
    public Dictionary<long, byte[]> Targets { get; } = [];

    /// <summary>Extended attributes.</summary>
    public Dictionary<long, SortedDictionary<string, byte[]>> ExtendedAttributes { get; } = [];

    /// <summary>Files a writer has open, and since when: the outbox of their closing.</summary>
    public Dictionary<long, long> Open { get; } = [];

    /// <summary>Of those, the ones that get their name when they are closed.</summary>
    public Dictionary<long, UnnamedFile> Unnamed { get; } = [];

    /// <summary>The trash, oldest first.</summary>
    public SortedDictionary<long, TrashRow> Trash { get; } = [];

    /// <summary>Tops of removed trees still to be given up, inode by inode.</summary>
    public Stack<long> GivingUp { get; } = new();

    /// <summary>Files that are gone from the tree and whose grains have yet to release their chunks.</summary>
    public HashSet<long> Releasing { get; } = [];

    /// <summary>Chunks of files put whole that the chunk table has yet to be told of, with their files' goals.</summary>
    public Dictionary<ChunkHandle, byte> ToConfirm { get; } = [];

    /// <summary>Chunks of files put whole and gone that the chunk table has yet to let go.</summary>
    public HashSet<ChunkReference> ToRelease { get; } = [];

    /// <inheritdoc/>
    public void Apply(NamespaceEvent happened)
    {
        switch (happened)
        {
            case FilePut put: Apply(put); break;
            case LengthFlushed flushed: Apply(flushed); break;
            case FileCreated created: Apply(created); break;
            case FileOpened opened: Apply(opened); break;
            case DirectoriesMade made: Apply(made); break;
            case SymlinkMade made: Apply(made); break;
            case AttributesSet set: Apply(set); break;
            case Renamed renamed: Apply(renamed); break;
            case Removed removed: Apply(removed); break;
            case ExtendedAttributeSet set: Apply(set); break;
            case InodesGivenUp step: GiveUp(step.Limit); break;
            case OnlyChunksConfirmed confirmed: Confirmed(confirmed); break;
            case OnlyChunksReleased released: ReleaseAllTo(released); break;
            case OnlyReferencesReleased released: ToRelease.ExceptWith(released.References); break;
            case TreeCloned cloned: Apply(cloned); break;
            case GoalsSet set: Apply(set); break;
            case GoalsTold told: Apply(told); break;
            case SharesTold told: Apply(told); break;
            case ClonesSettled settled: Apply(settled); break;
            case FilesReleased released: Releasing.ExceptWith(released.Inodes); break;
            case FileAbandoned abandoned: Apply(abandoned); break;
            case TrashPurged purged: Apply(purged); break;
            case TrashRestored restored: Apply(restored); break;
            case ConfigSet set:
                Config = set.Config;
                Results.Add(set.OpId, 0);
                break;
            case NothingDone nothing: Results.Add(nothing.OpId, nothing.Result); break;
            case NamespaceCreated created: Apply(created); break;
            case TreeLoaded loaded: Apply(loaded); break;
            case Administered act: Apply(act); break;
            default: throw new GofsException(GofsError.EditLogCorrupt, $"a namespace's EditLog has a {happened.GetType().Name}");
        }
    }

    /// <inheritdoc/>
    public void WriteSnapshot(SnapshotWriter writer) => NamespaceSnapshot.Write(this, writer);

    /// <inheritdoc/>
    public void ReadSnapshot(SnapshotReader reader) => NamespaceSnapshot.Read(this, reader);

    private void Apply(NamespaceCreated created)
    {
        (Number, Name, Config) = (created.Number, created.Name, created.Config);
        LastInode = InodeNumber.Root.Value;
        Tree.AddInode(LastInode, EntryType.Directory, new(Mode: 0x1ED, Owner: 0, Group: 0), created.At);
    }

    private void Apply(TreeLoaded loaded)
    {
        foreach (var row in loaded.Inodes) Load(row);
        foreach (var attribute in loaded.Attributes)
        {
            if (!ExtendedAttributes.TryGetValue(attribute.Inode, out var all)) ExtendedAttributes[attribute.Inode] = all = new(StringComparer.Ordinal);
            all[attribute.Name] = attribute.Value;
        }

        LastInode = Math.Max(LastInode, loaded.LastInode);
        LastTrashId = Math.Max(LastTrashId, loaded.LastTrashId);
    }

    // No directory is touched: its own row has its modification time.
    private void Load(LoadedInode row)
    {
        if (row.Inode == InodeNumber.Root.Value)
        {
            Tree.SetOwnership(row.Inode, row.Ownership);
            Tree.Touch(row.Inode, row.ModifiedAt);
            Tree.SetGoal(row.Inode, row.Goal);
            return;
        }

        Make(row.Inode, row.Type, row.Ownership, row.ModifiedAt, parent: 0, row.LengthBytes);
        if (row.Goal != 0) Tree.SetGoal(row.Inode, row.Goal);
        if (row.OnlyChunk != ChunkHandle.None) Tree.SetOnlyChunk(row.Inode, row.OnlyChunk.Value, row.ChunkSizeBytes);
        if (row.Target is not null) Targets[row.Inode] = row.Target;
        if (row.TrashId != 0) Trash[row.TrashId] = new(row.TrashId, row.Inode, GofsPath.FromBytes(row.TrashPath), row.RemovedAt);
        else Tree.Link(row.Parent, row.Name, row.Inode);
    }

    private void Apply(FileCreated created)
    {
        Make(created.Inode, EntryType.File, created.Ownership, created.At, created.Parent);
        if (created.Atomic) Unnamed[created.Inode] = new(created.Parent, created.Name);
        else Link(created.Parent, created.Name, created.Inode, created.At);
        Open[created.Inode] = created.At;
        Results.Add(created.OpId, new OpenResult(created.Inode, Created: true, WasOpen: false).Value);
    }

    private void Apply(FilePut put)
    {
        Make(put.Inode, EntryType.File, put.Ownership, put.ModifiedAt, put.Parent, put.LengthBytes);
        if (put.Chunk != ChunkHandle.None)
        {
            Tree.SetOnlyChunk(put.Inode, put.Chunk.Value, put.ChunkSizeBytes);
            ToConfirm[put.Chunk] = Tree[put.Inode].Goal;
        }

        if (Tree.Find(put.Parent, put.Name) != 0) Detach(put.Parent, put.Name, put.TrashId, put.At);
        Link(put.Parent, put.Name, put.Inode, put.At);
        Results.Add(put.OpId, put.Inode);
    }

    private void Apply(FileOpened opened)
    {
        var wasOpen = Open.ContainsKey(opened.Inode);
        Open[opened.Inode] = opened.At;
        Results.Add(opened.OpId, new OpenResult(opened.Inode, Created: false, wasOpen).Value);
    }

    private void Apply(LengthFlushed flushed)
    {
        Tree.SetLength(flushed.Inode, flushed.LengthBytes);
        Tree.Touch(flushed.Inode, flushed.ModifiedAt);
        // A file grain tells of a flush only when it has logged the chunk list: from now on that is the truth.
        Tree.SetOnlyChunk(flushed.Inode, 0, 0);
        if (!flushed.Closed) return;
        Open.Remove(flushed.Inode);
        if (!Unnamed.Remove(flushed.Inode, out var place)) return;
        if (Tree.Find(place.Parent, place.Name) != 0) Detach(place.Parent, place.Name, flushed.TrashId, flushed.At);
        Link(place.Parent, place.Name, flushed.Inode, flushed.At);
    }

    private void Apply(FileAbandoned abandoned)
    {
        Open.Remove(abandoned.Inode);
        Unnamed.Remove(abandoned.Inode);
        GivingUp.Push(abandoned.Inode);
    }

    private void Apply(DirectoriesMade made)
    {
        var (parent, inode) = (made.Parent, made.FirstInode);
        foreach (var name in made.Names)
        {
            Make(inode, EntryType.Directory, made.Ownership, made.At, parent);
            Link(parent, name, inode, made.At);
            parent = inode++;
        }

        Results.Add(made.OpId, parent);
    }

    private void Apply(SymlinkMade made)
    {
        Make(made.Inode, EntryType.Symlink, made.Ownership, made.ModifiedAt, made.Parent, made.Target.Length);
        Targets[made.Inode] = made.Target;
        Link(made.Parent, made.Name, made.Inode, made.At);
        Results.Add(made.OpId, made.Inode);
    }

    private void Apply(Renamed renamed)
    {
        if (Tree.Find(renamed.ToParent, renamed.ToName) is var replaced && replaced != 0)
        {
            Detach(renamed.ToParent, renamed.ToName, Tree[replaced].Type == EntryType.File ? renamed.TrashId : 0, renamed.At);
        }

        var inode = Tree.Unlink(renamed.FromParent, renamed.FromName);
        Tree.Touch(renamed.FromParent, renamed.At);
        Link(renamed.ToParent, renamed.ToName, inode, renamed.At);
        Results.Add(renamed.OpId, 0);
    }

    private void Apply(Removed removed)
    {
        Detach(removed.Parent, removed.Name, removed.TrashId, removed.At);
        Results.Add(removed.OpId, 0);
    }

    private void Apply(AttributesSet set)
    {
        var old = Tree.OwnershipOf(set.Inode);
        Tree.SetOwnership(set.Inode, new(set.Mode ?? old.Mode, set.Owner ?? old.Owner, set.Group ?? old.Group));
        if (set.ModifiedAt is { } modifiedAt) Tree.Touch(set.Inode, modifiedAt);
        Results.Add(set.OpId, set.Inode);
    }

    private void Apply(ExtendedAttributeSet set)
    {
        if (set.Value is not null)
        {
            if (!ExtendedAttributes.TryGetValue(set.Inode, out var all)) ExtendedAttributes[set.Inode] = all = new(StringComparer.Ordinal);
            all[set.Name] = set.Value;
        }
        else if (ExtendedAttributes.TryGetValue(set.Inode, out var all) && all.Remove(set.Name) && all.Count == 0)
        {
            ExtendedAttributes.Remove(set.Inode);
        }

        Results.Add(set.OpId, 0);
    }

    private void Apply(TrashRestored restored)
    {
        Trash.Remove(restored.TrashId, out var row);
        if (Tree.Find(restored.Parent, restored.Name) != 0) Detach(restored.Parent, restored.Name, restored.ReplacedTrashId, restored.At);
        Link(restored.Parent, restored.Name, row!.Inode, restored.At);
        Results.Add(restored.OpId, 0);
    }

    private void Apply(TrashPurged purged)
    {
        foreach (var id in purged.TrashIds)
        {
            if (Trash.Remove(id, out var row)) GivingUp.Push(row.Inode);
        }

        if (purged.OpId is { } opId) Results.Add(opId, purged.TrashIds.Length);
    }

    // Depth first, so that the stack stays as deep as the tree and as wide as one step. A file whose bytes a clone is still to be given stays till then.
    private void GiveUp(int limit)
    {
        while (limit > 0 && GivingUp.TryPeek(out var inode) && !Clones.Has(inode))
        {
            if (Tree[inode].Type == EntryType.Directory && Tree.Directory(inode).Count > 0)
            {
                var unlinked = Tree.UnlinkSome(inode, limit);
                limit -= unlinked.Count;
                foreach (var one in unlinked) GivingUp.Push(one);
                continue;
            }

            GivingUp.Pop();
            limit--;
            Forget(inode);
        }
    }

    private void Forget(long inode)
    {
        if (Tree[inode].Type == EntryType.File) ForgetFile(inode);
        Tree.RemoveInode(inode);
        Targets.Remove(inode);
        ExtendedAttributes.Remove(inode);
        Open.Remove(inode);
        GoalsToTell.Remove(inode);
    }

    // A file put whole that no writer ever opened has no file grain to release anything.
    private void ForgetFile(long inode)
    {
        var chunk = Tree[inode].OnlyChunk;
        if (chunk != 0) ToRelease.Add(new(new(chunk), inode));
        if (chunk == 0 || Open.ContainsKey(inode)) Releasing.Add(inode);
    }

    private void Make(long inode, EntryType type, Ownership ownership, long modifiedAt, long parent, long lengthBytes = 0)
    {
        Tree.AddInode(inode, type, ownership, modifiedAt, lengthBytes);
        Inherit(inode, parent);
        LastInode = Math.Max(LastInode, inode);
    }

    private void Link(long parent, byte[] name, long inode, long at)
    {
        Tree.Link(parent, name, inode);
        Tree.Touch(parent, at);
    }

    private void Detach(long parent, byte[] name, long trashId, long at)
    {
        var path = trashId == 0 ? GofsPath.Root : Tree.PathOf(Tree.Find(parent, name));
        var inode = Tree.Unlink(parent, name);
        Tree.Touch(parent, at);
        if (trashId == 0)
        {
            GivingUp.Push(inode);
            return;
        }

        LastTrashId = Math.Max(LastTrashId, trashId);
        Trash[trashId] = new(trashId, inode, path, at);
    }
}
