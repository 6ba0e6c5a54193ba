using Gofs.ChunkServers;

namespace Gofs.Transport;

/// <summary>A write, and what says that it may be made.</summary>
/// <param name="Write">What is written where.</param>
/// <param name="Token">The right to.</param>
internal sealed record AllowedWrite(ChunkWrite Write, ChunkToken Token)
{
    /// <summary>Its chunk.</summary>
    public ChunkAccess Chunk => new(Write.Handle, Write.Version, Token);
}
