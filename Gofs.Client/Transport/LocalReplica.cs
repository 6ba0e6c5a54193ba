using Microsoft.Win32.SafeHandles;

namespace Gofs.Transport;

/// <summary>What became of a read of a file that a chunk server has shared.</summary>
internal enum LocalRead
{
    /// <summary>The bytes are there, and are what the server would have given.</summary>
    Done,

    /// <summary>Not in memory, being changed, or wrong: the server is to be asked, this time.</summary>
    AskServer,

    /// <summary>The file counts no more: it was deleted, has another version, or its server is not there.</summary>
    Over,
}

/// <summary>
/// A replica's file that its chunk server has shared (<see cref="FileDoor"/>), read without asking it. Only what is in memory is read: who waits for a disk is
/// the server, which knows what to do when that fails. May be used by many at once.
/// </summary>
internal sealed class LocalReplica(FileDoor door, SafeFileHandle file, ChunkAccess chunk, TimeProvider time) : IDisposable
{
    private const int ChecksumBlockBytes = ChunkHead.ChecksumBlockBytes;
    private const int MostChecksumBlocks = (FrameHeader.MostDataBytes / ChecksumBlockBytes) + 1;
    private readonly bool isInMemory = CachedReads.IsInMemory(file);
    private Known? known;

    /// <summary>Reads up to the length of <paramref name="into"/>; <paramref name="count"/> is how many bytes the chunk had there.</summary>
    public LocalRead TryRead(long offset, Span<byte> into, out int count)
    {
        count = 0;
        if (door.IsClosed || time.GetUtcNow().ToUnixTimeMilliseconds() >= chunk.Token.ExpiresAt) return LocalRead.Over;
        if (!door.IsTrusted) return LocalRead.AskServer;
        try
        {
            if (known is null && !TryReadHead()) return LocalRead.Over;
            var isRead = TryReadData(known!.Head, offset, into, out count);
            // All of this after the bytes were read: then they were right at that moment.
            if (!TryReadHead() || !FileDoorCalls.HasName(file) || !door.IsOpenThere()) return LocalRead.Over;
            return isRead && door.IsTrusted ? LocalRead.Done : LocalRead.AskServer;
        }
        catch (ObjectDisposedException)
        {
            return LocalRead.Over;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    // Nothing of it ever changes but the version.
    private bool TryReadHead()
    {
        Span<byte> bytes = stackalloc byte[ChunkHead.Bytes];
        if (!Read(bytes, 0) || !ChunkHead.TryParse(bytes, out var head) || head.Handle != chunk.Handle || head.Version != chunk.Version) return false;
        known ??= new(head);
        return true;
    }

    private bool TryReadData(ChunkHead head, long offset, Span<byte> into, out int count)
    {
        count = 0;
        var first = offset / ChecksumBlockBytes;
        var checksumBlocks = (int)(Math.Min(head.ChecksumBlocks, (offset + into.Length + ChecksumBlockBytes - 1) / ChecksumBlockBytes) - first);
        if (offset < 0 || checksumBlocks > MostChecksumBlocks) return false;
        if (checksumBlocks <= 0 || into.Length == 0) return true;
        Span<byte> slots = stackalloc byte[MostChecksumBlocks * ChunkHead.SlotPairBytes];
        slots = slots[..(checksumBlocks * ChunkHead.SlotPairBytes)];
        if (!Read(slots, ChunkHead.SlotsOf((int)first))) return false;
        byte[]? rented = null;
        try
        {
            for (var i = 0; i < checksumBlocks && count < into.Length; i++)
            {
                var slot = Now(slots[(i * ChunkHead.SlotPairBytes)..]);
                var at = (int)((offset + count) % ChecksumBlockBytes);
                var take = Math.Min(into.Length - count, slot.Length - at);
                if (take <= 0) return true;
                var isWhole = take == slot.Length;
                var bytes = isWhole ? into.Slice(count, take) : (rented ??= LargeBuffers.Shared.Rent(ChecksumBlockBytes)).AsSpan(0, slot.Length);
                if (!Read(bytes, head.DataOffset + ((first + i) * ChecksumBlockBytes)) || Crc32C.Compute(bytes) != slot.Crc) return false;
                if (!isWhole) bytes.Slice(at, take).CopyTo(into[count..]);
                count += take;
            }

            return true;
        }
        finally
        {
            if (rented is not null) LargeBuffers.Shared.Return(rented);
        }
    }

    // While an append is not flushed both slots hold something, and the longer one is what the checksum block is now.
    private static SlotValue Now(ReadOnlySpan<byte> pair)
    {
        var (first, second) = (SlotValue.Parse(pair), SlotValue.Parse(pair[ChunkHead.SlotBytes..]));
        return first.Length >= second.Length ? first : second;
    }

    private bool Read(Span<byte> into, long offset)
    {
        try
        {
            return CachedReads.Read(file, into, offset, isInMemory) == into.Length;
        }
        catch (IOException)
        {
            // The server meets it again, and looks into it.
            return false;
        }
    }

    private sealed record Known(ChunkHead Head);
}
