using Gofs.Chunks;

namespace Gofs.Grains.ChunkServers;

/// <summary>A checksum block of a replica whose bytes do not match its CRC.</summary>
/// <param name="Handle">The chunk.</param>
/// <param name="Version">Its version when that was found.</param>
/// <param name="OffsetBytes">Where in the chunk it begins.</param>
/// <param name="LengthBytes">How many bytes of it are the chunk's.</param>
public readonly record struct BadChecksumBlock(ChunkHandle Handle, ChunkVersion Version, long OffsetBytes, int LengthBytes);
