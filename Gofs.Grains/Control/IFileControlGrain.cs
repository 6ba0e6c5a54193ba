using Gofs.Chunks;
using Gofs.Files;
using Gofs.Namespaces;
using Orleans;
using Orleans.Concurrency;

namespace Gofs.Grains.Control;

/// <summary>A file's bytes at the moment of a clone.</summary>
/// <param name="ChunkSizeBytes">Its chunk size.</param>
/// <param name="LengthBytes">Its length.</param>
/// <param name="ModifiedAt">Nanoseconds since 1970 UTC.</param>
/// <param name="Chunks">Its chunks by index.</param>
[GenerateSerializer, Immutable, Alias("gofs.file.cloned-bytes")]
public sealed record ClonedBytes(
    [property: Id(0)] long ChunkSizeBytes, [property: Id(1)] long LengthBytes, [property: Id(2)] long ModifiedAt, [property: Id(3)] ChunkHandle[] Chunks);

/// <summary>A clone that has its own chunk list now.</summary>
/// <param name="Inode">The clone.</param>
/// <param name="LengthBytes">Its length.</param>
/// <param name="ModifiedAt">Nanoseconds since 1970 UTC.</param>
[GenerateSerializer, Immutable, Alias("gofs.file.settled-clone")]
public readonly record struct SettledClone([property: Id(0)] long Inode, [property: Id(1)] long LengthBytes, [property: Id(2)] long ModifiedAt);

/// <summary>Of what file the namespace wants clones to be given their chunk lists.</summary>
/// <param name="Clones">Inodes of the clones.</param>
/// <param name="Whole">What the namespace knows of the file's bytes.</param>
/// <param name="WasOpen">Whether somebody had the file open when it was cloned.</param>
[GenerateSerializer, Immutable, Alias("gofs.file.share")]
internal sealed record ShareFile([property: Id(0)] long[] Clones, [property: Id(1)] WholeFile Whole, [property: Id(2)] bool WasOpen);

/// <summary>What a namespace and clones ask of file grains (same key as the public interface).</summary>
[Alias("gofs.IFileControlGrain")]
internal interface IFileControlGrain : IGrainWithStringKey
{
    /// <summary>For the namespace: gives the file's clones their chunk lists; nothing of the file changes meanwhile. Idempotent.</summary>
    [AlwaysInterleave, Alias("Share")]
    Task<SettledClone[]> ShareAsync(ShareFile command, CancellationToken cancellation = default);

    /// <summary>For the namespace: so many replicas of the file's chunks are wanted; their tables know when this has answered. Idempotent.</summary>
    [AlwaysInterleave, Alias("SetGoal")]
    Task SetGoalAsync(int goal, CancellationToken cancellation = default);

    /// <summary>
    /// For the namespace: takes the file away from whoever writes it, for good, and settles it. Answers what it is then, or null when somebody has it again.
    /// Idempotent.
    /// </summary>
    [AlwaysInterleave, Alias("BreakLease")]
    Task<SettledFile?> BreakLeaseAsync(CancellationToken cancellation = default);

    /// <summary>
    /// As <see cref="IFileGrain.SettleAsync"/>, by which the namespace's open flag <paramref name="openedAt"/> ends: whoever has the file later and opened it
    /// before has it raised anew.
    /// </summary>
    [AlwaysInterleave, Alias("SettleOpen")]
    Task<SettledFile?> SettleOpenAsync(long openedAt, CancellationToken cancellation = default);

    /// <summary>For the origin's grain: this file is a clone of it. Idempotent: the first list stands.</summary>
    [AlwaysInterleave, Alias("TakeClone")]
    Task<SettledClone> TakeCloneAsync(InodeNumber origin, ClonedBytes bytes, CancellationToken cancellation = default);
}
