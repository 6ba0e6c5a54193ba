using Gofs.Transport;

namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>What is in a disk's packs, found out when it is opened.</summary>
internal sealed partial class PackedDisk
{
    private const int SectorsAtOnce = 512;

    /// <summary>Reads all packs' sectors. Before anything else asks for chunks.</summary>
    /// <exception cref="IOException">The disk fails, or has packs of a later release.</exception>
    public void Load(ILogger logger)
    {
        disk.MakeFolder(PackFile.Folder);
        foreach (var path in disk.FilesIn(PackFile.Folder).Order(StringComparer.Ordinal).ToArray())
        {
            if (PackFile.Open(disk, path, cellsOfNew) is { } pack) Load(pack, logger);
            else LogNoPack(logger, path, Folder);
        }

        if (!cells.IsEmpty) LetGoOfFiles();
        if (cells.HasLet) Arm();
    }

    private void Load(PackFile pack, ILogger logger)
    {
        List<PackCell> used = [];
        List<int> empty = [];
        var (rotten, next) = (0, 0);
        var sectors = new byte[SectorsAtOnce * PackFile.SectorBytes];
        for (var first = 0; first < pack.Cells; first += SectorsAtOnce)
        {
            pack.ReadSectors(first, sectors);
            for (var i = 0; i < Math.Min(SectorsAtOnce, pack.Cells - first); i++)
            {
                var sector = sectors.AsSpan(i * PackFile.SectorBytes, PackFile.SectorBytes);
                if (PackEntry.TryParse(sector, out var entry) || PackEntry.TryInfer(sector, out entry)) used.Add(new(pack, first + i, entry));
                else if (!sector.ContainsAnyExcept((byte)0)) continue;
                else rotten++;
                for (; next < first + i; next++) empty.Add(next);
                next = first + i + 1;
            }
        }

        // Who opens a disk syncs it before anything is written, so behind the last that is used all are free.
        pack.Next = next;
        if (rotten > 0) LogRotten(logger, rotten, pack.Path, Folder);
        foreach (var second in cells.Add(pack, used, empty)) LetGo(second);
    }

    // A chunk that became a file of its own, or one whose name a copy got, just before the end: the file counts, and was whole before it had the name.
    private void LetGoOfFiles()
    {
        for (var folder = 0; folder < 256; folder++)
        {
            foreach (var path in disk.FilesIn($"chunks/{folder:x2}").ToArray())
            {
                if (CellOf(path) is { } cell) LetGo(cell);
            }
        }
    }

    [LoggerMessage(3041, LogLevel.Warning, "{File} of disk {Folder} is no pack: passed over")]
    private static partial void LogNoPack(ILogger logger, string file, string folder);

    [LoggerMessage(3042, LogLevel.Error, "{Count} cells of {Pack} on disk {Folder} do not say whose they are: the chunks that were in them are lost here")]
    private static partial void LogRotten(ILogger logger, int count, string pack, string folder);
}
