using Gofs.Chunks;
using Gofs.Grains.ChunkServers;

namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>
/// Replicas that come from another server. Installing one is: its file is complete and synced; the journal has nothing of the chunk that would be redone
/// over it; it gets its name, and that is synced; only then does anybody hear of it.
/// <para>
/// The power goes in between: before the name is on the disk the old replica is there, whole, if there was one; then the new one. A stale replica on
/// another disk goes last: until then two files have the chunk, and the next start keeps the newer (<see cref="KeepNewestAsync"/>).
/// </para>
/// </summary>
internal sealed partial class ChunkStore
{
    private long lastCopy;

    /// <inheritdoc/>
    public async ValueTask<ICopyFile> OpenCopyAsync(ChunkHandle handle, long chunkSizeBytes, long lengthBytes, CancellationToken cancellation)
    {
        await Task.CompletedTask.ConfigureAwait(options.Threads.Leave);
        cancellation.ThrowIfCancellationRequested();
        CheckSize(handle, 0, 0, chunkSizeBytes);
        var disk = disks.Where(one => one.Fault is null).MaxBy(RoomOn);
        if (disk is null || RoomOn(disk) < lengthBytes)
            throw new GofsException(
                disk is null ? GofsError.DiskFailed : GofsError.NoSpace,
                $"none of the {disks.Count} disks has room for a copy of {lengthBytes} bytes beside {options.ReserveBytes >> 20} MiB", options.ServerId);
        try
        {
            return new CopyFile(this, disk, Interlocked.Increment(ref lastCopy), new(handle, default, chunkSizeBytes), lengthBytes);
        }
        catch (IOException broken) when (broken is not GofsException)
        {
            throw Failed(disk, broken, handle);
        }
    }

    /// <summary>Does something with a copy, away from the caller's thread.</summary>
    public async ValueTask DoAsync(CopyFile copy, Func<ValueTask> work, CancellationToken cancellation)
    {
        await Task.CompletedTask.ConfigureAwait(options.Threads.Leave);
        cancellation.ThrowIfCancellationRequested();
        try
        {
            await work();
        }
        catch (IOException broken) when (broken is not GofsException)
        {
            throw Failed(copy.Disk, broken, copy.Handle);
        }
    }

    /// <summary>See <see cref="ICopyFile.InstallAsync"/>.</summary>
    public async ValueTask InstallAsync(CopyFile copy, ChunkVersion version, long length, CancellationToken cancellation)
    {
        if (!copy.IsWhole(length))
            throw new GofsException(GofsError.ReplicasDiffer, $"the copy has not all of {length} bytes", copy.Handle.ToString());
        var chunk = open.Take(copy.Handle);
        try
        {
            await chunk.Turn.TakeAsync(options.FlushTimeout, time, cancellation);
            try
            {
                if (chunk.IsDeleted) throw new GofsException(GofsError.Busy, "the chunk was deleted at that moment", copy.Handle.ToString());
                ChunkPlace? old = index.TryGet(copy.Handle, out var place) ? place : null;
                if (old?.Version == version) return;
                if (copy.IsPlaced) throw new GofsException(GofsError.ChunkNotFound, "the copy was given up when it was installed", copy.Handle.ToString());
                if (old?.Version > version)
                    throw new GofsException(
                        GofsError.StaleVersion, $"the replica has version {old.Value.Version}, which is newer than {version}", copy.Handle.ToString());
                if (old is { } there && !VersionOwners.MayReplace(there.Version, version))
                    throw new GofsException(
                        GofsError.ReplicasDiffer, $"the replica has version {there.Version}, of a later owner than {version}", copy.Handle.ToString());
                copy.End(version, length);
                await copy.Disk.FlushAsync(copy.File, null);
                await LeaveJournalAsync(copy, chunk, old);
                await PlaceAsync(copy, chunk, old);
                SetInstalled(copy, chunk, old, version, length);
                if (old is { } other && other.Disk != copy.Disk) await RemoveOldAsync(other.Disk, copy.Handle);
            }
            finally
            {
                chunk.Turn.GiveUp();
            }
        }
        finally
        {
            chunk.Release();
        }
    }

