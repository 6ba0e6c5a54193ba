namespace Gofs.Grains.ChunkServers;

/// <summary>What a read of a chunk came to.</summary>
/// <param name="Count">How many bytes there were.</param>
/// <param name="Crc">Their CRC32C.</param>
public readonly record struct ChunkRead(int Count, uint Crc);
