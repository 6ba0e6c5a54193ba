namespace Gofs.Grains.Namespaces.Tree;

/// <summary>All names of a namespace: rows by entry id; ids of removed names are used again.</summary>
internal sealed class EntryTable
{
    private readonly PagedTable<EntryRow> rows = new();
    private readonly NameArena names = new();
    private readonly Stack<int> free = new();
    private int next;

    /// <summary>The row of an entry.</summary>
    public ref EntryRow this[int id] => ref rows[id];

    /// <summary>The name of an entry.</summary>
    public ReadOnlySpan<byte> NameOf(int id)
    {
        ref var row = ref rows[id];
        return names.Get(row.Name, row.NameLength);
    }

    /// <summary>Adds a name; answers its entry id.</summary>
    public int Add(ReadOnlySpan<byte> name, long inode, long parent)
    {
        var id = free.Count > 0 ? free.Pop() : next++;
        rows.Add(id, new(names.Add(name), name.Length, inode, parent));
        return id;
    }

    /// <summary>Removes a name.</summary>
    public void Remove(int id)
    {
        ref var row = ref rows[id];
        names.Remove(row.Name, row.NameLength);
        rows.Remove(id);
        free.Push(id);
    }
}
