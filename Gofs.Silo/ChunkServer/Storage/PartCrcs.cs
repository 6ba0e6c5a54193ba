using Gofs.Transport;

namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>The CRC of a write's bytes in each checksum block: with them, one pass over the bytes checks the caller's CRC and makes the slots.</summary>
internal static class PartCrcs
{
    private const int BlockBytes = ChunkHead.ChecksumBlockBytes;

    /// <summary>How many checksum blocks a write touches; 1 when it has no bytes.</summary>
    public static int Count(long offset, int length) => length == 0 ? 1 : (int)(((offset + length - 1) / BlockBytes) - (offset / BlockBytes)) + 1;

    /// <summary>Computes the parts' CRCs; answers the CRC of all.</summary>
    public static uint Compute(long offset, ReadOnlySpan<byte> data, Span<uint> parts)
    {
        var all = 0u;
        for (var i = 0; i < parts.Length; i++)
        {
            var take = Math.Min(data.Length, BlockBytes - (int)(offset % BlockBytes));
            parts[i] = Crc32C.Compute(data[..take]);
            all = i == 0 ? parts[i] : Crc32C.Combine(all, parts[i], take);
            offset += take;
            data = data[take..];
        }

        return all;
    }
}
