using System.Buffers.Binary;

namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>
/// The CRC and length of one checksum block, in two slots. An append writes the slot that does not hold what was flushed last, so
/// whatever a crash makes of the slot and the bytes behind the flushed ones, the flushed prefix still has its CRC. Which slot counts after a
/// crash shows by whose CRC the bytes have.
/// </summary>
internal struct BlockSlots
{
    /// <summary>CRC-32C of the block's bytes as they are now.</summary>
    public uint Crc;

    /// <summary>How many there are.</summary>
    public int Length;

    /// <summary>How many are flushed.</summary>
    public int FlushedLength;

    /// <summary>The CRC of those.</summary>
    public uint FlushedCrc;

    /// <summary>The slot that holds the flushed ones: 0 or 1.</summary>
    public byte FlushedSlot;

    /// <summary>Whether there is more than what is flushed.</summary>
    public bool IsDirty;

    /// <summary>Says what the block is now; it is not flushed yet.</summary>
    public void Grow(uint crc, int length) => (Crc, Length, IsDirty) = (crc, length, true);

    /// <summary>What the block is now is on stable storage.</summary>
    public void Flushed()
    {
        if (!IsDirty) return;
        if (FlushedLength > 0) FlushedSlot ^= 1;
        (FlushedLength, FlushedCrc, IsDirty) = (Length, Crc, false);
    }

    /// <summary>What the block is now replaces all that was: the other slot is void. To be flushed before anything else happens.</summary>
    public void Replace(uint crc, int length)
    {
        (Crc, Length) = (crc, length);
        (FlushedLength, FlushedCrc, FlushedSlot, IsDirty) = (length, crc, 0, false);
    }

    /// <summary>Writes the 16 bytes: length and CRC of either slot.</summary>
    public readonly void Format(Span<byte> into)
    {
        into[..ChunkHead.SlotPairBytes].Clear();
        if (FlushedLength > 0) Format(into[(FlushedSlot * 8)..], FlushedCrc, FlushedLength);
        if (IsDirty) Format(into[((FlushedLength > 0 ? FlushedSlot ^ 1 : FlushedSlot) * 8)..], Crc, Length);
    }

    /// <summary>Reads one slot; a length of 0 says there is nothing.</summary>
    public static (uint Crc, int Length) Parse(ReadOnlySpan<byte> pair, int slot) => (
        BinaryPrimitives.ReadUInt32LittleEndian(pair[((slot * 8) + 4)..]), BinaryPrimitives.ReadInt32LittleEndian(pair[(slot * 8)..]));

    /// <summary>The block whose slot <paramref name="slot"/> counts.</summary>
    public static BlockSlots Of(uint crc, int length, int slot) =>
        new() { Crc = crc, Length = length, FlushedCrc = crc, FlushedLength = length, FlushedSlot = (byte)slot };

    private static void Format(Span<byte> into, uint crc, int length)
    {
        BinaryPrimitives.WriteInt32LittleEndian(into, length);
        BinaryPrimitives.WriteUInt32LittleEndian(into[4..], crc);
    }
}
