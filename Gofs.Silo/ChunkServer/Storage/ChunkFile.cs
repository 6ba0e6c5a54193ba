using System.Buffers;
using Gofs.Chunks;
using Gofs.Transport;
using Microsoft.Win32.SafeHandles;

namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>
/// One open chunk. Writers take <see cref="Turn"/> and keep it over their flush, so that what is being flushed does not change. Readers take
/// nothing: appends do not touch what a reader's CRC covers. A reader that meets an overwrite or a cut sees a CRC that does not match
/// and looks again in a writer's turn.
/// </summary>
internal sealed class ChunkFile : IDisposable
{
    private const int BlockBytes = ChunkHead.ChecksumBlockBytes;
    private static readonly uint ZerosCrc = Crc32C.Compute(new byte[BlockBytes]);
    private readonly SafeFileHandle file;
    private BlockSlots[] blocks;
    private int blockCount;
    private ChunkHead head;

    private ChunkFile(Disk disk, SafeFileHandle file, ChunkHead head, bool isNew)
    {
        Disk = disk;
        this.file = file;
        this.head = head;
        IsNew = isNew;
        blocks = new BlockSlots[1];
    }

    /// <summary>Where it is.</summary>
    public Disk Disk { get; }

    /// <summary>One writer at a time.</summary>
    public SemaphoreSlim Turn { get; } = new(1, 1);

    /// <summary>Whose chunk it is, and its version.</summary>
    public ChunkHead Head => head;

    /// <summary>Whether its name is not on stable storage yet.</summary>
    public bool IsNew { get; private set; }

    /// <summary>Whether something was written and not flushed.</summary>
    public bool IsDirty { get; private set; }

    /// <summary>How long the chunk is.</summary>
    public long Length => blockCount == 0 ? 0 : ((long)(blockCount - 1) * BlockBytes) + blocks[blockCount - 1].Length;

    /// <summary>Makes a chunk's file; nothing is on it yet.</summary>
    public static ChunkFile Create(Disk disk, ChunkHead head) =>
        new(disk,
            File.OpenHandle(disk.FileOf(head.Handle), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite), head, isNew: true)
        { IsDirty = true };

