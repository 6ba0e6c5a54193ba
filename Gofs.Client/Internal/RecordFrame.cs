using System.Buffers.Binary;
using Gofs.Transport;

namespace Gofs.Internal;

/// <summary>
/// A record as it stands in a chunk: this head, then its bytes (docs/formats.md). Little-endian. A record is appended at least once: its appender and
/// its number among that appender's tell copies apart. What a crash left of an append nobody acknowledged may stand between records; it does not
/// match its CRC.
/// </summary>
/// <param name="Length">Bytes that follow.</param>
/// <param name="Appender">Who appended it: a random number.</param>
/// <param name="Sequence">Which of his records it is, from 1.</param>
/// <param name="Crc">CRC32C of the bytes.</param>
internal readonly record struct RecordFrame(int Length, ulong Appender, ulong Sequence, uint Crc)
{
    /// <summary>Bytes of the head.</summary>
    public const int HeadBytes = 32;

    /// <summary>The most bytes of a record: with its head it goes in one frame.</summary>
    public const int MostBytes = FrameHeader.MostDataBytes - HeadBytes;

    /// <summary>What every head begins with.</summary>
    public static ReadOnlySpan<byte> Start => "GREC"u8;

    /// <summary>Writes the head.</summary>
    public void Format(Span<byte> to)
    {
        Start.CopyTo(to);
        BinaryPrimitives.WriteInt32LittleEndian(to[4..], Length);
        BinaryPrimitives.WriteUInt64LittleEndian(to[8..], Appender);
        BinaryPrimitives.WriteUInt64LittleEndian(to[16..], Sequence);
        BinaryPrimitives.WriteUInt32LittleEndian(to[24..], Crc);
        BinaryPrimitives.WriteUInt32LittleEndian(to[28..], Crc32C.Compute(to[..28]));
    }

    /// <summary>Reads a head; false: there is none.</summary>
    public static bool TryParse(ReadOnlySpan<byte> from, out RecordFrame frame)
    {
        frame = default;
        if (from.Length < HeadBytes || !from.StartsWith(Start)) return false;
        if (BinaryPrimitives.ReadUInt32LittleEndian(from[28..]) != Crc32C.Compute(from[..28])) return false;
        frame = new(
            BinaryPrimitives.ReadInt32LittleEndian(from[4..]),
            BinaryPrimitives.ReadUInt64LittleEndian(from[8..]),
            BinaryPrimitives.ReadUInt64LittleEndian(from[16..]),
            BinaryPrimitives.ReadUInt32LittleEndian(from[24..]));
        return frame.Length is >= 0 and <= MostBytes;
    }
}
