using Gofs.Chunks;
using Gofs.Grains.Chunks;
using Gofs.Namespaces;
using Orleans;
using Orleans.Concurrency;

namespace Gofs.Grains.Namespaces;

/// <summary>The file a namespace holds the only chunk of.</summary>
/// <param name="Chunk">The chunk; none when the file grain has the chunk list, or the file is empty or gone.</param>
/// <param name="ChunkSizeBytes">The file's chunk size.</param>
/// <param name="LengthBytes">Its length.</param>
/// <param name="ModifiedAt">Nanoseconds since 1970 UTC.</param>
[GenerateSerializer, Immutable, Alias("gofs.ns.whole-file")]
internal readonly record struct WholeFile(
    [property: Id(0)] ChunkHandle Chunk, [property: Id(1)] long ChunkSizeBytes, [property: Id(2)] long LengthBytes, [property: Id(3)] long ModifiedAt);

/// <summary>What the other grains of the metadata plane ask of a namespace (same key as its public interface).</summary>
[Alias("gofs.INamespaceControlGrain")]
internal interface INamespaceControlGrain : IGrainWithStringKey
{
    /// <summary>The namespace with this number is off the list: stop serving it.</summary>
    [AlwaysInterleave, Alias("Retire")]
    Task RetireAsync(int namespaceNumber);

    /// <summary>For a file grain with an empty stream: what the namespace knows of the file's bytes.</summary>
    [AlwaysInterleave, Alias("GetWholeFile")]
    Task<WholeFile> GetWholeFileAsync(InodeNumber inode, CancellationToken cancellation = default);

    /// <summary>
    /// For a chunk table, before it deletes for ever: those of the chunks that nothing in the namespace refers to or can come to refer to
    /// (<see cref="NamespaceQueries.IsGarbage"/>).
    /// </summary>
    [AlwaysInterleave, Alias("WhichAreGarbage")]
    Task<ChunkHandle[]> WhichAreGarbageAsync(CollectableChunk[] chunks, CancellationToken cancellation = default);
}
