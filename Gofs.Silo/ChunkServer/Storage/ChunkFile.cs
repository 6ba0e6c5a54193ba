using Gofs.Chunks;
using Gofs.Grains.ChunkServers;
using Gofs.Transport;

namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>
/// One open chunk. Who changes it has its turn and keeps it until the change is as durable as it was to be. Readers take
/// nothing: appends do not touch what a reader's CRC covers. A reader that meets an overwrite or a cut sees a CRC that does not match
/// and looks again in a turn. <b>Clean</b> means: all there is, is flushed, in this file or by the journal.
/// </summary>
internal sealed partial class ChunkFile : IDisposable
{
    private const int BlockBytes = ChunkHead.ChecksumBlockBytes;
    private static readonly uint ZerosCrc = Crc32C.Compute(new byte[BlockBytes]);
    private readonly IDiskFile file;
    private BlockSlots[] blocks = new BlockSlots[1];
    private int blockCount;
    private ChunkHead head;
    private bool isNameNew;
    private bool hasDurableState;
    private int dirtyFrom = int.MaxValue;

    private ChunkFile(Disk disk, IDiskFile file, ChunkHead head)
    {
        Disk = disk;
        this.file = file;
        this.head = head;
    }

    /// <summary>Where it is.</summary>
    public Disk Disk { get; }

    /// <summary>Whose chunk it is, and its version.</summary>
    public ChunkHead Head => head;

    /// <summary>Whether something was written and not flushed.</summary>
    public bool IsDirty { get; private set; }

    /// <summary>Whether nothing was written since it was opened: what is not flushed another process left, and who opens it again finds the same.</summary>
    public bool IsAsFound { get; private set; }

    /// <summary>Whether nothing of it is durable yet.</summary>
    public bool IsNew => !hasDurableState;

    /// <summary>How long the chunk is.</summary>
    public long Length
    {
        get
        {
            var count = Volatile.Read(ref blockCount);
            return count == 0 ? 0 : ((long)(count - 1) * BlockBytes) + blocks[count - 1].Now.Length;
        }
    }

    /// <summary>Makes a chunk's file; nothing is on it yet.</summary>
    /// <param name="disk">Where.</param>
    /// <param name="head">Whose.</param>
    /// <param name="bytes">How many bytes will be in it, as far as one knows.</param>
    public static ChunkFile Create(Disk disk, ChunkHead head, long bytes) => new(disk, disk.Create(head, bytes), head) { isNameNew = true };

    /// <summary>
    /// Opens a chunk's file and finds out what of it is there. What was cut off it behind the server's back is a bad checksum block, not the end.
    /// </summary>
    /// <exception cref="GofsException"><see cref="GofsError.Corrupt"/>: it has no head, or another chunk's, or no slots.</exception>
    public static ChunkFile Open(ChunkPlace place, ChunkHandle handle)
    {
        var chunk = OpenAsItIs(place.Disk, handle, place.LengthBytes);
        chunk.EndAtHole();
        if (!place.IsSure || chunk.Length == place.LengthBytes) return chunk;
        chunk.Dispose();
        throw new GofsException(GofsError.Corrupt, $"the slots of {place.Disk.PathOf(handle)} are damaged", handle.ToString());
    }

    /// <summary>Reads up to the length of <paramref name="into"/>; answers how many bytes there were, and the CRC of them, made of the slots'.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.Corrupt"/>.</exception>
    public ChunkRead Read(long offset, Span<byte> into)
    {
        TryRead(offset, into, onlyCached: false, out var read);
        return read;
    }

    /// <summary>The same when all of it is in memory and right; otherwise false, and the bytes are anybody's guess.</summary>
    public bool TryReadCached(long offset, Span<byte> into, out ChunkRead read) => TryRead(offset, into, onlyCached: true, out read);

    private bool TryRead(long offset, Span<byte> into, bool onlyCached, out ChunkRead read)
    {
        read = default;
        var count = (int)Math.Clamp(Length - offset, 0, into.Length);
        var crc = 0u;
        byte[]? rented = null;
        try
        {
            for (var done = 0; done < count;)
            {
                var index = (int)((offset + done) / BlockBytes);
                var at = (int)((offset + done) % BlockBytes);
                var slot = blocks[index].Now;
                var take = Math.Min(count - done, slot.Length - at);
                if (take <= 0)
                {
                    read = new(done, crc);
                    return true;
                }

                if (at == 0 && take == slot.Length)
                {
                    if (!TryReadBlock(index, slot, into.Slice(done, take), onlyCached)) return false;
                    crc = Crc32C.Combine(crc, slot.Crc, take);
                }
                else
                {
                    rented ??= LargeBuffers.Shared.Rent(BlockBytes);
                    if (!TryReadBlock(index, slot, rented.AsSpan(0, slot.Length), onlyCached)) return false;
                    rented.AsSpan(at, take).CopyTo(into[done..]);
                    crc = Crc32C.Append(crc, into.Slice(done, take));
                }

                done += take;
            }
        }
        finally
        {
            if (rented is not null) LargeBuffers.Shared.Return(rented);
        }

        read = new(count, crc);
        return true;
    }

