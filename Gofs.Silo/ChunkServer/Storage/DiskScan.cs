using System.Collections.Concurrent;
using Gofs.Chunks;
using Gofs.Transport;

namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>
/// Finds out at the start what a disk has: redoes what its journal holds, then reads every chunk file's head. A file that is no
/// chunk, or can't be read, goes to quarantine, never away, and stops nothing. After a crash of the machine it reads all slots too, and settles what was being
/// written then: later nobody could tell that from rot.
/// </summary>
internal static partial class DiskScan
{
    /// <summary>Scans a disk into the index. One that fails is out of service. Chunks that are in the index already are put into the list.</summary>
    public static void Run(
        Disk disk, ChunkIndex index, ConcurrentBag<(ChunkHandle Handle, ChunkPlace Place)> seconds, ILogger logger, CancellationToken cancellation)
    {
        try
        {
            disk.Files.Load(logger);
            disk.OpenJournal(logger);
            disk.RemoveCopies();
            var bytes = new byte[ChunkHead.Bytes];
            foreach (var file in disk.ChunkFiles())
            {
                cancellation.ThrowIfCancellationRequested();
                if (!TryLook(disk, file, bytes, index, seconds, out var why)) LogQuarantined(logger, disk.SetAside(file), file, why);
            }

            disk.EndTorn();
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            disk.Fail(broken as IOException ?? new IOException(broken.Message, broken));
            index.RemoveAll(disk);
            LogNotScanned(logger, disk.Folder, broken);
        }
    }

    private static bool TryLook(
        Disk disk, string path, byte[] bytes, ChunkIndex index, ConcurrentBag<(ChunkHandle Handle, ChunkPlace Place)> seconds, out string why)
    {
        why = "never finished, or damaged";
        try
        {
            using var file = disk.Files.Open(path, DiskOpen.Existing);
            var length = file.Length;
            if (file.Read(bytes, 0) != bytes.Length || !ChunkHead.TryParse(bytes, out var head) || path != Disk.FileOf(head.Handle)) return false;
            if (disk.MayBeTorn) Settle(disk, head.Handle);
            var place = new ChunkPlace(disk, head.Version, Math.Max(0, length - head.DataOffset), IsSure: false, MayAppend: false);
            if (!index.TryAdd(head.Handle, place)) seconds.Add((head.Handle, place));
            disk.CountChunks(1);
            return true;
        }
        catch (IOException broken) when (broken.HResult == LibC.InputOutputError)
        {
            why = broken.Message;
            return false;
        }
    }

    private static void Settle(Disk disk, ChunkHandle handle)
    {
        try
        {
            using var chunk = ChunkFile.OpenForRedo(disk, handle);
            chunk.Settle();
        }
        catch (GofsException damaged) when (damaged.Error == GofsError.Corrupt)
        {
            // Who opens it says so.
        }
    }

    [LoggerMessage(3011, LogLevel.Warning, "{File} is not a chunk ({Why}): moved to {Quarantine}")]
    private static partial void LogQuarantined(ILogger logger, string quarantine, string file, string why);

    [LoggerMessage(3012, LogLevel.Error, "Disk {Folder} could not be scanned and is out of service")]
    private static partial void LogNotScanned(ILogger logger, string folder, Exception broken);
}
