using Gofs.Chunks;
using Gofs.Grains.ChunkServers;
using Gofs.Transport;

namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>
/// A copy being made: a chunk file without head and slots, in <c>copies/</c>. They are written when all bytes are there, just before it gets its place
/// among the chunks.
/// </summary>
internal sealed class CopyFile : ICopyFile
{
    private const int BlockBytes = ChunkHead.ChecksumBlockBytes;
    private readonly Lock gate = new();
    private readonly ChunkStore store;
    private readonly string path;
    private readonly SlotValue[] slots;
    private ChunkHead head;
    private long room;

    /// <summary>Makes the file; nothing is in it yet.</summary>
    /// <param name="store">Where it will be installed.</param>
    /// <param name="disk">Where it is.</param>
    /// <param name="number">No other copy of this process has it.</param>
    /// <param name="head">Whose copy it is.</param>
    /// <param name="room">How many bytes it will need, which others then do not count on.</param>
    public CopyFile(ChunkStore store, Disk disk, long number, ChunkHead head, long room)
    {
        (this.store, Disk, this.head, this.room) = (store, disk, head, room);
        path = Disk.CopyFileOf(head.Handle, number);
        slots = new SlotValue[head.ChecksumBlocks];
        File = disk.Files.Open(path, DiskOpen.New);
        disk.KeepRoom(room);
    }

    /// <summary>Where it is.</summary>
    public Disk Disk { get; }

    /// <summary>Its bytes.</summary>
    public IDiskFile File { get; }

    /// <summary>The chunk.</summary>
    public ChunkHandle Handle => head.Handle;

    /// <summary>Whether it has, or had, the name of the chunk's file.</summary>
    public bool IsPlaced { get; private set; }

    /// <inheritdoc/>
    public ValueTask WriteAsync(long offsetBytes, ReadOnlyMemory<byte> data, CancellationToken cancellation) => store.DoAsync(this, () =>
    {
        if (offsetBytes < 0 || offsetBytes % BlockBytes != 0 || offsetBytes + data.Length > head.ChunkSizeBytes)
            throw new GofsException(
                GofsError.InvalidArgument, $"{data.Length} bytes at {offsetBytes} are not checksum blocks of a chunk of {head.ChunkSizeBytes}", Handle.ToString());
        File.Write(data.Span, head.DataOffset + offsetBytes);
        // Written all at once when it is synced, a copy would keep the disk from everybody else's syncs.
        File.StartWriteBack(head.DataOffset + offsetBytes, data.Length);
        for (var (index, done) = ((int)(offsetBytes / BlockBytes), 0); done < data.Length; index++)
        {
            var part = data.Span.Slice(done, Math.Min(BlockBytes, data.Length - done));
            slots[index] = new(part.Length, Crc32C.Compute(part));
            done += part.Length;
        }

        Use(data.Length);
        return default;
    }, cancellation);

    /// <inheritdoc/>
    public ValueTask SyncAsync(CancellationToken cancellation) => store.DoAsync(this, () => new(Disk.FlushAsync(File, null)), cancellation);

    /// <inheritdoc/>
    public ValueTask InstallAsync(ChunkVersion version, long lengthBytes, CancellationToken cancellation) =>
        store.DoAsync(this, () => store.InstallAsync(this, version, lengthBytes, cancellation), cancellation);

    /// <summary>Whether every checksum block is there.</summary>
    public bool IsWhole(long length)
    {
        if (length < 0 || length > head.ChunkSizeBytes) return false;
        for (var index = 0; (long)index * BlockBytes < length; index++)
        {
            if (slots[index].Length != Math.Min(BlockBytes, length - ((long)index * BlockBytes))) return false;
        }

        return true;
    }

    /// <summary>Writes head and slots and cuts it to its length: it is then a chunk's file. To be synced.</summary>
    public void End(ChunkVersion version, long length)
    {
        head = head with { Version = version };
        var bytes = LargeBuffers.Shared.Rent(head.DataOffset);
        try
        {
            var all = bytes.AsSpan(0, head.DataOffset);
            all.Clear();
            head.Format(all);
            for (var index = 0; (long)index * BlockBytes < length; index++)
                slots[index].Format(all[(ChunkHead.SlotsOffset + (index * ChunkHead.SlotPairBytes))..]);
            File.Write(all, 0);
        }
        finally
        {
            LargeBuffers.Shared.Return(bytes);
        }

        File.SetLength(head.DataOffset + length);
    }

    /// <summary>Gives it the name of the chunk's file: from now on it is not this one's to remove.</summary>
    public void Place()
    {
        Disk.Files.Rename(path, Disk.FileOf(Handle));
        IsPlaced = true;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => store.DoAsync(this, () =>
    {
        Use(long.MaxValue);
        File.Dispose();
        if (!IsPlaced) Disk.Files.Delete(path);
        return default;
    }, CancellationToken.None);

    private void Use(long bytes)
    {
        lock (gate)
        {
            var used = Math.Min(bytes, room);
            room -= used;
            Disk.KeepRoom(-used);
        }
    }
}