    /// <summary>Ends when all written so far is on stable storage. In a turn.</summary>
    public async ValueTask FlushAsync()
    {
        if (!IsDirty) return;
        await Disk.FlushAsync(file, isNameNew ? Disk.FolderOf(head.Handle) : null);
        await Disk.Journal.BarrierAsync(head.Handle);
        isNameNew = false;
        if (TwoSlots() > 0 && Disk.Journal.IsUsable) await VoidOldSlotAsync();
        else SetFlushed();
    }

    // Of two slots the old one has to go, and as durably as the flush: else bytes that rot after a power cut would be taken for ones that were never flushed. A
    // record says it until the slot is void in the file too.
    private async ValueTask VoidOldSlotAsync()
    {
        var record = new JournalRecord(
            JournalKind.Write, false, 0, head.Handle, head.Version, head.ChunkSizeBytes, (long)dirtyFrom * BlockBytes, 0, Crc32C.Compute([]));
        var ticket = await Disk.Journal.AppendAsync(
            record, SlotsFrom(dirtyFrom, Math.Min(TwoSlots(), JournalRecord.MostSlots)), default, appliesLater: true);
        try
        {
            await ticket.DurableInTime;
            SetFlushed();
        }
        finally
        {
            Disk.Journal.Applied(ticket.File);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    private static ChunkFile OpenAsItIs(Disk disk, ChunkHandle handle, long leastBytes = 0)
    {
        var file = disk.Files.Open(Disk.FileOf(handle), DiskOpen.Existing);
        try
        {
            Span<byte> bytes = stackalloc byte[ChunkHead.Bytes];
            if (file.Read(bytes, 0) != bytes.Length || !ChunkHead.TryParse(bytes, out var head) || head.Handle != handle)
                throw new GofsException(GofsError.Corrupt, $"the head of {disk.PathOf(handle)} is damaged", handle.ToString());
            var chunk = new ChunkFile(disk, file, head) { hasDurableState = true, isNameNew = disk.HasLive(handle) };
            chunk.ReadSlots(leastBytes);
            return chunk;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private void SetDirty(int from)
    {
        (IsDirty, IsAsFound) = (true, false);
        dirtyFrom = Math.Min(dirtyFrom, from);
    }

    // Where there are two slots the old one goes: when bytes rot later, nothing must be found that the shorter ones still match. That it goes is in the journal
    // already.
    private void SetFlushed()
    {
        var (first, twoSlots) = (dirtyFrom, TwoSlots());
        for (var i = dirtyFrom; i < blockCount; i++) blocks[i].SetFlushed();
        (IsDirty, IsAsFound, hasDurableState, dirtyFrom) = (false, false, true, int.MaxValue);
        if (twoSlots > 0) WriteSlots(first, twoSlots);
    }

    // Up to which, from the first dirty checksum block on, there are two slots. Of those that were written since the file was opened only the first can have
    // had something flushed.
    private int TwoSlots()
    {
        for (var i = blockCount - 1; i >= dirtyFrom; i--)
        {
            if (blocks[i].IsDirty && blocks[i].Flushed.Length > 0) return i - dirtyFrom + 1;
        }

        return 0;
    }

    private bool TryReadBlock(int index, SlotValue slot, Span<byte> into, bool onlyCached)
    {
        if (onlyCached) return file.TryReadCached(into, head.DataOffset + ((long)index * BlockBytes)) && Crc32C.Compute(into) == slot.Crc;
        ReadBlock(index, slot, into);
        return true;
    }

    private void ReadBlock(int index, SlotValue slot, Span<byte> into)
    {
        ReadFully(index, into);
        if (Crc32C.Compute(into) != slot.Crc)
            throw Bad(index, $"checksum block {index} of {Disk.PathOf(head.Handle)} does not match its CRC", head.Handle);
    }

    private void ReadFully(int index, Span<byte> into)
    {
        if (file.Read(into, head.DataOffset + ((long)index * BlockBytes)) != into.Length)
            throw Bad(index, $"{Disk.PathOf(head.Handle)} is shorter than its slots say", head.Handle);
    }
}
