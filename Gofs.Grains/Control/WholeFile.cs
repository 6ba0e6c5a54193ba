using Gofs.Chunks;
using Orleans;

namespace Gofs.Grains.Control;

/// <summary>The file a namespace holds the only chunk of.</summary>
/// <param name="Chunk">The chunk; none when the file grain has the chunk list, or the file is empty or gone.</param>
/// <param name="ChunkSizeBytes">The file's chunk size.</param>
/// <param name="LengthBytes">Its length.</param>
/// <param name="ModifiedAt">Nanoseconds since 1970 UTC.</param>
[GenerateSerializer, Immutable, Alias("gofs.ns.whole-file")]
internal readonly record struct WholeFile(
    [property: Id(0)] ChunkHandle Chunk, [property: Id(1)] long ChunkSizeBytes, [property: Id(2)] long LengthBytes, [property: Id(3)] long ModifiedAt);