    /// <summary>Opens a chunk's file and finds out what of it is there.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.Corrupt"/>: it has no head, or another chunk's.</exception>
    public static ChunkFile Open(Disk disk, ChunkHandle handle)
    {
        var file = File.OpenHandle(disk.FileOf(handle), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        try
        {
            Span<byte> bytes = stackalloc byte[ChunkHead.Bytes];
            if (RandomAccess.Read(file, bytes, 0) != bytes.Length || !ChunkHead.TryParse(bytes, out var head) || head.Handle != handle)
                throw new GofsException(GofsError.Corrupt, $"the head of {disk.FileOf(handle)} is damaged", handle.ToString());
            var chunk = new ChunkFile(disk, file, head, isNew: false);
            chunk.ReadSlots();
            return chunk;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Writes. In a writer's turn.</summary>
    public void Write(long offset, ReadOnlySpan<byte> data)
    {
        FillGap(offset);
        var first = (int)(offset / BlockBytes);
        if (first < blockCount && offset % BlockBytes < blocks[first].FlushedLength
            || (offset + data.Length - 1) / BlockBytes is var last && last > first && last < blockCount && HasFlushed(first + 1, (int)last))
        {
            Overwrite(offset, data);
            return;
        }

        IsDirty = true;
        RandomAccess.Write(file, data, head.DataOffset + offset);
        var from = first;
        for (var rest = data; rest.Length > 0;)
        {
            var at = (int)(offset % BlockBytes);
            var take = Math.Min(rest.Length, BlockBytes - at);
            Grow((int)(offset / BlockBytes), at, rest[..take]);
            offset += take;
            rest = rest[take..];
        }

        WriteSlots(from, blockCount - from);
    }

    /// <summary>Reads up to the length of <paramref name="into"/>; answers how many bytes there were.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.Corrupt"/>.</exception>
    public int Read(long offset, Span<byte> into)
    {
        var count = (int)Math.Clamp(Length - offset, 0, into.Length);
        byte[]? rented = null;
        try
        {
            for (var done = 0; done < count;)
            {
                var index = (int)((offset + done) / BlockBytes);
                var at = (int)((offset + done) % BlockBytes);
                var slots = blocks[index];
                var take = Math.Min(count - done, slots.Length - at);
                if (take <= 0) return done;
                if (at == 0 && take == slots.Length)
                {
                    ReadBlock(index, slots, into.Slice(done, take));
                }
                else
                {
                    rented ??= ArrayPool<byte>.Shared.Rent(BlockBytes);
                    ReadBlock(index, slots, rented.AsSpan(0, slots.Length));
                    rented.AsSpan(at, take).CopyTo(into[done..]);
                }

                done += take;
            }
        }
        finally
        {
            if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
        }

        return count;
    }

    /// <summary>Cuts to a length. In a writer's turn; the caller flushes before it gives it up.</summary>
    public void Truncate(long length)
    {
        if (length >= Length) return;
        var keep = (int)((length + BlockBytes - 1) / BlockBytes);
        var inLast = (int)(length - ((long)(keep - 1) * BlockBytes));
        if (keep > 0 && inLast < blocks[keep - 1].Length)
        {
            var bytes = ArrayPool<byte>.Shared.Rent(BlockBytes);
            try
            {
                ReadBlock(keep - 1, blocks[keep - 1], bytes.AsSpan(0, blocks[keep - 1].Length));
                blocks[keep - 1].Replace(Crc32C.Compute(bytes.AsSpan(0, inLast)), inLast);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(bytes);
            }
        }

        var had = blockCount;
        Array.Clear(blocks, keep, had - keep);
        IsDirty = true;
        blockCount = keep;
        WriteSlots(Math.Max(0, keep - 1), had - Math.Max(0, keep - 1));
        RandomAccess.SetLength(file, head.DataOffset + length);
    }

    /// <summary>Gives the chunk a version. In a writer's turn; the caller flushes before it gives it up.</summary>
    public void SetVersion(ChunkVersion version)
    {
        head = head with { Version = version };
        IsDirty = true;
        WriteHead();
    }

    /// <summary>Ends when all written so far is on stable storage. In a writer's turn.</summary>
    public async Task FlushAsync(TimeSpan timeout, TimeProvider time)
    {
        if (!IsDirty) return;
        await Disk.Flushes.FlushAsync(file, IsNew ? Disk.FolderOf(head.Handle) : null).WaitAsync(timeout, time);
        for (var i = 0; i < blockCount; i++) blocks[i].Flushed();
        (IsDirty, IsNew) = (false, false);
    }

    /// <summary>What the journal had of this chunk is written into it again.</summary>
    public void Redo(long offset, ReadOnlySpan<byte> data)
    {
        RandomAccess.Write(file, data, head.DataOffset + offset);
        var first = (int)(offset / BlockBytes);
        for (var index = first; data.Length > 0; index++)
        {
            var take = Math.Min(data.Length, BlockBytes);
            Ensure(index + 1);
            blocks[index].Replace(Crc32C.Compute(data[..take]), take);
            data = data[take..];
        }

        WriteSlots(first, blockCount - first);
        LibC.SyncData(file);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        file.Dispose();
        Turn.Dispose();
    }

    private bool HasFlushed(int from, int to)
    {
        for (var i = from; i <= to; i++)
        {
            if (blocks[i].FlushedLength > 0) return true;
        }

        return false;
    }

    // Bytes of a block before the write are as its CRC says; when the write begins inside what is not flushed they are read.
    private void Grow(int index, int at, ReadOnlySpan<byte> written)
    {
        Ensure(index + 1);
        ref var slots = ref blocks[index];
        if (at == slots.Length)
        {
            slots.Grow(Crc32C.Append(slots.Crc, written), at + written.Length);
            return;
        }

        var length = Math.Max(slots.Length, at + written.Length);
        var bytes = ArrayPool<byte>.Shared.Rent(BlockBytes);
        try
        {
            ReadFully(index, bytes.AsSpan(0, length));
            slots.Grow(Crc32C.Compute(bytes.AsSpan(0, length)), length);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    // A write past the end leaves zeros between, which have their CRCs like any other bytes.
    private void FillGap(long offset)
    {
        if (offset <= Length) return;
        var from = Math.Max(0, blockCount - 1);
        var zeros = ArrayPool<byte>.Shared.Rent(BlockBytes);
        try
        {
            zeros.AsSpan(0, BlockBytes).Clear();
            while (Length < offset)
            {
                if (blockCount > 0 && blocks[blockCount - 1].Length < BlockBytes)
                {
                    ref var tail = ref blocks[blockCount - 1];
                    var more = (int)Math.Min(BlockBytes - tail.Length, offset - Length);
                    RandomAccess.Write(file, zeros.AsSpan(0, more), head.DataOffset + Length);
                    tail.Grow(Crc32C.Append(tail.Crc, zeros.AsSpan(0, more)), tail.Length + more);
                    continue;
                }

                var take = (int)Math.Min(BlockBytes, offset - Length);
                Ensure(blockCount + 1);
                if (take < BlockBytes) RandomAccess.Write(file, zeros.AsSpan(0, take), head.DataOffset + ((long)(blockCount - 1) * BlockBytes));
                blocks[blockCount - 1].Grow(take == BlockBytes ? ZerosCrc : Crc32C.Compute(zeros.AsSpan(0, take)), take);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(zeros);
        }

        IsDirty = true;
        WriteSlots(from, blockCount - from);
    }

    private void Overwrite(long offset, ReadOnlySpan<byte> data)
    {
        var start = offset / BlockBytes * BlockBytes;
        var end = Math.Max(offset + data.Length, Math.Min(Length, (offset + data.Length + BlockBytes - 1) / BlockBytes * BlockBytes));
        var image = ArrayPool<byte>.Shared.Rent((int)(end - start));
        Disk.Journal.Turn.Wait();
        try
        {
            var whole = image.AsSpan(0, (int)(end - start));
            whole.Clear();
            Read(start, whole);
            data.CopyTo(whole[(int)(offset - start)..]);
            Disk.Journal.Write(head.Handle.Value, start, whole);
            Redo(start, whole);
            Disk.Journal.Clear();
        }
        finally
        {
            Disk.Journal.Turn.Release();
            ArrayPool<byte>.Shared.Return(image);
        }
    }

    private void ReadBlock(int index, BlockSlots slots, Span<byte> into)
    {
        ReadFully(index, into);
        if (Crc32C.Compute(into) != slots.Crc)
            throw new GofsException(GofsError.Corrupt, $"checksum block {index} of {Disk.FileOf(head.Handle)} does not match its CRC", head.Handle.ToString());
    }

    private void ReadFully(int index, Span<byte> into)
    {
        var at = head.DataOffset + ((long)index * BlockBytes);
        while (into.Length > 0)
        {
            var read = RandomAccess.Read(file, into, at);
            if (read == 0)
                throw new GofsException(GofsError.Corrupt, $"{Disk.FileOf(head.Handle)} is shorter than its slots say", head.Handle.ToString());
            into = into[read..];
            at += read;
        }
    }

    private void Ensure(int count)
    {
        if (count <= blockCount) return;
        if (count > blocks.Length) Array.Resize(ref blocks, Math.Max(count, Math.Min((int)head.Blocks, blocks.Length * 4)));
        blockCount = count;
    }

    private void WriteHead()
    {
        Span<byte> bytes = stackalloc byte[ChunkHead.Bytes];
        head.Format(bytes);
        RandomAccess.Write(file, bytes, 0);
    }

    // A new file's head goes with its first slots, in one write.
    private void WriteSlots(int from, int count)
    {
        var withHead = IsNew && from == 0;
        var start = withHead ? 0 : ChunkHead.SlotsOffset + (from * ChunkHead.SlotPairBytes);
        var length = ChunkHead.SlotsOffset + ((from + count) * ChunkHead.SlotPairBytes) - start;
        var rented = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            var bytes = rented.AsSpan(0, length);
            bytes.Clear();
            if (withHead) head.Format(bytes);
            var slots = bytes[(ChunkHead.SlotsOffset + (from * ChunkHead.SlotPairBytes) - start)..];
            for (var i = 0; i < count; i++) blocks[from + i].Format(slots[(i * ChunkHead.SlotPairBytes)..]);
            RandomAccess.Write(file, bytes, start);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private void ReadSlots()
    {
        var dataBytes = Math.Max(0, RandomAccess.GetLength(file) - head.DataOffset);
        var count = (int)Math.Min(head.Blocks, (dataBytes + BlockBytes - 1) / BlockBytes);
        if (count == 0) return;
        var pairs = new byte[count * ChunkHead.SlotPairBytes];
        if (RandomAccess.Read(file, pairs, ChunkHead.SlotsOffset) != pairs.Length)
            throw new GofsException(GofsError.Corrupt, $"the slots of {Disk.FileOf(head.Handle)} are cut off", head.Handle.ToString());
        blocks = new BlockSlots[count];
        blockCount = count;
        for (var i = 0; i < count; i++) blocks[i] = Choose(i, pairs.AsSpan(i * ChunkHead.SlotPairBytes));
        while (blockCount > 0 && blocks[blockCount - 1].Length == 0) blockCount--;
    }

    // Where both slots hold something, the bytes tell which: the longer one whose CRC they have.
    private BlockSlots Choose(int index, ReadOnlySpan<byte> pair)
    {
        var (first, second) = (BlockSlots.Parse(pair, 0), BlockSlots.Parse(pair, 1));
        if (first.Length is < 0 or > BlockBytes) first = default;
        if (second.Length is < 0 or > BlockBytes) second = default;
        if (second.Length == 0) return BlockSlots.Of(first.Crc, first.Length, 0);
        if (first.Length == 0) return BlockSlots.Of(second.Crc, second.Length, 1);
        var longer = first.Length >= second.Length ? 0 : 1;
        var (most, least) = longer == 0 ? (first, second) : (second, first);
        if (Matches(index, most)) return BlockSlots.Of(most.Crc, most.Length, longer);
        return Matches(index, least) ? BlockSlots.Of(least.Crc, least.Length, longer ^ 1) : BlockSlots.Of(most.Crc, most.Length, longer);
    }

    private bool Matches(int index, (uint Crc, int Length) slot)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(BlockBytes);
        try
        {
            var read = RandomAccess.Read(file, bytes.AsSpan(0, slot.Length), head.DataOffset + ((long)index * BlockBytes));
            return read == slot.Length && Crc32C.Compute(bytes.AsSpan(0, read)) == slot.Crc;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }
}
