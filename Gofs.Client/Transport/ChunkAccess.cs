using Gofs.Chunks;

namespace Gofs.Transport;

/// <summary>A chunk as somebody may use it.</summary>
/// <param name="Handle">Which.</param>
/// <param name="Version">The version he holds.</param>
/// <param name="Token">What says that he may.</param>
internal readonly record struct ChunkAccess(ChunkHandle Handle, ChunkVersion Version, ChunkToken Token)
{
    /// <summary>Of a flush: as <see cref="ChunkServers.ChunkWrite.LeastLengthBytes"/>.</summary>
    public long LeastLengthBytes { get; init; }
}
