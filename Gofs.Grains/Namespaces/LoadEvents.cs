using Gofs.Chunks;
using Gofs.Namespaces;
using Orleans;

namespace Gofs.Grains.Namespaces;

/// <summary>An inode from a dump. It has a parent and a name, or a place in the trash; the root has neither.</summary>
/// <param name="Inode">Its number.</param>
/// <param name="Parent">The directory its name is in, which is there; 0: it has no name.</param>
/// <param name="Name">Its name there.</param>
/// <param name="Type">What it is.</param>
/// <param name="Ownership">Mode, owner and group.</param>
/// <param name="ModifiedAt">Nanoseconds since 1970 UTC.</param>
/// <param name="LengthBytes">Of a file: its length.</param>
/// <param name="Target">Of a symlink: what it says.</param>
/// <param name="OnlyChunk">Of a file that was put whole: its chunk, which the chunk table has confirmed already.</param>
/// <param name="ChunkSizeBytes">The chunk size that goes with it.</param>
/// <param name="TrashId">Its place in the trash; 0: it is not the top of what was removed.</param>
/// <param name="TrashPath">Where it was.</param>
/// <param name="RemovedAt">When it was removed, nanoseconds since 1970 UTC.</param>
[GenerateSerializer, Immutable, Alias("gofs.ns.loaded-inode")]
public sealed record LoadedInode(
    [property: Id(0)] long Inode, [property: Id(1)] long Parent, [property: Id(2)] byte[] Name, [property: Id(3)] EntryType Type,
    [property: Id(4)] Ownership Ownership, [property: Id(5)] long ModifiedAt, [property: Id(6)] long LengthBytes, [property: Id(7)] byte[]? Target,
    [property: Id(8)] ChunkHandle OnlyChunk, [property: Id(9)] long ChunkSizeBytes, [property: Id(10)] long TrashId,
    [property: Id(11)] byte[]? TrashPath, [property: Id(12)] long RemovedAt)
{
    /// <summary>Its goal (<see cref="Entry.Goal"/>); 0: as it would be if it was made now.</summary>
    [Id(13)] public int Goal { get; init; }
}

/// <summary>An extended attribute from a dump.</summary>
/// <param name="Inode">Of what.</param>
/// <param name="Name">Which.</param>
/// <param name="Value">Its value.</param>
[GenerateSerializer, Immutable, Alias("gofs.ns.loaded-attribute")]
public sealed record LoadedAttribute([property: Id(0)] long Inode, [property: Id(1)] string Name, [property: Id(2)] byte[] Value);

/// <summary>A part of a dump was loaded, before anybody could see the namespace.</summary>
/// <param name="Inodes">Inodes, parents before what is in them.</param>
/// <param name="Attributes">Extended attributes of these and of earlier ones.</param>
/// <param name="LastInode">The last inode number that was given out when the dump was made.</param>
/// <param name="LastTrashId">The last trash id.</param>
[GenerateSerializer, Immutable, Alias("gofs.ev.ns.tree-loaded")]
public sealed record TreeLoaded(
    [property: Id(0)] LoadedInode[] Inodes, [property: Id(1)] LoadedAttribute[] Attributes, [property: Id(2)] long LastInode,
    [property: Id(3)] long LastTrashId) : NamespaceEvent
{
    /// <inheritdoc/>
    public override string Describe() => Line($"{Inodes.Length} inodes and {Attributes.Length} extended attributes from a dump");
}
