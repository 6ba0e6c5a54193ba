using System.Buffers.Binary;
using System.Globalization;
using Gofs.Transport;

namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>
/// One pack: a file with cells of one size, each of which holds a small chunk. A sector for each cell comes first (what a chunk file begins with, and a
/// <see cref="PackEntry"/> that names whose it is), then the cells' bytes. See README.md for the bytes.
/// </summary>
internal sealed class PackFile : IDisposable
{
    /// <summary>The folder of a disk that packs are in.</summary>
    public const string Folder = "packs";

    /// <summary>What a disk writes whole or not at all: head, entry and slots of one cell.</summary>
    public const int SectorBytes = 512;

    /// <summary>Cells have a multiple of this.</summary>
    public const int PageBytes = 4096;

    /// <summary>The sizes of cells there are: one page up to this many.</summary>
    public const int MostPages = 8;

    private const int MostCells = 1 << 20;
    private const int HeadBytes = 64;
    private const ushort FormatVersion = 1;
    private readonly IDiskFile file;
    private readonly Lazy<IDiskFile> passing;

    private PackFile(IChunkDisk disk, string path, int pages, int number, int cells, IDiskFile file)
    {
        (Path, Pages, Number, Cells, this.file) = (path, pages, number, cells, file);
        passing = new(() => disk.Open(path, DiskOpen.Passing));
    }

    /// <summary>Its path on the disk.</summary>
    public string Path { get; }

    /// <summary>Pages of each of its cells.</summary>
    public int Pages { get; }

    /// <summary>No other pack of cells of this size has it.</summary>
    public int Number { get; }

    /// <summary>How many cells it has.</summary>
    public int Cells { get; }

    /// <summary>Bytes of each of its cells.</summary>
    public int CellBytes => Pages * PageBytes;

    /// <summary>The first cell that was never used. Under the owner's gate.</summary>
    public int Next { get; set; }

    private static ReadOnlySpan<byte> Magic => "GOFSPACK"u8;

    private long DataAt => PageBytes + ((((long)Cells * SectorBytes) + PageBytes - 1) / PageBytes * PageBytes);

    /// <summary>Makes a pack, durably.</summary>
    public static PackFile Create(IChunkDisk disk, int pages, int number, int cells)
    {
        var path = $"{Folder}/{pages * (PageBytes >> 10):00}k-{number:000000}.pack";
        var file = disk.Open(path, DiskOpen.Any);
        try
        {
            var pack = new PackFile(disk, path, pages, number, cells, file);
            // On a full disk chunks must still be deletable.
            file.Reserve(SectorOf(0), (long)cells * SectorBytes);
            pack.WriteHead();
            file.SyncData();
            disk.SyncFolder(Folder);
            return pack;
        }
        catch
        {
            file.Dispose();
            disk.Delete(path);
            throw;
        }
    }

