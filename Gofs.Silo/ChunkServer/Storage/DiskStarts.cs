using System.Buffers.Binary;
using System.Text;
using Gofs.Transport;

namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>
/// How often a disk was put into service, and how often after another start of the machine or mount of the file system: <c>starts</c>. Two records of
/// <see cref="RecordBytes"/> bytes that are overwritten in turn (README.md has the bytes): no space is needed, so a full disk starts too, and a record that
/// was torn leaves the other, the start before.
/// </summary>
internal readonly record struct DiskStarts(long Count, long MachineCount, string Machine)
{
    /// <summary>Whether the start before was of the same start of the machine: what was written since is there, synced or not.</summary>
    public bool IsMachineSame { get; private init; }

    private const string File = "starts";
    private const int RecordBytes = 128;
    private const int MostMachineBytes = 64;
    private const int MachineAt = 32;
    private const uint Magic = 0x54534647; // "GFST"
    private const uint FormatVersion = 1;

    /// <summary>Counts this start, durably once the folder is synced.</summary>
    public static DiskStarts CountOne(IChunkDisk disk)
    {
        using var file = disk.Open(File, DiskOpen.Any);
        var last = Read(file);
        var isSame = last.Count > 0 && last.Machine == disk.Start;
        var now = new DiskStarts(last.Count + 1, last.MachineCount + (isSame ? 0 : 1), disk.Start) { IsMachineSame = isSame };
        now.Write(file);
        file.SyncData();
        return now;
    }

    private static DiskStarts Read(IDiskFile file)
    {
        Span<byte> bytes = stackalloc byte[2 * RecordBytes];
        var read = file.Read(bytes, 0);
        var last = new DiskStarts(0, 0, "");
        for (var at = 0; at + RecordBytes <= read; at += RecordBytes)
        {
            if (TryParse(bytes.Slice(at, RecordBytes), out var one) && one.Count > last.Count) last = one;
        }

        return last;
    }

    private static bool TryParse(ReadOnlySpan<byte> from, out DiskStarts starts)
    {
        starts = default;
        var length = BinaryPrimitives.ReadInt32LittleEndian(from[24..]);
        if (BinaryPrimitives.ReadUInt32LittleEndian(from) != Magic || BinaryPrimitives.ReadUInt32LittleEndian(from[4..]) != FormatVersion
            || BinaryPrimitives.ReadUInt32LittleEndian(from[^4..]) != Crc32C.Compute(from[..^4]) || length is < 0 or > MostMachineBytes)
            return false;
        starts = new(
            BinaryPrimitives.ReadInt64LittleEndian(from[8..]), BinaryPrimitives.ReadInt64LittleEndian(from[16..]),
            Encoding.UTF8.GetString(from.Slice(MachineAt, length)));
        return true;
    }

    private void Write(IDiskFile file)
    {
        Span<byte> bytes = stackalloc byte[RecordBytes];
        bytes.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[4..], FormatVersion);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[8..], Count);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[16..], MachineCount);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[24..], Encoding.UTF8.GetBytes(Machine, bytes.Slice(MachineAt, MostMachineBytes)));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[^4..], Crc32C.Compute(bytes[..^4]));
        file.Write(bytes, Count % 2 * RecordBytes);
    }
}
