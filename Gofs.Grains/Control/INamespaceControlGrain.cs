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

    /// <summary>
    /// For a file grain, before it gives or takes up a lease: the file is open from now on, its clones and itself, where it is one, have their own
    /// chunk lists, and the chunk tables know of all shares. Answers what <see cref="GetWholeFileAsync"/> does.
    /// </summary>
    /// <param name="inode">The file.</param>
    /// <param name="again">Whether the lease is an earlier one: the file counts as opened anew then.</param>
    /// <param name="cancellation">Ends the wait.</param>
    [AlwaysInterleave, Alias("PrepareToWrite")]
    Task<WholeFile> PrepareToWriteAsync(InodeNumber inode, bool again, CancellationToken cancellation = default);

    /// <summary>
    /// For a file grain with an empty stream: what the namespace knows of the file's bytes. Of a clone it answers when the clone has its own chunk
    /// list: ask that first.
    /// </summary>
    [AlwaysInterleave, Alias("GetWholeFile")]
    Task<WholeFile> GetWholeFileAsync(InodeNumber inode, CancellationToken cancellation = default);

    /// <summary>For a file grain: how many replicas of its chunks are wanted; of a file that is gone as many as of a new one.</summary>
    [AlwaysInterleave, Alias("GetGoal")]
    Task<int> GetGoalAsync(InodeNumber inode, CancellationToken cancellation = default);

    /// <summary>
    /// For a chunk table, before it deletes for ever: those of the chunks that nothing in the namespace refers to or can come to refer to.
    /// </summary>
    [AlwaysInterleave, Alias("WhichAreGarbage")]
    Task<ChunkHandle[]> WhichAreGarbageAsync(CollectableChunk[] chunks, CancellationToken cancellation = default);

    /// <summary>An administrator does something that no record of the namespace shows: it is recorded that he does.</summary>
    [AlwaysInterleave, Alias("NoteAct")]
    Task NoteActAsync(string act, string text, CancellationToken cancellation = default);

    /// <summary>For a check of the namespace: what it knows of a file now, whatever its path is.</summary>
    [AlwaysInterleave, Alias("ViewInode")]
    Task<InodeView> ViewInodeAsync(InodeNumber inode, CancellationToken cancellation = default);
}
