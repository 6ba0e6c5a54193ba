using System.Buffers.Binary;
using Gofs.Transport;

namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>Where a journal file is in its round.</summary>
internal enum JournalFileState
{
    /// <summary>Nothing in it is needed: it can be used.</summary>
    Free,

    /// <summary>Records are appended to it.</summary>
    Current,

    /// <summary>It waits for its chunks to be synced in their own files.</summary>
    Full,
}

/// <summary>
/// One file of a disk's journal: a head that says the sequence of its first record, then records. All of its length was written before
/// it is used, so that syncing an append moves bytes and no metadata. Stale records of its last use have lower sequences and don't count.
/// </summary>
internal sealed class JournalFile(string path, IDiskFile file) : IDisposable
{
    /// <summary>Where records begin, and what appends are aligned to: nothing durable shares a sector with what is being written.</summary>
    public const int Alignment = 4096;

    private const int HeadBytes = 64;
    private const int ZerosAtOnce = 1 << 20;
    private const ushort FormatVersion = 1;
    private static readonly byte[] Zeros = new byte[ZerosAtOnce];

    /// <summary>Its path on the disk.</summary>
    public string Path { get; } = path;

    /// <summary>How much of it is written and can be used.</summary>
    public long Size { get; private set; }

    /// <summary>Where it is in its round.</summary>
    public JournalFileState State { get; set; }

    /// <summary>The sequence of its first record.</summary>
    public long First { get; set; }

    /// <summary>Where the next append goes.</summary>
    public long Position { get; set; } = Alignment;

    /// <summary>Records of it not yet written to their chunks, and appends under way.</summary>
    public int Pending { get; set; }

    private static ReadOnlySpan<byte> Magic => "GOFSJRNL"u8;

    /// <summary>Rounds up to <see cref="Alignment"/>.</summary>
    public static long Align(long bytes) => (bytes + Alignment - 1) / Alignment * Alignment;

    /// <summary>Reads bytes.</summary>
    public int Read(Span<byte> into, long offset) => file.Read(into, offset);

    /// <summary>Writes bytes inside what was written before.</summary>
    public void Write(ReadOnlySpan<byte> data, long offset) => file.Write(data, offset);

    /// <summary>Syncs it.</summary>
    public void Sync() => file.SyncData();

    /// <summary>Says what its first record's sequence is (or, when that is above all there are, that it has none). To be synced.</summary>
    public void WriteHead(long first)
    {
        Span<byte> head = stackalloc byte[HeadBytes];
        head.Clear();
        Magic.CopyTo(head);
        BinaryPrimitives.WriteUInt16LittleEndian(head[8..], FormatVersion);
        BinaryPrimitives.WriteInt64LittleEndian(head[16..], first);
        BinaryPrimitives.WriteUInt32LittleEndian(head[60..], Crc32C.Compute(head[..60]));
        file.Write(head, 0);
        First = first;
    }

    /// <summary>Reads the head at an open; false when there is none.</summary>
    public bool TryReadHead()
    {
        Span<byte> head = stackalloc byte[HeadBytes];
        Size = file.Length / Alignment * Alignment;
        if (file.Read(head, 0) != HeadBytes || !head[..8].SequenceEqual(Magic)
            || BinaryPrimitives.ReadUInt16LittleEndian(head[8..]) != FormatVersion
            || BinaryPrimitives.ReadUInt32LittleEndian(head[60..]) != Crc32C.Compute(head[..60])) return false;
        First = BinaryPrimitives.ReadInt64LittleEndian(head[16..]);
        return true;
    }

    /// <summary>Grows it with zeros up to a size, or leaves it as it is when the disk has no room. To be synced.</summary>
    public bool Grow(long size)
    {
        try
        {
            for (var at = Size; at < size; at += ZerosAtOnce) file.Write(Zeros.AsSpan(0, (int)Math.Min(ZerosAtOnce, size - at)), at);
            Size = Math.Max(Size, size);
            return true;
        }
        catch (IOException full) when (LibC.IsNoSpace(full))
        {
            file.SetLength(Size);
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();
}
