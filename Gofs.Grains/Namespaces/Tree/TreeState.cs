using Gofs.Namespaces;

namespace Gofs.Grains.Namespaces.Tree;

/// <summary>
/// Inodes, names and directories, and nothing else: the compact part of a namespace. Everything else a namespace knows (symlink targets,
/// open files, trash) hangs on inode numbers beside it.
/// </summary>
internal sealed class TreeState
{
    private readonly PagedTable<InodeRow> inodes = new();
    private readonly Dictionary<long, DirectoryIndex> directories = [];
    private readonly Dictionary<Ownership, int> ownershipIds = [];
    private readonly List<Ownership> ownerships = [];

    /// <summary>The names.</summary>
    public EntryTable Entries { get; } = new();

    /// <summary>Inodes there are, those without a name too.</summary>
    public long Inodes { get; private set; }

    /// <summary>Sum of the files' lengths.</summary>
    public long LengthBytes { get; private set; }

    /// <summary>Sum of what the files' replicas take when all have their goals: length times goal.</summary>
    public long StoredBytes { get; private set; }

    /// <summary>Whether there is such an inode.</summary>
    public bool Has(long inode) => inodes.HasPage(inode) && inodes[inode].Links > 0;

    /// <summary>The row of an inode that is there.</summary>
    public ref readonly InodeRow this[long inode] => ref inodes[inode];

    /// <summary>Mode, owner and group of an inode.</summary>
    public Ownership OwnershipOf(long inode) => ownerships[inodes[inode].Ownership];

    /// <summary>The entries of a directory.</summary>
    public DirectoryIndex Directory(long inode) => directories[inode];

    /// <summary>The inode a name leads to, or 0.</summary>
    public long Find(long directory, ReadOnlySpan<byte> name)
    {
        var entry = directories[directory].Find(Entries, name);
        return entry < 0 ? 0 : Entries[entry].Inode;
    }

    /// <summary>The directory an inode's name is in; 0 when it has none.</summary>
    public long ParentOf(long inode) => inodes[inode].Entry is var entry && entry == 0 ? 0 : Entries[entry - 1].Parent;

    /// <summary>The name of an inode; empty when it has none.</summary>
    public ReadOnlySpan<byte> NameOf(long inode) => inodes[inode].Entry is var entry && entry == 0 ? [] : Entries.NameOf(entry - 1);

    /// <summary>Makes an inode without a name.</summary>
    public void AddInode(long inode, EntryType type, Ownership ownership, long modifiedAt, long lengthBytes = 0)
    {
        inodes.Add(inode, new() { Type = type, Ownership = IdOf(ownership), ModifiedAt = modifiedAt, LengthBytes = lengthBytes, Links = 1 });
        if (type == EntryType.Directory) directories[inode] = new();
        Inodes++;
        if (type == EntryType.File) LengthBytes += lengthBytes;
    }

    /// <summary>Takes away an inode that has no name; a directory's entries must be gone.</summary>
    public void RemoveInode(long inode)
    {
        ref var row = ref inodes[inode];
        if (row.Type == EntryType.File)
        {
            LengthBytes -= row.LengthBytes;
            StoredBytes -= row.LengthBytes * row.Goal;
        }

        if (row.Type == EntryType.Directory) directories.Remove(inode);
        Inodes--;
        inodes.Remove(inode);
    }

    /// <summary>Gives an inode without a name one.</summary>
    public void Link(long directory, ReadOnlySpan<byte> name, long inode)
    {
        var entry = Entries.Add(name, inode, directory);
        directories[directory].Add(Entries, entry);
        inodes[inode].Entry = entry + 1;
    }

    /// <summary>Takes a name away; the inode stays, without one.</summary>
    public long Unlink(long directory, ReadOnlySpan<byte> name)
    {
        var entry = directories[directory].Remove(Entries, name);
        var inode = Entries[entry].Inode;
        Entries.Remove(entry);
        inodes[inode].Entry = 0;
        return inode;
    }

    /// <summary>Empties a directory of at most <paramref name="limit"/> names, the first ones; answers their inodes, which have no name then.</summary>
    public List<long> UnlinkSome(long directory, int limit)
    {
        List<int> some = [];
        directories[directory].After(Entries, [], limit, some);
        var unlinked = new List<long>(some.Count);
        Span<byte> name = stackalloc byte[GofsPath.MaxNameBytes];
        foreach (var entry in some)
        {
            var bytes = Entries.NameOf(entry);
            bytes.CopyTo(name);
            unlinked.Add(Unlink(directory, name[..bytes.Length]));
        }

        return unlinked;
    }

    /// <summary>Sets a modification time.</summary>
    public void Touch(long inode, long modifiedAt) => inodes[inode].ModifiedAt = modifiedAt;

    /// <summary>Sets a file's length.</summary>
    public void SetLength(long inode, long lengthBytes)
    {
        ref var row = ref inodes[inode];
        LengthBytes += lengthBytes - row.LengthBytes;
        StoredBytes += (lengthBytes - row.LengthBytes) * row.Goal;
        row.LengthBytes = lengthBytes;
    }

    /// <summary>Sets the one chunk a file's bytes are in; 0: its chunk list is its file grain's.</summary>
    public void SetOnlyChunk(long inode, ulong chunk, long chunkSizeBytes) => inodes[inode].SetOnlyChunk(chunk, chunkSizeBytes);

    /// <summary>Sets how many replicas are wanted.</summary>
    public void SetGoal(long inode, int goal)
    {
        ref var row = ref inodes[inode];
        if (row.Type == EntryType.File) StoredBytes += row.LengthBytes * (goal - row.Goal);
        row.Goal = (byte)goal;
    }

    /// <summary>Sets mode, owner and group.</summary>
    public void SetOwnership(long inode, Ownership ownership) => inodes[inode].Ownership = IdOf(ownership);

    /// <summary>Whether <paramref name="inode"/> is <paramref name="ancestor"/> or below it.</summary>
    public bool IsWithin(long inode, long ancestor)
    {
        for (; inode != 0; inode = ParentOf(inode))
        {
            if (inode == ancestor) return true;
        }

        return false;
    }

    /// <summary>The path of an inode: from the root, or from the removed or unnamed top it hangs on.</summary>
    public GofsPath PathOf(long inode)
    {
        var names = new Stack<byte[]>();
        for (; ParentOf(inode) != 0; inode = ParentOf(inode)) names.Push(NameOf(inode).ToArray());
        if (names.Count == 0) return GofsPath.Root;
        var bytes = new List<byte>();
        foreach (var name in names)
        {
            bytes.Add((byte)'/');
            bytes.AddRange(name);
        }

        return bytes.Count > GofsPath.MaxPathBytes ? GofsPath.Root.Append(names.Last()) : GofsPath.FromBytes(bytes.ToArray());
    }

    private int IdOf(Ownership ownership)
    {
        if (ownershipIds.TryGetValue(ownership, out var id)) return id;
        ownerships.Add(ownership);
        return ownershipIds[ownership] = ownerships.Count - 1;
    }
}
