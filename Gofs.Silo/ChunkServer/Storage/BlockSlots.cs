using Gofs.Transport;

namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>
/// The CRC and length of one checksum block, in two slots. An append writes the slot that does not hold what was flushed last, so
/// whatever a crash makes of the slot and the bytes behind the flushed ones, the flushed prefix still has its CRC. Which slot counts after a
/// crash shows by whose CRC the bytes have.
/// </summary>
internal struct BlockSlots
{
    /// <summary>What the checksum block is now.</summary>
    public SlotValue Now;

    /// <summary>What of it is flushed.</summary>
    public SlotValue Flushed;

    /// <summary>The slot that holds the flushed one: 0 or 1.</summary>
    public byte FlushedSlot;

    /// <summary>Whether there is more than what is flushed.</summary>
    public bool IsDirty;

    /// <summary>Says what the checksum block is now; it is not flushed yet.</summary>
    public void Grow(SlotValue now) => (Now, IsDirty) = (now, true);

    /// <summary>What the checksum block is now is on stable storage.</summary>
    public void SetFlushed()
    {
        if (!IsDirty) return;
        if (Flushed.Length > 0) FlushedSlot ^= 1;
        (Flushed, IsDirty) = (Now, false);
    }

    /// <summary>What the checksum block is now replaces all that was, durably: the other slot is void.</summary>
    public void Replace(SlotValue now) => (Now, Flushed, FlushedSlot, IsDirty) = (now, now, 0, false);

    /// <summary>Writes the 16 bytes: length and CRC of either slot.</summary>
    public readonly void Format(Span<byte> into)
    {
        into[..ChunkHead.SlotPairBytes].Clear();
        if (Flushed.Length > 0) Flushed.Format(into[(FlushedSlot * 8)..]);
        if (IsDirty) Now.Format(into[((Flushed.Length > 0 ? FlushedSlot ^ 1 : FlushedSlot) * 8)..]);
    }

    /// <summary>The checksum block of which so much is flushed, as the slot <paramref name="slot"/> says, and that is more now.</summary>
    public static BlockSlots Of(SlotValue flushed, int slot, SlotValue now) => new() { Now = now, Flushed = flushed, FlushedSlot = (byte)slot, IsDirty = true };

    /// <summary>The checksum block whose slot <paramref name="slot"/> counts.</summary>
    public static BlockSlots Of(SlotValue value, int slot) => new() { Now = value, Flushed = value, FlushedSlot = (byte)slot };
}
