using System.Buffers.Binary;
using Gofs.Chunks;
using Gofs.Transport;

namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>
/// Whose a cell is: 64 bytes of its sector, between the chunk's head and its slots. A chunk's file has its name in a folder, and its length; this is both
/// for one in a pack, so that one whose head or slots have rotted is known to be there, as a file is.
/// </summary>
/// <param name="Handle">The chunk.</param>
/// <param name="DataOffset">Where the data begins in a file of the chunk.</param>
/// <param name="Length">Bytes of data.</param>
internal readonly record struct PackEntry(ChunkHandle Handle, int DataOffset, int Length)
{
    /// <summary>Where it is in the sector.</summary>
    public const int At = ChunkHead.Bytes;

    /// <summary>How long it is.</summary>
    public const int Bytes = 64;

    private const ushort FormatVersion = 1;

    private static ReadOnlySpan<byte> Magic => "GPKE"u8;

    /// <summary>Writes the 64 bytes.</summary>
    public void Format(Span<byte> into)
    {
        into[..Bytes].Clear();
        Magic.CopyTo(into);
        BinaryPrimitives.WriteUInt16LittleEndian(into[4..], FormatVersion);
        BinaryPrimitives.WriteUInt64LittleEndian(into[8..], Handle.Value);
        BinaryPrimitives.WriteInt32LittleEndian(into[16..], DataOffset);
        BinaryPrimitives.WriteInt32LittleEndian(into[20..], Length);
        BinaryPrimitives.WriteUInt32LittleEndian(into[60..], Crc32C.Compute(into[..60]));
    }

    /// <summary>Finds it in a cell's sector. False: it is not there, or has rotted.</summary>
    public static bool TryParse(ReadOnlySpan<byte> sector, out PackEntry entry)
    {
        entry = default;
        var from = sector.Slice(At, Bytes);
        if (!from[..4].SequenceEqual(Magic) || BinaryPrimitives.ReadUInt32LittleEndian(from[60..]) != Crc32C.Compute(from[..60])
            || BinaryPrimitives.ReadUInt16LittleEndian(from[4..]) != FormatVersion) return false;
        entry = new(
            new(BinaryPrimitives.ReadUInt64LittleEndian(from[8..])), BinaryPrimitives.ReadInt32LittleEndian(from[16..]),
            BinaryPrimitives.ReadInt32LittleEndian(from[20..]));
        return entry.DataOffset >= PackFile.SectorBytes && entry.Length >= 0;
    }

    /// <summary>Infers it from the chunk's head and slots, where it has rotted. False: those say nothing either.</summary>
    public static bool TryInfer(ReadOnlySpan<byte> sector, out PackEntry entry)
    {
        entry = default;
        if (!ChunkHead.TryParse(sector, out var head)) return false;
        var slots = sector[ChunkHead.SlotsOffset..];
        entry = new(
            head.Handle, head.DataOffset, Math.Max(SlotValue.Parse(slots).Length, SlotValue.Parse(slots[ChunkHead.SlotBytes..]).Length));
        return true;
    }
}
