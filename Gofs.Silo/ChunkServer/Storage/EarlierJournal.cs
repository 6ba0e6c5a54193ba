using System.Buffers.Binary;
using Gofs.Chunks;
using Gofs.Transport;

namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>
/// The journal of the first release, one overwrite under way in the file <c>journal</c>: what a crash left in it is redone once, then the file goes.
/// </summary>
internal static class EarlierJournal
{
    private const string Path = "journal";
    private const int HeadBytes = 32;
    private const int MostBytes = (2 << 20) + HeadBytes;

    /// <summary>Redoes it, when there is one.</summary>
    public static void Redo(Disk disk)
    {
        if (!disk.Files.Exists(Path)) return;
        using (var file = disk.Files.Open(Path, DiskOpen.Existing))
        {
            if (Read(file) is var (value, offset, data) && disk.Files.Exists(Disk.FileOf(new(value)))) Redo(disk, new(value), offset, data);
        }

        disk.Files.Delete(Path);
        disk.Files.SyncFolder("");
    }

    private static void Redo(Disk disk, ChunkHandle handle, long offset, byte[] data)
    {
        using var chunk = ChunkFile.OpenForRedo(disk, handle);
        chunk.Redo(offset, data);
        chunk.EndRedo();
        disk.Files.SyncFileSystem();
    }

    private static (ulong Handle, long Offset, byte[] Data)? Read(IDiskFile file)
    {
        var length = file.Length;
        if (length is < HeadBytes or > MostBytes) return null;
        var all = new byte[length];
        if (file.Read(all, 0) != length || !all.AsSpan(0, 8).SequenceEqual("GOFSREDO"u8)) return null;
        var count = BinaryPrimitives.ReadInt32LittleEndian(all.AsSpan(24));
        if (count < 1 || count > length - HeadBytes) return null;
        var data = all.AsSpan(HeadBytes, count);
        if (Crc32C.Append(Crc32C.Compute(all.AsSpan(0, 28)), data) != BinaryPrimitives.ReadUInt32LittleEndian(all.AsSpan(28))) return null;
        return (BinaryPrimitives.ReadUInt64LittleEndian(all.AsSpan(8)), BinaryPrimitives.ReadInt64LittleEndian(all.AsSpan(16)), data.ToArray());
    }
}