    /// <summary>Opens a pack; null: the file is none.</summary>
    /// <param name="disk">The disk.</param>
    /// <param name="path">Where.</param>
    /// <param name="cells">How many cells it has if its head has rotted.</param>
    /// <exception cref="IOException">It is of a later release, or the disk fails.</exception>
    public static PackFile? Open(IChunkDisk disk, string path, int cells)
    {
        if (Parse(path) is not var (pages, number)) return null;
        var file = disk.Open(path, DiskOpen.Existing);
        try
        {
            // One that was never finished.
            if (file.Length < PageBytes)
            {
                file.Dispose();
                disk.Delete(path);
                return null;
            }

            Span<byte> head = stackalloc byte[HeadBytes];
            var isWhole = file.Read(head, 0) == HeadBytes && head[..8].SequenceEqual(Magic)
                && BinaryPrimitives.ReadUInt32LittleEndian(head[60..]) == Crc32C.Compute(head[..60]);
            if (isWhole) cells = BinaryPrimitives.ReadInt32LittleEndian(head[16..]);
            if (isWhole && (BinaryPrimitives.ReadUInt16LittleEndian(head[8..]) != FormatVersion
                || BinaryPrimitives.ReadInt32LittleEndian(head[12..]) != pages * PageBytes || cells is < 1 or > MostCells))
                throw new IOException($"{path} is of a format that this release does not know", LibC.InputOutputError);
            var pack = new PackFile(disk, path, pages, number, cells, file);
            // What has rotted of the head the name says.
            if (!isWhole) pack.WriteHead();
            return pack;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Reads of a cell's sector.</summary>
    public int ReadSector(int cell, Span<byte> into, int at) => file.Read(into, SectorOf(cell) + at);

    /// <summary>Reads the sectors of several cells; what the file does not have is zeros.</summary>
    public void ReadSectors(int first, Span<byte> into)
    {
        var read = file.Read(into, SectorOf(first));
        into[read..].Clear();
    }

    /// <summary>Writes into a cell's sector.</summary>
    public void WriteSector(int cell, ReadOnlySpan<byte> data, int at) => file.Write(data, SectorOf(cell) + at);

    /// <summary>Reads of a cell's bytes.</summary>
    /// <param name="cell">Which.</param>
    /// <param name="into">Where to.</param>
    /// <param name="at">Where in the cell.</param>
    /// <param name="isPassing">Whether what is read need not stay in the page cache.</param>
    public int Read(int cell, Span<byte> into, int at, bool isPassing) => (isPassing ? passing.Value : file).Read(into, OffsetOf(cell) + at);

    /// <summary>The same, when all of it is in memory.</summary>
    public bool TryReadCached(int cell, Span<byte> into, int at) => file.TryReadCached(into, OffsetOf(cell) + at);

    /// <summary>Writes into a cell.</summary>
    public void Write(int cell, ReadOnlySpan<byte> data, int at) => file.Write(data, OffsetOf(cell) + at);

    /// <summary>See <see cref="IDiskFile.Reserve"/>: a cell and its sector.</summary>
    public void Reserve(int cell)
    {
        file.Reserve(SectorOf(cell), SectorBytes);
        file.Reserve(OffsetOf(cell), CellBytes);
    }

    /// <summary>See <see cref="IDiskFile.StartWriteBack"/>.</summary>
    public void StartWriteBack(int cell) => file.StartWriteBack(OffsetOf(cell), CellBytes);

    /// <summary>Gives the room of free cells back.</summary>
    public void Discard(int first, int count) => file.Discard(OffsetOf(first), (long)count * CellBytes);

    /// <summary>Syncs all of it.</summary>
    public void SyncData() => file.SyncData();

    /// <inheritdoc/>
    public void Dispose()
    {
        file.Dispose();
        if (passing.IsValueCreated) passing.Value.Dispose();
    }

    private static (int Pages, int Number)? Parse(string path)
    {
        var name = path[(path.LastIndexOf('/') + 1)..];
        const int kilobytesEnd = 2, numberAt = 4, nameLength = 15;
        return name.Length == nameLength && name.EndsWith(".pack", StringComparison.Ordinal) && name.AsSpan(kilobytesEnd, 2) is "k-"
            && int.TryParse(name.AsSpan(0, kilobytesEnd), NumberStyles.None, CultureInfo.InvariantCulture, out var kilobytes)
            && kilobytes % (PageBytes >> 10) == 0 && kilobytes / (PageBytes >> 10) is >= 1 and <= MostPages
            && int.TryParse(name.AsSpan(numberAt, 6), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? (kilobytes / (PageBytes >> 10), number) : null;
    }

    private static long SectorOf(int cell) => PageBytes + ((long)cell * SectorBytes);

    private long OffsetOf(int cell) => DataAt + ((long)cell * CellBytes);

    private void WriteHead()
    {
        Span<byte> head = stackalloc byte[PageBytes];
        head.Clear();
        Magic.CopyTo(head);
        BinaryPrimitives.WriteUInt16LittleEndian(head[8..], FormatVersion);
        BinaryPrimitives.WriteInt32LittleEndian(head[12..], CellBytes);
        BinaryPrimitives.WriteInt32LittleEndian(head[16..], Cells);
        BinaryPrimitives.WriteInt32LittleEndian(head[20..], (int)DataAt);
        BinaryPrimitives.WriteUInt32LittleEndian(head[60..], Crc32C.Compute(head[..60]));
        file.Write(head, 0);
    }
}
