using System.Buffers.Binary;
using Gofs.Transport;

namespace Gofs.Internal;

/// <summary>
/// A part of a record that is too long for one append, as it stands in a chunk: this head, then its bytes (docs/formats.md). Little-endian. The parts of a
/// record are appended one after the other, each when the one before is acknowledged: of the copies of each the first stand in order. Between them
/// stand whatever others appended, and the end of a chunk.
/// </summary>
/// <param name="Length">Bytes that follow.</param>
/// <param name="Appender">Who appends the record: a random number.</param>
/// <param name="Sequence">Which of his records it is, from 1.</param>
/// <param name="Offset">Where in the record these bytes are.</param>
/// <param name="Total">Bytes of the record.</param>
/// <param name="Crc">CRC32C of these bytes.</param>
internal readonly record struct RecordPart(int Length, ulong Appender, ulong Sequence, int Offset, int Total, uint Crc)
{
    /// <summary>Bytes of the head.</summary>
    public const int HeadBytes = 40;

    /// <summary>The most bytes of a part: with its head it goes in one frame.</summary>
    public const int MostBytes = FrameHeader.MostDataBytes - HeadBytes;

    /// <summary>What every head begins with.</summary>
    public static ReadOnlySpan<byte> Start => "GRPT"u8;

    /// <summary>Writes the head.</summary>
    public void Format(Span<byte> to)
    {
        Start.CopyTo(to);
        BinaryPrimitives.WriteInt32LittleEndian(to[4..], Length);
        BinaryPrimitives.WriteUInt64LittleEndian(to[8..], Appender);
        BinaryPrimitives.WriteUInt64LittleEndian(to[16..], Sequence);
        BinaryPrimitives.WriteInt32LittleEndian(to[24..], Offset);
        BinaryPrimitives.WriteInt32LittleEndian(to[28..], Total);
        BinaryPrimitives.WriteUInt32LittleEndian(to[32..], Crc);
        BinaryPrimitives.WriteUInt32LittleEndian(to[36..], Crc32C.Compute(to[..36]));
    }

    /// <summary>Reads a head; false: there is none, or one that makes no sense.</summary>
    public static bool TryParse(ReadOnlySpan<byte> from, out RecordPart part)
    {
        part = default;
        if (from.Length < HeadBytes || !from.StartsWith(Start)) return false;
        if (BinaryPrimitives.ReadUInt32LittleEndian(from[36..]) != Crc32C.Compute(from[..36])) return false;
        part = new(
            BinaryPrimitives.ReadInt32LittleEndian(from[4..]),
            BinaryPrimitives.ReadUInt64LittleEndian(from[8..]),
            BinaryPrimitives.ReadUInt64LittleEndian(from[16..]),
            BinaryPrimitives.ReadInt32LittleEndian(from[24..]),
            BinaryPrimitives.ReadInt32LittleEndian(from[28..]),
            BinaryPrimitives.ReadUInt32LittleEndian(from[32..]));
        return part.Length is >= 1 and <= MostBytes && part.Offset >= 0 && part.Offset <= part.Total - (long)part.Length;
    }
}
