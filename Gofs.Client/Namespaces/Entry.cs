using Gofs.Chunks;
using Orleans;

namespace Gofs.Namespaces;

/// <summary>What an inode is.</summary>
public enum EntryType
{
    /// <summary>A file: its chunk list is the file grain's.</summary>
    File = 0,

    /// <summary>A directory.</summary>
    Directory = 1,

    /// <summary>A symlink: its target is bytes that the namespace does not interpret until a path goes through it.</summary>
    Symlink = 2,
}

/// <summary>What <c>stat</c> shows of one name.</summary>
/// <param name="Inode">The inode the name leads to.</param>
/// <param name="Type">What it is.</param>
/// <param name="Mode">Permission bits, 0 to 4095 (octal 7777).</param>
/// <param name="Owner">Numeric user id.</param>
/// <param name="Group">Numeric group id.</param>
/// <param name="LengthBytes">Of a file: its length as of the last flush. Of a symlink: its target's. Of a directory: 0.</param>
/// <param name="ModifiedAt">Modification time, nanoseconds since 1970 UTC.</param>
/// <param name="Links">Names that lead to the inode.</param>
/// <param name="Name">The last name of the path, as bytes; empty for the root.</param>
/// <param name="SymlinkTarget">Of a symlink: its target's bytes; otherwise null.</param>
/// <param name="IsOpenForWriting">Whether a writer has the file open (its length may still grow).</param>
/// <param name="Entries">Of a directory: how many names it has; otherwise 0.</param>
[GenerateSerializer, Immutable, Alias("gofs.entry")]
public sealed record Entry(
    [property: Id(0)] InodeNumber Inode,
    [property: Id(1)] EntryType Type,
    [property: Id(2)] int Mode,
    [property: Id(3)] uint Owner,
    [property: Id(4)] uint Group,
    [property: Id(5)] long LengthBytes,
    [property: Id(6)] long ModifiedAt,
    [property: Id(7)] int Links,
    [property: Id(8)] byte[] Name,
    [property: Id(9)] byte[]? SymlinkTarget,
    [property: Id(10)] bool IsOpenForWriting,
    [property: Id(11)] int Entries)
{
    /// <summary>
    /// Of a file that was put whole and not written to since: the one chunk all its bytes are in. Otherwise
    /// <see cref="ChunkHandle.None"/>: the file grain has the chunk list.
    /// </summary>
    [Id(12)] public ChunkHandle OnlyChunk { get; init; }

    /// <summary>The chunk size of a file with an <see cref="OnlyChunk"/>; otherwise 0.</summary>
    [Id(13)] public long ChunkSizeBytes { get; init; }

    /// <summary>
    /// Goal. Of a file: how many replicas of its chunks are wanted. Of a directory: what files made in it from now on want; 0: what the namespace says
    /// then. Of a symlink: 0.
    /// </summary>
    [Id(14)] public int Goal { get; init; }

    /// <summary>Of a file: whether the chunk tables have yet to be told of its goal.</summary>
    [Id(15)] public bool IsGoalPending { get; init; }

    /// <summary>The name as text; bytes that are not UTF-8 become U+FFFD.</summary>
    public string NameText => System.Text.Encoding.UTF8.GetString(Name);
}

/// <summary>One page of a directory, in the order of the names' bytes.</summary>
/// <param name="Entries">The entries.</param>
/// <param name="More">Whether more follow: ask again with the last name of this page.</param>
[GenerateSerializer, Immutable, Alias("gofs.list-page")]
public sealed record ListPage([property: Id(0)] Entry[] Entries, [property: Id(1)] bool More);

/// <summary>What lies below a path (itself included).</summary>
/// <param name="Files">Files.</param>
/// <param name="Directories">Directories.</param>
/// <param name="Symlinks">Symlinks.</param>
/// <param name="LengthBytes">Sum of the files' lengths.</param>
[GenerateSerializer, Immutable, Alias("gofs.tree-count")]
public sealed record TreeCount(
    [property: Id(0)] long Files,
    [property: Id(1)] long Directories,
    [property: Id(2)] long Symlinks,
    [property: Id(3)] long LengthBytes)
{
    /// <summary>Sum of what the files' replicas take when all have their goals: length times goal.</summary>
    [Id(4)] public long StoredBytes { get; init; }
}

/// <summary>One removed file or tree that can still be restored.</summary>
/// <param name="Id">Names it among the trash.</param>
/// <param name="OriginalPath">Where it was.</param>
/// <param name="RemovedAt">When it was removed.</param>
/// <param name="Entry">What it is (of a tree: its top).</param>
/// <param name="Names">Names below and with it.</param>
/// <param name="LengthBytes">Sum of its files' lengths.</param>
[GenerateSerializer, Immutable, Alias("gofs.trash-item")]
public sealed record TrashItem(
    [property: Id(0)] long Id,
    [property: Id(1)] GofsPath OriginalPath,
    [property: Id(2)] DateTimeOffset RemovedAt,
    [property: Id(3)] Entry Entry,
    [property: Id(4)] long Names,
    [property: Id(5)] long LengthBytes)
{
    /// <summary>The most items that are removed for ever at once.</summary>
    public const int MostPurged = 1000;
}
