using Gofs.Chunks;

namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>
/// Finds out at the start what a disk has: finishes the overwrite a crash cut off, then reads every chunk file's head. A file that is no
/// chunk goes to quarantine, never away.
/// </summary>
internal static partial class DiskScan
{
    /// <summary>Scans a disk into the index.</summary>
    public static void Run(Disk disk, ChunkIndex index, ILogger logger, CancellationToken cancellation)
    {
        try
        {
            Redo(disk);
            var bytes = new byte[ChunkHead.Bytes];
            foreach (var folder in Directory.EnumerateDirectories(disk.ChunkFolder))
            {
                cancellation.ThrowIfCancellationRequested();
                foreach (var file in Directory.EnumerateFiles(folder)) Look(disk, file, bytes, index, logger);
            }
        }
        catch (Exception broken) when (broken is (IOException and not GofsException) or UnauthorizedAccessException)
        {
            disk.Fail(broken.Message);
            index.RemoveAll(disk);
            LogNotScanned(logger, disk.Folder, broken);
        }
    }

    private static void Redo(Disk disk)
    {
        if (disk.Journal.Read() is not var (value, offset, data)) return;
        var handle = new ChunkHandle(value);
        if (File.Exists(disk.FileOf(handle)))
        {
            using var chunk = ChunkFile.Open(disk, handle);
            chunk.Redo(offset, data);
        }

        disk.Journal.Clear();
    }

    private static void Look(Disk disk, string path, byte[] bytes, ChunkIndex index, ILogger logger)
    {
        using (var file = File.OpenHandle(path))
        {
            var length = RandomAccess.GetLength(file);
            if (RandomAccess.Read(file, bytes, 0) == bytes.Length && ChunkHead.TryParse(bytes, out var head) && path == disk.FileOf(head.Handle))
            {
                index.Set(head.Handle, new(disk, head.Version, Math.Max(0, length - head.DataOffset)));
                disk.CountChunks(1);
                return;
            }
        }

        Directory.CreateDirectory(disk.Quarantine);
        File.Move(path, Path.Combine(disk.Quarantine, Path.GetFileName(path)), overwrite: true);
        LogQuarantined(logger, path, disk.Quarantine);
    }

    [LoggerMessage(3011, LogLevel.Warning, "{File} is not a chunk (never finished, or damaged): moved to {Quarantine}")]
    private static partial void LogQuarantined(ILogger logger, string file, string quarantine);

    [LoggerMessage(3012, LogLevel.Error, "Disk {Folder} could not be scanned and is out of service")]
    private static partial void LogNotScanned(ILogger logger, string folder, Exception broken);
}
