using Gofs.Namespaces;

namespace Gofs.Grains.EditLogs;

/// <summary>What a stream's records are about.</summary>
public enum StreamKind
{
    /// <summary>A namespace's tree.</summary>
    Namespace = 1,

    /// <summary>A file's chunk list.</summary>
    File = 2,

    /// <summary>One shard of a namespace's chunk table.</summary>
    ChunkTable = 3,
}

/// <summary>
/// Names an EditLog stream in the store: 4 bits of kind, 16 bits of namespace number and 40 bits of id (inode or shard) in
/// one positive 64-bit integer, which is the store's key.
/// </summary>
/// <param name="Value">The integer.</param>
public readonly record struct StreamId(long Value)
{
    /// <summary>The kind.</summary>
    public StreamKind Kind => (StreamKind)(Value >> 56);

    /// <summary>The namespace's number.</summary>
    public int NamespaceNumber => (int)(Value >> 40) & 0xFFFF;

    /// <summary>The inode or shard; 0 for a namespace.</summary>
    public long Id => Value & InodeNumber.MaxValue;

    /// <summary>A namespace's stream.</summary>
    public static StreamId OfNamespace(int namespaceNumber) => Create(StreamKind.Namespace, namespaceNumber, 0);

    /// <summary>A file's stream.</summary>
    public static StreamId OfFile(int namespaceNumber, InodeNumber inode) => Create(StreamKind.File, namespaceNumber, inode.Value);

    /// <summary>A chunk table shard's stream.</summary>
    public static StreamId OfChunkTable(int namespaceNumber, int shard) => Create(StreamKind.ChunkTable, namespaceNumber, shard);

    /// <summary>The first and last stream of one kind that a namespace can have.</summary>
    public static (StreamId First, StreamId Last) RangeOf(StreamKind kind, int namespaceNumber) =>
        (Create(kind, namespaceNumber, 0), Create(kind, namespaceNumber, InodeNumber.MaxValue));

    /// <inheritdoc/>
    public override string ToString() => Kind switch
    {
        StreamKind.Namespace => $"namespace/{NamespaceNumber}",
        StreamKind.File => $"file/{NamespaceNumber}/{Id}",
        StreamKind.ChunkTable => $"chunk-table/{NamespaceNumber}/{Id}",
        _ => $"stream/{Value:x16}",
    };

    private static StreamId Create(StreamKind kind, int namespaceNumber, long id)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(namespaceNumber, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(namespaceNumber, 0xFFFF);
        ArgumentOutOfRangeException.ThrowIfLessThan(id, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(id, InodeNumber.MaxValue);
        return new((long)kind << 56 | (long)namespaceNumber << 40 | id);
    }
}
