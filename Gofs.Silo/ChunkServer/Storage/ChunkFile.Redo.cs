using Gofs.Chunks;
using Gofs.Transport;

namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>What the journal has of a chunk, written into it again when the disk is opened. Nobody else has the file.</summary>
internal sealed partial class ChunkFile
{
    private int redoneSlots;

    /// <summary>Opens a chunk's file to redo records over it. What its slots say is not believed before that is done.</summary>
    public static ChunkFile OpenForRedo(Disk disk, ChunkHandle handle) => OpenAsItIs(disk, handle);

    /// <summary>Begins anew: the records to follow are all there is of the chunk.</summary>
    public static ChunkFile Remake(Disk disk, ChunkHead head, long bytes)
    {
        var path = Disk.FileOf(head.Handle);
        var file = disk.Files.Exists(path) ? disk.Files.Open(path, DiskOpen.Existing) : disk.Create(head, bytes);
        file.SetLength(0);
        return new(disk, file, head);
    }

    /// <summary>Whether the file is as records left it, or has more behind that.</summary>
    /// <param name="version">The highest of them.</param>
    /// <param name="after">The checksum blocks they touched, by index, as they were after the last.</param>
    public bool Has(ChunkVersion version, IReadOnlyDictionary<int, SlotValue> after) =>
        head.Version >= version && after.All(one => one.Key < blockCount && Has(one.Key, blocks[one.Key], one.Value));

    // By its slots, which were written with the bytes: these may have rotted since. Or by its bytes, where the record was longer under way than anybody waited.
    private bool Has(int index, BlockSlots has, SlotValue said) => has.Now == said || (has.IsDirty && has.Flushed == said)
        || (has.Now.Length >= said.Length && Matches(index, has.Now) && Matches(index, said));

    /// <summary>Redoes one record.</summary>
    public void Redo(JournalRecord record, ReadOnlySpan<SlotValue> slots, ReadOnlySpan<byte> data)
    {
        redoneSlots = Math.Max(redoneSlots, blockCount);
        if (record.Version > head.Version) head = head with { Version = record.Version };
        if (record.Kind == JournalKind.Truncate)
        {
            Cut(record.Offset, slots);
        }
        else if (record.Kind == JournalKind.Write)
        {
            file.Write(data, head.DataOffset + record.Offset);
            Replace((int)(record.Offset / BlockBytes), slots);
        }
    }

    /// <summary>Redoes the overwrite the journal of an earlier release holds: whole checksum blocks.</summary>
    public void Redo(long offset, ReadOnlySpan<byte> data)
    {
        file.Write(data, head.DataOffset + offset);
        for (var index = (int)(offset / BlockBytes); data.Length > 0; index++)
        {
            var part = data[..Math.Min(data.Length, BlockBytes)];
            Replace(index, [new(part.Length, Crc32C.Compute(part))]);
            data = data[part.Length..];
        }
    }

    /// <summary>Writes what the redone records made of head, slots and length. To be synced.</summary>
    public void EndRedo()
    {
        var slots = Math.Max(redoneSlots, blockCount);
        EndAtHole();
        WriteHead();
        WriteSlots(0, slots);
        file.SetLength(head.DataOffset + Length);
    }
}
