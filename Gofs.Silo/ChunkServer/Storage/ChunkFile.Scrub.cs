using Gofs.Chunks;
using Gofs.Transport;

namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>What scrub asks of a chunk; it reads through a file of its own.</summary>
internal sealed partial class ChunkFile
{
    /// <summary>Whether a file has the head of a chunk.</summary>
    public static bool HasHead(IDiskFile passing, ChunkHandle handle, ChunkVersion version)
    {
        Span<byte> bytes = stackalloc byte[ChunkHead.Bytes];
        return passing.Read(bytes, 0) == bytes.Length && ChunkHead.TryParse(bytes, out var head) && head.Handle == handle && head.Version == version;
    }

    /// <summary>How many bytes some checksum blocks have together. Out of a turn it may be old.</summary>
    public int BytesOf(int first, int count)
    {
        var bytes = 0;
        for (var i = first; i < first + count; i++) bytes += LengthOf(i);
        return bytes;
    }

    /// <summary>Checksum blocks that do not match their CRC. Out of a turn: perhaps only because somebody changes them.</summary>
    public List<int> FindSuspects(IDiskFile passing, int first, int count, byte[] buffer)
    {
        List<int> suspects = [];
        var read = ReadOrNothing(passing, DataAt(first), buffer.AsSpan(0, count * BlockBytes));
        for (var i = 0; i < count; i++)
        {
            var slot = first + i < blockCount ? blocks[first + i].Now : default;
            if (slot.Length > 0 && !IsThere(slot, buffer.AsSpan(0, read), i * BlockBytes)) suspects.Add(first + i);
        }

        return suspects;
    }

    /// <summary>Whether a checksum block matches its CRC, or is none any more. In a turn.</summary>
    public bool IsRight(IDiskFile passing, int index)
    {
        var slot = index < blockCount ? blocks[index].Now : default;
        if (slot.Length == 0) return true;
        var bytes = LargeBuffers.Shared.Rent(BlockBytes);
        try
        {
            return IsThere(slot, bytes.AsSpan(0, ReadOrNothing(passing, DataAt(index), bytes.AsSpan(0, slot.Length))), 0);
        }
        finally
        {
            LargeBuffers.Shared.Return(bytes);
        }
    }

    /// <summary>Writes slots again that are not on the disk as they are known; answers how many. In a turn.</summary>
    public int RestoreSlots(IDiskFile passing)
    {
        if (blockCount == 0) return 0;
        var restored = 0;
        var pairs = LargeBuffers.Shared.Rent(blockCount * ChunkHead.SlotPairBytes);
        try
        {
            var bytes = pairs.AsSpan(0, blockCount * ChunkHead.SlotPairBytes);
            bytes[ReadOrNothing(passing, ChunkHead.SlotsOffset, bytes)..].Clear();
            for (var i = 0; i < blockCount; i++)
            {
                var pair = bytes[(i * ChunkHead.SlotPairBytes)..];
                // Another slot beside the right one is what a crash leaves.
                if (SlotValue.Parse(pair) == blocks[i].Now || SlotValue.Parse(pair[ChunkHead.SlotBytes..]) == blocks[i].Now) continue;
                WriteSlots(i, 1);
                restored++;
            }
        }
        finally
        {
            LargeBuffers.Shared.Return(pairs);
        }

        return restored;
    }

    /// <summary>Gives a file that was cut its length again, durably: zeros are where bytes are missing. False: it was not cut. In a turn.</summary>
    public async ValueTask<bool> RestoreLengthAsync()
    {
        var length = head.DataOffset + Length;
        if (Length == 0 || file.Length >= length) return false;
        file.SetLength(length);
        await Disk.FlushAsync(file, null);
        return true;
    }

    private long DataAt(int index) => head.DataOffset + ((long)index * BlockBytes);

    private static int ReadOrNothing(IDiskFile passing, long offset, Span<byte> into)
    {
        try
        {
            return passing.Read(into, offset);
        }
        catch (IOException unread) when (LibC.IsUnreadable(unread))
        {
            return 0;
        }
    }

    private static bool IsThere(SlotValue slot, ReadOnlySpan<byte> bytes, int at) =>
        bytes.Length >= at + slot.Length && Crc32C.Compute(bytes.Slice(at, slot.Length)) == slot.Crc;
}
