using Gofs.Chunks;
using Gofs.Files;
using Gofs.Transport;

namespace Gofs.Grains.Control;

/// <summary>Gives out tokens for the data plane, with where a chunk is.</summary>
internal sealed class ChunkTokens(ClusterKey key, TimeProvider time)
{
    /// <summary>The location, with the right to use it.</summary>
    public ChunkLocation Give(ChunkLocation location, ChunkRights rights) =>
        location with { Token = key.Sign(location.Handle, location.Version, rights, 0, time.GetUtcNow()) };

    /// <summary>The placement, with the right to use it.</summary>
    public ChunkPlacement Give(ChunkPlacement placement, ChunkRights rights) =>
        placement with { Token = key.Sign(placement.Handle, placement.Version, rights, 0, time.GetUtcNow()) };
}
