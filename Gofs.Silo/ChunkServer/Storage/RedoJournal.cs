using System.Buffers;
using System.Buffers.Binary;
using Gofs.Transport;
using Microsoft.Win32.SafeHandles;

namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>
/// One disk's journal of the overwrite under way. Bytes that were flushed are changed in three steps, each on stable storage before
/// the next: the new checksum blocks into the journal; the same into the chunk; the journal emptied. A crash before the first step is
/// done leaves the old bytes, after it the new ones: opening the disk does the second step again. Appends need none of this.
/// </summary>
internal sealed class RedoJournal : IDisposable
{
    private const int HeadBytes = 32;
    private const int MostBytes = (2 << 20) + HeadBytes;
    private readonly SafeFileHandle file;

    /// <summary>Opens or makes the file.</summary>
    public RedoJournal(string path) => file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);

    /// <summary>One overwrite at a time.</summary>
    public SemaphoreSlim Turn { get; } = new(1, 1);

    /// <summary>Step one.</summary>
    public void Write(ulong handle, long offset, ReadOnlySpan<byte> data)
    {
        var entry = ArrayPool<byte>.Shared.Rent(HeadBytes + data.Length);
        try
        {
            var head = entry.AsSpan(0, HeadBytes);
            head.Clear();
            "GOFSREDO"u8.CopyTo(head);
            BinaryPrimitives.WriteUInt64LittleEndian(head[8..], handle);
            BinaryPrimitives.WriteInt64LittleEndian(head[16..], offset);
            BinaryPrimitives.WriteInt32LittleEndian(head[24..], data.Length);
            BinaryPrimitives.WriteUInt32LittleEndian(head[28..], Crc32C.Append(Crc32C.Compute(head[..28]), data));
            data.CopyTo(entry.AsSpan(HeadBytes));
            RandomAccess.Write(file, entry.AsSpan(0, HeadBytes + data.Length), 0);
            LibC.SyncData(file);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(entry);
        }
    }

    /// <summary>Step three.</summary>
    public void Clear()
    {
        RandomAccess.Write(file, new byte[HeadBytes], 0);
        LibC.SyncData(file);
    }

    /// <summary>What a crash left between the steps, or null.</summary>
    public (ulong Handle, long Offset, byte[] Data)? Read()
    {
        var length = RandomAccess.GetLength(file);
        if (length is < HeadBytes or > MostBytes) return null;
        var all = new byte[length];
        if (RandomAccess.Read(file, all, 0) != length || !all.AsSpan(0, 8).SequenceEqual("GOFSREDO"u8)) return null;
        var count = BinaryPrimitives.ReadInt32LittleEndian(all.AsSpan(24));
        if (count < 1 || count > length - HeadBytes) return null;
        var data = all.AsSpan(HeadBytes, count);
        if (Crc32C.Append(Crc32C.Compute(all.AsSpan(0, 28)), data) != BinaryPrimitives.ReadUInt32LittleEndian(all.AsSpan(28))) return null;
        return (BinaryPrimitives.ReadUInt64LittleEndian(all.AsSpan(8)), BinaryPrimitives.ReadInt64LittleEndian(all.AsSpan(16)), data.ToArray());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        file.Dispose();
        Turn.Dispose();
    }
}
