using System.Buffers.Binary;

namespace Gofs.Transport;

/// <summary>What a slot says: how many bytes of a checksum block there are, and their CRC-32C. A length of 0 says there is nothing.</summary>
internal readonly record struct SlotValue(int Length, uint Crc)
{
    /// <summary>Writes the 8 bytes.</summary>
    public void Format(Span<byte> into)
    {
        BinaryPrimitives.WriteInt32LittleEndian(into, Length);
        BinaryPrimitives.WriteUInt32LittleEndian(into[4..], Crc);
    }

    /// <summary>Reads them; a length that can't be is nothing.</summary>
    public static SlotValue Parse(ReadOnlySpan<byte> from)
    {
        var length = BinaryPrimitives.ReadInt32LittleEndian(from);
        return length is < 0 or > ChunkHead.ChecksumBlockBytes ? default : new(length, BinaryPrimitives.ReadUInt32LittleEndian(from[4..]));
    }
}