    // What is redone is redone to whatever file has the chunk's name. Before the records are void, what they are of must be durable without them: the
    // file there is, or that there is none.
    private async Task LeaveJournalAsync(CopyFile copy, OpenChunk chunk, ChunkPlace? old)
    {
        if (!copy.Disk.Journal.IsLive(copy.Handle)) return;
        if (old?.Disk == copy.Disk)
        {
            try
            {
                await chunk.File(index).LeaveJournalAsync();
                return;
            }
            catch (GofsException damaged) when (damaged.Error == GofsError.Corrupt)
            {
                // It has no head: there is nothing to be redone either.
            }
        }

        await copy.Disk.FlushAsync(copy.File, Disk.FolderOf(copy.Handle));
        await copy.Disk.Journal.BarrierAsync(copy.Handle);
    }

    // A disk that is out of service takes none: what its fault was may be what this rests on.
    private async Task PlaceAsync(CopyFile copy, OpenChunk chunk, ChunkPlace? old)
    {
        if (copy.Disk.Fault is { } fault) throw new GofsException(GofsError.DiskFailed, $"the disk is out of service: {fault}", copy.Disk.Folder);
        copy.Place();
        try
        {
            await copy.Disk.FlushAsync(copy.File, Disk.FolderOf(copy.Handle));
        }
        catch (IOException)
        {
            // Nobody may find it later: who asked for it will have been told that it is not here.
            if (old?.Disk == copy.Disk) Drop(chunk, copy.Disk);
            else copy.Disk.Files.Delete(Disk.FileOf(copy.Handle));
            throw;
        }
    }

    private void SetInstalled(CopyFile copy, OpenChunk chunk, ChunkPlace? old, ChunkVersion version, long length)
    {
        index.Set(copy.Handle, new(copy.Disk, version, length));
        if (copy.Disk.Fault is not null) index.Remove(copy.Handle);
        copy.Disk.CountChunks(1);
        old?.Disk.CountChunks(-1);
        // Who had the old one open has it until he gives it back; who comes now opens the new one.
        chunk.IsDeleted = true;
        open.Forget(chunk);
    }

    private async Task RemoveOldAsync(Disk disk, ChunkHandle handle)
    {
        try
        {
            await disk.Journal.DeleteAsync(handle);
            disk.Files.Delete(Disk.FileOf(handle));
        }
        catch (IOException refused)
        {
            // The next start does it: the other file is newer.
            if (refused is not GofsException) Failed(disk, refused, handle);
            LogOldStays(logger, handle, disk.Folder, refused);
        }
    }

    // A disk that was out of service comes back with replicas that were made again on another meanwhile. Only after the journals were redone is known
    // which is newer.
    private async Task KeepNewestAsync(IReadOnlyCollection<(ChunkHandle Handle, ChunkPlace Place)> seconds)
    {
        foreach (var (handle, second) in seconds)
        {
            if (second.Disk.Fault is not null) continue;
            if (!index.TryGet(handle, out var first))
            {
                // The disk of the other failed while it was scanned.
                index.Set(handle, second);
                continue;
            }

            var isNewer = (second.Version, second.LengthBytes).CompareTo((first.Version, first.LengthBytes)) > 0;
            if (isNewer) index.Set(handle, second);
            var older = isNewer ? first.Disk : second.Disk;
            LogTwice(logger, handle, (isNewer ? second : first).Disk.Folder, older.Folder);
            older.CountChunks(-1);
            await RemoveOldAsync(older, handle);
        }
    }

    private long RoomOn(Disk disk) => FreeOn(disk) - options.ReserveBytes - disk.KeptRoomBytes;

    // A disk that can't even say how much room it has must not keep the others from being used.
    private static long FreeOn(Disk disk)
    {
        try
        {
            return disk.FreeBytes();
        }
        catch (IOException broken)
        {
            disk.Fail(broken);
            return 0;
        }
    }

    [LoggerMessage(3003, LogLevel.Warning, "Chunk {Handle} has a newer replica here; the file on {Folder} can't be removed now, the next start does that")]
    private static partial void LogOldStays(ILogger logger, ChunkHandle handle, string folder, Exception refused);

    [LoggerMessage(3004, LogLevel.Warning, "Chunk {Handle} is on two disks: the newer one on {Folder} is kept, the one on {Older} is removed")]
    private static partial void LogTwice(ILogger logger, ChunkHandle handle, string folder, string older);
}
