using System.Buffers.Binary;
using Gofs.Chunks;

namespace Gofs.Transport;

/// <summary>
/// The first 64 bytes of a chunk file: whose chunk it is. They are written at once inside one disk sector, so a crash leaves the old or the
/// new. See README.md for the bytes.
/// </summary>
/// <param name="Handle">The chunk.</param>
/// <param name="Version">Its version.</param>
/// <param name="ChunkSizeBytes">How large it may become.</param>
internal readonly record struct ChunkHead(ChunkHandle Handle, ChunkVersion Version, long ChunkSizeBytes)
{
    /// <summary>Bytes of the head.</summary>
    public const int Bytes = 64;

    /// <summary>Bytes covered by one CRC.</summary>
    public const int ChecksumBlockBytes = 64 << 10;

    /// <summary>Where the slots begin.</summary>
    public const int SlotsOffset = 128;

    /// <summary>Bytes of one slot.</summary>
    public const int SlotBytes = 8;

    /// <summary>Bytes of the two slots of one checksum block.</summary>
    public const int SlotPairBytes = 16;

    private const int Page = 4096;
    private const ushort FormatVersion = 1;

    private static ReadOnlySpan<byte> Magic => "GOFSCHNK"u8;

    /// <summary>Where the data begins: after the slots, at a page.</summary>
    public int DataOffset => (int)((SlotsOffset + (ChecksumBlocks * SlotPairBytes) + Page - 1) / Page * Page);

    /// <summary>Where the two slots of a checksum block are.</summary>
    public static long SlotsOf(int index) => SlotsOffset + ((long)index * SlotPairBytes);

    /// <summary>Checksum blocks of a full chunk.</summary>
    public long ChecksumBlocks => (ChunkSizeBytes + ChecksumBlockBytes - 1) / ChecksumBlockBytes;

    /// <summary>Writes the 64 bytes.</summary>
    public void Format(Span<byte> into)
    {
        into[..Bytes].Clear();
        Magic.CopyTo(into);
        BinaryPrimitives.WriteUInt16LittleEndian(into[8..], FormatVersion);
        BinaryPrimitives.WriteInt32LittleEndian(into[12..], ChecksumBlockBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(into[16..], Handle.Value);
        BinaryPrimitives.WriteInt32LittleEndian(into[24..], Version.Value);
        BinaryPrimitives.WriteInt32LittleEndian(into[28..], DataOffset);
        BinaryPrimitives.WriteInt64LittleEndian(into[32..], ChunkSizeBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(into[60..], Crc32C.Compute(into[..60]));
    }

    /// <summary>Reads them; false when they are not a head.</summary>
    public static bool TryParse(ReadOnlySpan<byte> from, out ChunkHead head)
    {
        head = default;
        if (from.Length < Bytes || !from[..8].SequenceEqual(Magic)
            || BinaryPrimitives.ReadUInt32LittleEndian(from[60..]) != Crc32C.Compute(from[..60])
            || BinaryPrimitives.ReadUInt16LittleEndian(from[8..]) != FormatVersion
            || BinaryPrimitives.ReadInt32LittleEndian(from[12..]) != ChecksumBlockBytes) return false;
        head = new(
            new(BinaryPrimitives.ReadUInt64LittleEndian(from[16..])),
            new(BinaryPrimitives.ReadInt32LittleEndian(from[24..])),
            BinaryPrimitives.ReadInt64LittleEndian(from[32..]));
        return head.ChunkSizeBytes is > 0 and <= 1L << 30 && head.DataOffset == BinaryPrimitives.ReadInt32LittleEndian(from[28..]);
    }
}
