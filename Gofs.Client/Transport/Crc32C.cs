using System.Numerics;
using System.Runtime.InteropServices;

namespace Gofs.Transport;

/// <summary>
/// CRC-32C (Castagnoli, reflected, initial and final value all ones; RFC 3720 §B.4), by the processor's instruction.
/// </summary>
public static class Crc32C
{
    /// <summary>The CRC of <paramref name="data"/>; of nothing it is 0.</summary>
    public static uint Compute(ReadOnlySpan<byte> data) => Append(0, data);

    /// <summary>The CRC of what <paramref name="crc"/> is the CRC of, followed by <paramref name="data"/>.</summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> data)
    {
        crc = ~crc;
        var words = MemoryMarshal.Cast<byte, ulong>(data);
        foreach (var word in words) crc = BitOperations.Crc32C(crc, word);
        foreach (var b in data[(words.Length * sizeof(ulong))..]) crc = BitOperations.Crc32C(crc, b);
        return ~crc;
    }
}
