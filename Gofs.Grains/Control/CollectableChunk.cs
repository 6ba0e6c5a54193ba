using Gofs.Chunks;
using Gofs.Namespaces;
using Orleans;

namespace Gofs.Grains.Control;

/// <summary>What an allocated chunk is for.</summary>
/// <param name="Value">An inode number, or one of the constants.</param>
[GenerateSerializer, Immutable, Alias("gofs.chunk.owner")]
public readonly record struct ChunkOwner([property: Id(0)] long Value)
{
    /// <summary>The table does not know (it restarted since).</summary>
    public static ChunkOwner Unknown => default;

    /// <summary>A whole file that a client is going to put.</summary>
    public static ChunkOwner Put => new(-1);

    /// <summary>A file that a writer has open.</summary>
    public static ChunkOwner Of(InodeNumber inode) => new(inode.Value);
}

/// <summary>A chunk that a chunk table would collect.</summary>
/// <param name="Chunk">The chunk.</param>
/// <param name="Owner">What it was allocated for.</param>
/// <param name="SeenAt">When the table first heard of it.</param>
[GenerateSerializer, Immutable, Alias("gofs.chunk.collectable")]
public readonly record struct CollectableChunk(
    [property: Id(0)] ChunkHandle Chunk, [property: Id(1)] ChunkOwner Owner, [property: Id(2)] DateTimeOffset SeenAt);
