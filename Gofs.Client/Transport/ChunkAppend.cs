using Gofs.Chunks;
using Gofs.ChunkServers;

namespace Gofs.Transport;

/// <summary>Bytes to be put at a chunk's end, wherever its primary says that is.</summary>
/// <param name="Handle">Which chunk.</param>
/// <param name="Version">The version the caller holds.</param>
/// <param name="Data">1 byte to 1 MiB.</param>
/// <param name="Crc">Their CRC32C.</param>
/// <param name="ChunkSizeBytes">How large the chunk may become.</param>
/// <param name="Durable">Answer only when they are on stable storage of every replica.</param>
internal readonly record struct ChunkAppend(
    ChunkHandle Handle, ChunkVersion Version, ReadOnlyMemory<byte> Data, uint Crc, long ChunkSizeBytes, bool Durable)
{
    /// <summary>The same, put at a place.</summary>
    public ChunkWrite ToWrite(long atBytes) => new(Handle, Version, atBytes, Data, Crc, ChunkSizeBytes, Durable);
}
