using Gofs.Chunks;
using Gofs.Grains.Namespaces;
using Gofs.Namespaces;

namespace Gofs.Grains.Maintenance;

/// <summary>One line of a dump. The format is in docs/formats.md.</summary>
internal abstract record DumpLine
{
    /// <summary>The format's version.</summary>
    public const int Version = 3;

    /// <summary>The oldest version that is read: in it no chunk is shared, and as in the second no inode has a goal.</summary>
    public const int OldestVersion = 1;

    /// <summary>Chunks on one line; a longer file goes on in the next.</summary>
    public const int MostChunks = 1000;

    /// <summary>The longest line, in bytes.</summary>
    public const int MostBytes = 1 << 20;

    /// <summary>A chunk of a file; shared: others may refer to it too.</summary>
    internal readonly record struct Chunk(int Index, ChunkHandle Handle, int Version, int Goal, bool IsShared);

    /// <summary>The first line.</summary>
    internal sealed record Header(
        string Name, int Number, long EditLogNumber, DateTimeOffset At, long LastInode, long LastTrashId, long[] Reserved, NamespaceConfig Config) : DumpLine;

    /// <summary>An inode; of a file its chunk size and first chunks.</summary>
    internal sealed record Inode(LoadedInode Row, Chunk[] Chunks) : DumpLine;

    /// <summary>More chunks of the file before.</summary>
    internal sealed record MoreChunks(long Of, Chunk[] Chunks) : DumpLine;

    /// <summary>An extended attribute.</summary>
    internal sealed record Attribute(LoadedAttribute Row) : DumpLine;

    /// <summary>The last line: what there was; it ends with the CRC-32C of all before that.</summary>
    internal sealed record End(DumpCounts Counts) : DumpLine;
}
