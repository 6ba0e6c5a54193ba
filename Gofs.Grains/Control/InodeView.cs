using Gofs.Chunks;
using Orleans;

namespace Gofs.Grains.Control;

/// <summary>What a namespace knows of one file's bytes.</summary>
/// <param name="IsThere">Whether there is such an inode, in the tree, in the trash or on its way out.</param>
/// <param name="IsOpen">Whether a writer has it open.</param>
/// <param name="LengthBytes">Its length as of the last flush.</param>
/// <param name="OnlyChunk">The one chunk its bytes are in; none when the file grain has the chunk list.</param>
/// <param name="ChunkSizeBytes">The chunk size that goes with it.</param>
/// <param name="IsPending">Whether the chunk table has yet to be told of that chunk.</param>
/// <param name="IsClone">Whether it is a clone that has no chunk list of its own yet: its origin has it.</param>
/// <param name="IsSharing">Whether chunk tables may have yet to be told of chunks it shares with clones, or lets go when it is gone.</param>
/// <param name="Goal">How many replicas of its chunks are wanted.</param>
/// <param name="IsGoalPending">Whether chunk tables have yet to be told of that.</param>
[GenerateSerializer, Immutable, Alias("gofs.ns.inode-view")]
internal readonly record struct InodeView(
    [property: Id(0)] bool IsThere, [property: Id(1)] bool IsOpen, [property: Id(2)] long LengthBytes, [property: Id(3)] ChunkHandle OnlyChunk,
    [property: Id(4)] long ChunkSizeBytes, [property: Id(5)] bool IsPending, [property: Id(6)] bool IsClone = false,
    [property: Id(7)] bool IsSharing = false, [property: Id(8)] int Goal = 0, [property: Id(9)] bool IsGoalPending = false);
