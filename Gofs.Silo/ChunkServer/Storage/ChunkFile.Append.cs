using Gofs.Transport;

namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>Writes that touch nothing flushed: they go to the file at once, and what was flushed keeps its slot and its bytes.</summary>
internal sealed partial class ChunkFile
{
    private SlotValue[] slotsForRecord = [];

    /// <summary>Whether a write would change bytes that are flushed: then it is an overwrite.</summary>
    public bool TouchesFlushed(long offset, int length)
    {
        if (length == 0) return false;
        var first = (int)(offset / BlockBytes);
        if (first >= blockCount) return false;
        if (offset % BlockBytes < blocks[first].Flushed.Length) return true;
        var last = Math.Min((offset + length - 1) / BlockBytes, blockCount - 1);
        for (var i = first + 1; i <= last; i++)
        {
            if (blocks[i].Flushed.Length > 0) return true;
        }

        return false;
    }

    /// <summary>Writes bytes of which none is flushed. In a turn.</summary>
    /// <param name="offset">Where.</param>
    /// <param name="data">What.</param>
    /// <param name="crcs">The CRC of the part in each checksum block.</param>
    /// <param name="durable">Whether all written so far is to be on stable storage when this ends.</param>
    public async ValueTask AppendAsync(long offset, ReadOnlyMemory<byte> data, ReadOnlyMemory<uint> crcs, bool durable)
    {
        CutStale();
        var logs = durable && !IsDirty && offset == Length && data.Length > 0 && data.Length <= Disk.JournalLimitBytes && Disk.Journal.IsUsable;
        WriteInPlace(offset, data.Span, crcs.Span);
        if (!durable) return;
        if (!logs)
        {
            await FlushAsync();
            return;
        }

        var first = (int)(offset / BlockBytes);
        var dataCrc = crcs.Span[0];
        for (var (i, done) = (1, BlockBytes - (int)(offset % BlockBytes)); i < crcs.Length; i++)
        {
            var take = Math.Min(BlockBytes, data.Length - done);
            dataCrc = Crc32C.Combine(dataCrc, crcs.Span[i], take);
            done += take;
        }

        var record = new JournalRecord(JournalKind.Write, !hasDurableState, 0, head.Handle, head.Version, head.ChunkSizeBytes, offset, data.Length, dataCrc);
        var ticket = await Disk.Journal.AppendAsync(record, SlotsFrom(first, crcs.Length), data, appliesLater: false);
        await ticket.DurableInTime;
        SetFlushed();
    }

    // A disk that fills up in the middle leaves memory as it was: the slots in it are those on the disk.
    private void WriteInPlace(long offset, ReadOnlySpan<byte> data, ReadOnlySpan<uint> crcs)
    {
        var (hadCount, hadLast) = (blockCount, blockCount > 0 ? blocks[blockCount - 1] : default);
        var isPastEnd = offset >= Length;
        Touch(Math.Min(offset, Length), offset + data.Length);
        try
        {
            if (offset > Length) FillGap(offset);
            CheckWhatStays(offset, data.Length);
            if (!isPastEnd) file.Reserve(head.DataOffset + offset, data.Length);
            var first = (int)(offset / BlockBytes);
            SetDirty(first);
            file.Write(data, head.DataOffset + offset);
            for (var i = 0; data.Length > 0; i++)
            {
                var at = (int)(offset % BlockBytes);
                var take = Math.Min(data.Length, BlockBytes - at);
                Grow((int)(offset / BlockBytes), at, take, crcs[i]);
                offset += take;
                data = data[take..];
            }

            WriteSlots(first, blockCount - first);
        }
        catch when (isPastEnd)
        {
            Array.Clear(blocks, hadCount, blockCount - hadCount);
            blockCount = hadCount;
            if (hadCount > 0) blocks[hadCount - 1] = hadLast;
            throw;
        }
    }

    // A checksum block that is written over in part gets a CRC of what is there then, so what stays of it has to be right: it may have rotted.
    private void CheckWhatStays(long offset, int length)
    {
        byte[]? bytes = null;
        try
        {
            for (long end = offset + length, next; offset < end; offset = next)
            {
                var (index, at) = ((int)(offset / BlockBytes), (int)(offset % BlockBytes));
                next = Math.Min(end, (index + 1L) * BlockBytes);
                var had = index < blockCount ? blocks[index].Now : default;
                if (at >= had.Length || (at == 0 && next - offset >= had.Length)) continue;
                bytes ??= LargeBuffers.Shared.Rent(BlockBytes);
                ReadBlock(index, had, bytes.AsSpan(0, had.Length));
            }
        }
        finally
        {
            if (bytes is not null) LargeBuffers.Shared.Return(bytes);
        }
    }

    // Bytes of a checksum block before the write are as its CRC says; when the write begins inside what is not flushed they are read.
    private void Grow(int index, int at, int written, uint crc)
    {
        Ensure(index + 1);
        ref var slots = ref blocks[index];
        var had = slots.Now;
        if (at == had.Length || (at == 0 && written >= had.Length))
        {
            slots.Grow(new(at + written, at == 0 ? crc : Crc32C.Combine(had.Crc, crc, written)));
            return;
        }

        var length = Math.Max(had.Length, at + written);
        var bytes = LargeBuffers.Shared.Rent(BlockBytes);
        try
        {
            ReadFully(index, bytes.AsSpan(0, length));
            slots.Grow(new(length, Crc32C.Compute(bytes.AsSpan(0, length))));
        }
        finally
        {
            LargeBuffers.Shared.Return(bytes);
        }
    }

    // A write past the end leaves zeros between, which have their CRCs like any other bytes. Whole checksum blocks of them are holes.
    private void FillGap(long offset)
    {
        var from = Math.Max(0, blockCount - 1);
        SetDirty(from);
        var zeros = LargeBuffers.Shared.Rent(BlockBytes);
        try
        {
            zeros.AsSpan(0, BlockBytes).Clear();
            while (Length < offset)
            {
                if (blockCount > 0 && blocks[blockCount - 1].Now.Length < BlockBytes)
                {
                    ref var tail = ref blocks[blockCount - 1];
                    var more = (int)Math.Min(BlockBytes - tail.Now.Length, offset - Length);
                    file.Write(zeros.AsSpan(0, more), head.DataOffset + Length);
                    tail.Grow(new(tail.Now.Length + more, Crc32C.Append(tail.Now.Crc, zeros.AsSpan(0, more))));
                    continue;
                }

                var take = (int)Math.Min(BlockBytes, offset - Length);
                Ensure(blockCount + 1);
                if (take < BlockBytes) file.Write(zeros.AsSpan(0, take), head.DataOffset + ((long)(blockCount - 1) * BlockBytes));
                blocks[blockCount - 1].Grow(new(take, take == BlockBytes ? ZerosCrc : Crc32C.Compute(zeros.AsSpan(0, take))));
            }
        }
        finally
        {
            LargeBuffers.Shared.Return(zeros);
        }

        WriteSlots(from, blockCount - from);
    }

    private ReadOnlyMemory<SlotValue> SlotsFrom(int first, int count)
    {
        if (slotsForRecord.Length < count) slotsForRecord = new SlotValue[count];
        for (var i = 0; i < count; i++) slotsForRecord[i] = blocks[first + i].Now;
        return slotsForRecord.AsMemory(0, count);
    }
}
