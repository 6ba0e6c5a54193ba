using Gofs.Chunks;
using Gofs.Transport;

namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>
/// Changes of what is flushed: logged, durable, and only then done to the file. None of them may be given up on the way, because from the moment its
/// record is appended a crash may redo it: who is tired of waiting leaves it to end by itself, in its turn.
/// </summary>
internal sealed partial class ChunkFile
{
    /// <summary>Writes over bytes that are flushed; afterwards the chunk is clean. In a turn. The data is copied before this first waits.</summary>
    public async Task OverwriteAsync(long offset, ReadOnlyMemory<byte> data)
    {
        var copy = LargeBuffers.Shared.Rent(data.Length);
        try
        {
            data.CopyTo(copy);
            var rest = copy.AsMemory(0, data.Length);
            CutStale();
            await FlushAsync();
            while (rest.Length > 0)
            {
                var take = Math.Min(rest.Length, Disk.Journal.MostDataBytes - (int)(offset % BlockBytes));
                await OverwritePartAsync(offset, rest[..take]);
                offset += take;
                rest = rest[take..];
            }
        }
        finally
        {
            LargeBuffers.Shared.Return(copy);
        }
    }

    /// <summary>Cuts to a length; afterwards the chunk is clean. In a turn.</summary>
    public async Task TruncateAsync(long length)
    {
        CutStale();
        await FlushAsync();
        if (length >= Length) return;
        Touch(length, Length);
        var slots = CutSlot(length);
        var record = new JournalRecord(JournalKind.Truncate, false, 0, head.Handle, head.Version, head.ChunkSizeBytes, length, 0, 0);
        await LogAsync(record, slots, default, () =>
        {
            var (had, keep) = (blockCount, Cut(length, slots.Span));
            WriteSlots(Math.Max(0, keep - 1), had - Math.Max(0, keep - 1));
            file.SetLength(head.DataOffset + length);
        });
    }

    /// <summary>Gives the chunk a version; afterwards it is clean. In a turn.</summary>
    public async Task SetVersionAsync(ChunkVersion version)
    {
        await FlushAsync();
        var record = new JournalRecord(JournalKind.Version, !hasDurableState, 0, head.Handle, version, head.ChunkSizeBytes, 0, 0, 0);
        await LogAsync(record, default, default, () =>
        {
            head = head with { Version = version };
            WriteHead();
        });
    }

    private async Task OverwritePartAsync(long offset, ReadOnlyMemory<byte> data)
    {
        Touch(Math.Min(offset, Length), offset + data.Length);
        var first = (int)(offset / BlockBytes);
        var slots = OverwrittenSlots(offset, data.Span);
        file.Reserve(head.DataOffset + offset, data.Length);
        file.Reserve(ChunkHead.SlotsOffset + (first * ChunkHead.SlotPairBytes), slots.Length * ChunkHead.SlotPairBytes);
        var record = new JournalRecord(
            JournalKind.Write, false, 0, head.Handle, head.Version, head.ChunkSizeBytes, offset, data.Length, Crc32C.Compute(data.Span));
        await LogAsync(record, slots, data, () =>
        {
            file.Write(data.Span, head.DataOffset + offset);
            Replace(first, slots);
            WriteSlots(first, slots.Length);
        });
    }

    private async Task LogAsync(JournalRecord record, ReadOnlyMemory<SlotValue> slots, ReadOnlyMemory<byte> data, Action apply)
    {
        var ticket = await Disk.Journal.AppendAsync(record, slots, data, appliesLater: true);
        try
        {
            await ticket.Durable;
            apply();
            hasDurableState = true;
        }
        catch (IOException broken) when (broken is not GofsException)
        {
            throw new IOException($"a change that is logged can't be made: {broken.Message}", LibC.InputOutputError);
        }
        finally
        {
            Disk.Journal.Applied(ticket.File);
        }
    }

    // What the checksum blocks are after the write; those it does not cover are read, and have to be right.
    private SlotValue[] OverwrittenSlots(long offset, ReadOnlySpan<byte> data)
    {
        var first = (int)(offset / BlockBytes);
        var slots = new SlotValue[((offset + data.Length - 1) / BlockBytes) - first + 1];
        var bytes = LargeBuffers.Shared.Rent(BlockBytes);
        try
        {
            for (var i = 0; i < slots.Length; i++)
            {
                var at = (int)(offset % BlockBytes);
                var take = Math.Min(data.Length, BlockBytes - at);
                var had = first + i < blockCount ? blocks[first + i].Now : default;
                var length = Math.Max(had.Length, at + take);
                if (take == length)
                {
                    slots[i] = new(length, Crc32C.Compute(data[..take]));
                }
                else
                {
                    ReadBlock(first + i, had, bytes.AsSpan(0, had.Length));
                    data[..take].CopyTo(bytes.AsSpan(at));
                    slots[i] = new(length, Crc32C.Compute(bytes.AsSpan(0, length)));
                }

                offset += take;
                data = data[take..];
            }
        }
        finally
        {
            LargeBuffers.Shared.Return(bytes);
        }

        return slots;
    }

    private ReadOnlyMemory<SlotValue> CutSlot(long length)
    {
        if (length == 0) return default;
        var index = (int)((length - 1) / BlockBytes);
        var inLast = (int)(length - ((long)index * BlockBytes));
        var had = blocks[index].Now;
        if (inLast == had.Length) return new[] { had };
        var bytes = LargeBuffers.Shared.Rent(BlockBytes);
        try
        {
            ReadBlock(index, had, bytes.AsSpan(0, had.Length));
            return new SlotValue[] { new(inLast, Crc32C.Compute(bytes.AsSpan(0, inLast))) };
        }
        finally
        {
            LargeBuffers.Shared.Return(bytes);
        }
    }

    private int Cut(long length, ReadOnlySpan<SlotValue> last)
    {
        var keep = (int)((length + BlockBytes - 1) / BlockBytes);
        if (keep < blockCount) Array.Clear(blocks, keep, blockCount - keep);
        blockCount = Math.Min(blockCount, keep);
        if (keep > 0) Replace(keep - 1, last);
        return keep;
    }

    private void Replace(int first, ReadOnlySpan<SlotValue> slots)
    {
        Ensure(first + slots.Length);
        for (var i = 0; i < slots.Length; i++) blocks[first + i].Replace(slots[i]);
    }
}
