using Gofs.Transport;

namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>The slots on the disk: written after the bytes they are of, read when the chunk is opened.</summary>
internal sealed partial class ChunkFile
{
    private int staleBlocks;

    /// <summary>Whether the file is what the chunk is, so that another process may read it: nothing is left behind the end by a crash.</summary>
    public bool SaysAll => Volatile.Read(ref staleBlocks) == 0;

    private void Ensure(int count)
    {
        if (count <= blockCount) return;
        if (count > blocks.Length) Array.Resize(ref blocks, Math.Max(count, Math.Min((int)head.ChecksumBlocks, blocks.Length * 4)));
        Volatile.Write(ref blockCount, count);
    }

    private void WriteHead()
    {
        Span<byte> bytes = stackalloc byte[ChunkHead.Bytes];
        head.Format(bytes);
        file.Write(bytes, 0);
    }

    // A new file's head goes with its first slots, in one write.
    private void WriteSlots(int from, int count)
    {
        var withHead = isNameNew && from == 0;
        var start = withHead ? 0 : ChunkHead.SlotsOffset + (from * ChunkHead.SlotPairBytes);
        var length = ChunkHead.SlotsOffset + ((from + count) * ChunkHead.SlotPairBytes) - start;
        var rented = LargeBuffers.Shared.Rent(length);
        try
        {
            var bytes = rented.AsSpan(0, length);
            bytes.Clear();
            if (withHead) head.Format(bytes);
            var slots = bytes[(ChunkHead.SlotsOffset + (from * ChunkHead.SlotPairBytes) - start)..];
            for (var i = 0; i < count; i++) blocks[from + i].Format(slots[(i * ChunkHead.SlotPairBytes)..]);
            file.Write(bytes, start);
        }
        finally
        {
            LargeBuffers.Shared.Return(rented);
        }
    }

    private void ReadSlots(long leastBytes)
    {
        var dataBytes = Math.Max(leastBytes, file.Length - head.DataOffset);
        var count = (int)Math.Min(head.ChecksumBlocks, (dataBytes + BlockBytes - 1) / BlockBytes);
        if (count == 0) return;
        var pairs = LargeBuffers.Shared.Rent(count * ChunkHead.SlotPairBytes);
        try
        {
            if (file.Read(pairs.AsSpan(0, count * ChunkHead.SlotPairBytes), ChunkHead.SlotsOffset) != count * ChunkHead.SlotPairBytes)
                throw new GofsException(GofsError.Corrupt, $"the slots of {Disk.PathOf(head.Handle)} are cut off", head.Handle.ToString());
            blocks = new BlockSlots[count];
            blockCount = count;
            for (var i = 0; i < count; i++) blocks[i] = Choose(i, pairs.AsSpan(i * ChunkHead.SlotPairBytes));
            var found = Array.FindIndex(blocks, 0, count, static one => one.IsDirty);
            if (found >= 0) (IsDirty, IsAsFound, dirtyFrom) = (true, true, found);
        }
        finally
        {
            LargeBuffers.Shared.Return(pairs);
        }

    }

    // What follows a checksum block that is not full was never flushed: a flush covers all before it.
    private void EndAtHole()
    {
        var (had, whole) = (blockCount, 0);
        while (whole < had && blocks[whole].Now.Length == BlockBytes) whole++;
        blockCount = whole < had && blocks[whole].Now.Length > 0 ? whole + 1 : whole;
        staleBlocks = had - blockCount;
        Array.Clear(blocks, blockCount, staleBlocks);
    }

    // Slots and bytes a crash left behind the end must not show again when the chunk grows over them: they go before anything else is written.
    private void CutStale()
    {
        if (staleBlocks == 0) return;
        SetDirty(blockCount);
        WriteSlots(blockCount, staleBlocks);
        file.SetLength(head.DataOffset + Length);
        staleBlocks = 0;
    }

    /// <summary>
    /// What a crash of the machine left of the last writes is settled: where both slots hold something, the one that counts is alone from now on. To be synced.
    /// </summary>
    public void Settle()
    {
        for (var i = 0; i < blockCount; i++)
        {
            if (!blocks[i].IsDirty) continue;
            blocks[i].Replace(blocks[i].Now);
            WriteSlots(i, 1);
        }

        (IsDirty, IsAsFound, dirtyFrom) = (false, false, int.MaxValue);
    }

    // Where both slots hold something, the longer one is of what was written and not flushed, by a process that is no more: its flush may come still. After a
    // crash of the machine its bytes need not be there, and they tell.
    private BlockSlots Choose(int index, ReadOnlySpan<byte> pair)
    {
        var (first, second) = (SlotValue.Parse(pair), SlotValue.Parse(pair[ChunkHead.SlotBytes..]));
        if (second.Length == 0) return BlockSlots.Of(first, 0);
        if (first.Length == 0) return BlockSlots.Of(second, 1);
        var longer = first.Length >= second.Length ? 0 : 1;
        var (most, least) = longer == 0 ? (first, second) : (second, first);
        return Disk.MayBeTorn && !Matches(index, most) && Matches(index, least)
            ? BlockSlots.Of(least, longer ^ 1, least)
            : BlockSlots.Of(least, longer ^ 1, most);
    }

    private bool Matches(int index, SlotValue slot)
    {
        var bytes = LargeBuffers.Shared.Rent(BlockBytes);
        try
        {
            var read = file.Read(bytes.AsSpan(0, slot.Length), head.DataOffset + ((long)index * BlockBytes));
            return read == slot.Length && Crc32C.Compute(bytes.AsSpan(0, read)) == slot.Crc;
        }
        finally
        {
            LargeBuffers.Shared.Return(bytes);
        }
    }
}
