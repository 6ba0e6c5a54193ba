using Gofs.Chunks;
using Orleans;

namespace Gofs.Grains.Control;

/// <summary>A clone takes its share of a chunk that another file refers to: from now on both do.</summary>
/// <param name="Chunk">The chunk.</param>
/// <param name="Origin">Inode of the file that refers to it already.</param>
/// <param name="Taker">Inode of the clone.</param>
[GenerateSerializer, Immutable, Alias("gofs.chunk.share")]
public readonly record struct ChunkShare([property: Id(0)] ChunkHandle Chunk, [property: Id(1)] long Origin, [property: Id(2)] long Taker);

/// <summary>What a file has of a chunk.</summary>
/// <param name="Chunk">The chunk.</param>
/// <param name="Inode">The file.</param>
[GenerateSerializer, Immutable, Alias("gofs.chunk.reference")]
public readonly record struct ChunkReference([property: Id(0)] ChunkHandle Chunk, [property: Id(1)] long Inode);
