using Gofs.Chunks;
using Gofs.Namespaces;
using Orleans;
using Orleans.Concurrency;

namespace Gofs.Grains.Control;

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
    /// For a chunk table, before it deletes for ever: those of the chunks that nothing in the namespace refers to or can come to refer to.
    /// </summary>
    [AlwaysInterleave, Alias("WhichAreGarbage")]
    Task<ChunkHandle[]> WhichAreGarbageAsync(CollectableChunk[] chunks, CancellationToken cancellation = default);

    /// <summary>For a check of the namespace: what it knows of a file now, whatever its path is.</summary>
    [AlwaysInterleave, Alias("ViewInode")]
    Task<InodeView> ViewInodeAsync(InodeNumber inode, CancellationToken cancellation = default);
}
