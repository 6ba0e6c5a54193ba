using System.Buffers.Binary;
using Gofs.Chunks;
using Gofs.Transport;

namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>What a journal record says happened to a chunk. The numbers are on disks.</summary>
internal enum JournalKind : byte
{
    /// <summary>Bytes were written; the checksum blocks they touch are then as the record says.</summary>
    Write = 1,

    /// <summary>It was cut to a length; its last checksum block is then as the record says.</summary>
    Truncate = 2,

    /// <summary>It has a version.</summary>
    Version = 3,

    /// <summary>All of it was synced in its own file: records of it before this one are void.</summary>
    Barrier = 4,

    /// <summary>It was deleted: records of it before this one are void, and its file, if there, is to go.</summary>
    Delete = 5,
}

/// <summary>
/// One record of a disk's journal, without its data (README.md has the bytes). It says what the checksum blocks it touches are <b>afterwards</b>,
/// so that redoing it needs no look at what a crash made of the chunk's slots, and can't give damaged bytes a new CRC.
/// </summary>
/// <param name="Kind">What happened.</param>
/// <param name="Creates">It is the first of what the chunk durably is: where the file is missing it is made.</param>
/// <param name="Sequence">One more than that of the record before.</param>
/// <param name="Handle">The chunk.</param>
/// <param name="Version">Its version (then).</param>
/// <param name="ChunkSizeBytes">How large it may become.</param>
/// <param name="Offset">Where the data goes; of a truncation, the length.</param>
/// <param name="DataLength">How many bytes of data follow.</param>
/// <param name="DataCrc">Their CRC-32C.</param>
internal readonly record struct JournalRecord(JournalKind Kind, bool Creates, long Sequence, ChunkHandle Handle, ChunkVersion Version,
    long ChunkSizeBytes, long Offset, int DataLength, uint DataCrc)
{
    /// <summary>Bytes of a record's head, before its slots and data.</summary>
    public const int HeadBytes = 64;

    /// <summary>Bytes of one slot.</summary>
    public const int SlotBytes = 8;

    /// <summary>The most data of one record; longer writes are several.</summary>
    public const int MostDataBytes = 1 << 20;

    /// <summary>The most checksum blocks that much data can touch.</summary>
    public const int MostSlots = (MostDataBytes / ChunkHead.ChecksumBlockBytes) + 1;

    /// <summary>The largest record there is.</summary>
    public const int MostBytes = HeadBytes + (MostSlots * SlotBytes) + MostDataBytes;

    private const int CrcOffset = 60;

    private static ReadOnlySpan<byte> Magic => "GJR1"u8;

    /// <summary>Bytes of a record with this many slots and bytes of data, before padding.</summary>
    public static int BytesOf(int slots, int data) => (HeadBytes + (slots * SlotBytes) + data + 7) & ~7;

    /// <summary>Writes head and slots; answers how many bytes. The data follows.</summary>
    public int Format(Span<byte> into, ReadOnlySpan<SlotValue> slots, int span)
    {
        into[..HeadBytes].Clear();
        Magic.CopyTo(into);
        into[4] = (byte)Kind;
        into[5] = (byte)(Creates ? 1 : 0);
        BinaryPrimitives.WriteUInt16LittleEndian(into[6..], (ushort)slots.Length);
        BinaryPrimitives.WriteInt64LittleEndian(into[8..], Sequence);
        BinaryPrimitives.WriteUInt64LittleEndian(into[16..], Handle.Value);
        BinaryPrimitives.WriteInt32LittleEndian(into[24..], Version.Value);
        BinaryPrimitives.WriteInt64LittleEndian(into[32..], ChunkSizeBytes);
        BinaryPrimitives.WriteInt64LittleEndian(into[40..], Offset);
        BinaryPrimitives.WriteInt32LittleEndian(into[48..], DataLength);
        BinaryPrimitives.WriteUInt32LittleEndian(into[52..], DataCrc);
        for (var i = 0; i < slots.Length; i++) slots[i].Format(into[(HeadBytes + (i * SlotBytes))..]);
        SetSpan(into, span);
        return HeadBytes + (slots.Length * SlotBytes);
    }

    /// <summary>Says how far the next record is, and signs the head.</summary>
    public static void SetSpan(Span<byte> record, int span)
    {
        BinaryPrimitives.WriteInt32LittleEndian(record[28..], span);
        BinaryPrimitives.WriteUInt32LittleEndian(record[CrcOffset..], HeadCrc(record, SlotsOf(record)));
    }

    /// <summary>Reads head and slots; false when they are none, or not of the sequence expected. The data's CRC is not looked at.</summary>
    public static bool TryParse(ReadOnlySpan<byte> from, long sequence, Span<SlotValue> slots, out JournalRecord record, out int slotCount, out int span)
    {
        (record, slotCount, span) = (default, 0, 0);
        if (from.Length < HeadBytes || !from[..4].SequenceEqual(Magic) || BinaryPrimitives.ReadInt64LittleEndian(from[8..]) != sequence) return false;
        slotCount = SlotsOf(from);
        if (slotCount > MostSlots || from.Length < HeadBytes + (slotCount * SlotBytes)
            || BinaryPrimitives.ReadUInt32LittleEndian(from[CrcOffset..]) != HeadCrc(from, slotCount)) return false;
        span = BinaryPrimitives.ReadInt32LittleEndian(from[28..]);
        record = new((JournalKind)from[4], (from[5] & 1) != 0, sequence,
            new(BinaryPrimitives.ReadUInt64LittleEndian(from[16..])), new(BinaryPrimitives.ReadInt32LittleEndian(from[24..])),
            BinaryPrimitives.ReadInt64LittleEndian(from[32..]), BinaryPrimitives.ReadInt64LittleEndian(from[40..]),
            BinaryPrimitives.ReadInt32LittleEndian(from[48..]), BinaryPrimitives.ReadUInt32LittleEndian(from[52..]));
        for (var i = 0; i < slotCount; i++) slots[i] = SlotValue.Parse(from[(HeadBytes + (i * SlotBytes))..]);
        return record.DataLength is >= 0 and <= MostDataBytes && span >= BytesOf(slotCount, record.DataLength)
            && record.ChunkSizeBytes is > 0 and <= 1L << 30 && record.Offset >= 0 && record.Offset + record.DataLength <= record.ChunkSizeBytes;
    }

    private static int SlotsOf(ReadOnlySpan<byte> record) => BinaryPrimitives.ReadUInt16LittleEndian(record[6..]);

    private static uint HeadCrc(ReadOnlySpan<byte> record, int slots) =>
        Crc32C.Append(Crc32C.Compute(record[..CrcOffset]), record.Slice(HeadBytes, slots * SlotBytes));
}
