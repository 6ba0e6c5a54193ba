using System.Buffers;
using System.Collections.Concurrent;
using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Grains.ChunkServers;
using Gofs.Transport;

namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>
/// The chunks on this machine's disks: a file each, named for its handle (README.md has the bytes). Operations leave the caller's thread
/// at once; those on one chunk that change it take turns, reads do not wait.
/// <para>
/// Who dies. The process, at any point: what was flushed is there; what was not is there or not, checksum block by checksum block, and
/// never garbage (see <see cref="BlockSlots"/>, <see cref="DiskJournal"/>). A disk that fails to read, write or sync: it is out of service, its
/// replicas are reported gone, the other disks go on. A disk that is full: the write is refused, and what was there stays. A caller who is
/// tired of waiting: the change ends without him, or not at all.
/// </para>
/// </summary>
internal sealed partial class ChunkStore : IChunkStore, IAsyncDisposable
{
    private const int BlockBytes = ChunkHead.ChecksumBlockBytes;
    private readonly ChunkStoreOptions options;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly List<Disk> disks = [];
    private readonly ChunkIndex index = new();
    private readonly KnownDamages<BadChecksumBlock> bad = new();

    /// <summary>Chunks whose replica here was given up.</summary>
    private readonly ConcurrentDictionary<ChunkHandle, byte> lost = new();
    private readonly OpenChunks open;
    private readonly ReplicaSources sources;
    private int nextDisk;

    /// <summary>See <see cref="LossMarks"/>. A start of the process alone changes nothing: the kernel has what was acknowledged.</summary>
    private byte mark;

    private ChunkStore(ChunkStoreOptions options, TimeProvider time, ILogger logger)
    {
        this.options = options;
        this.time = time;
        this.logger = logger;
        open = new(options.OpenFiles, options.Threads.Completion);
        sources = new(time);
    }

    /// <summary>Opens all disks and finds out what is on them. One that fails is out of service; one that is another's is refused.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.ForeignFolder"/>; <see cref="GofsError.DiskFailed"/>: a folder can't be used.</exception>
    public static async Task<ChunkStore> OpenAsync(ChunkStoreOptions options, TimeProvider time, ILogger logger, CancellationToken cancellation)
    {
        var store = new ChunkStore(options, time, logger);
        try
        {
            foreach (var folder in options.DiskFolders) store.disks.Add(Disk.Open(folder, options, time, store.OnDiskFailed));
            store.mark = (byte)(1 + (store.disks.Sum(disk => disk.Starts.MachineCount) % LossMarks.Most));
            var seconds = new ConcurrentBag<(ChunkHandle Handle, ChunkPlace Place)>();
            await Task.WhenAll(store.disks.Select(disk => store.ScanAsync(disk, seconds, cancellation)));
            await store.KeepNewestAsync(seconds);
            store.index.ForgetChanges();
            foreach (var disk in store.disks.Where(disk => disk.Fault is null))
            {
                foreach (var handle in disk.GivenUp()) store.lost.TryAdd(handle, default);
            }

            return store;
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    /// <summary>How often each disk's journal was synced and retired so far, for measuring.</summary>
    public (long Syncs, long Retired) JournalCounts => (disks.Sum(disk => disk.Journal.Syncs), disks.Sum(disk => disk.Journal.Retired));

    /// <inheritdoc/>
    public async ValueTask<ChunkRead> ReadAsync(
        ChunkHandle handle, ChunkVersion version, long offsetBytes, Memory<byte> destination, CancellationToken cancellation)
    {
        await Task.CompletedTask.ConfigureAwait(options.Threads.Leave);
        if (offsetBytes < 0) throw new GofsException(GofsError.InvalidArgument, $"an offset is not negative: {offsetBytes}", handle.ToString());
        var chunk = open.Take(handle);
        try
        {
            var file = FileOf(chunk);
            CheckVersion(file, version);
            try
            {
                return Read(file, offsetBytes, destination.Span);
            }
            catch (GofsException seen) when (seen.Error == GofsError.Corrupt)
            {
                // Perhaps it was being changed at that moment: in a turn nothing is.
                await chunk.Turn.TakeAsync(options.FlushTimeout, time, cancellation);
                try
                {
                    CheckVersion(file, version);
                    return Read(file, offsetBytes, destination.Span);
                }
                catch (GofsException bad) when (bad.Data[ChunkFile.BadIndexKey] is int index)
                {
                    NoteBad(file, index);
                    throw;
                }
                finally
                {
                    chunk.Turn.GiveUp();
                }
            }
        }
        finally
        {
            chunk.Release();
        }
    }

    /// <inheritdoc/>
    public bool TryReadCached(ChunkHandle handle, ChunkVersion version, long offsetBytes, Span<byte> destination, out ChunkRead read)
    {
        read = default;
        if (offsetBytes < 0 || open.TakeOpen(handle) is not { } chunk) return false;
        try
        {
            return index.TryGet(handle, out var place) && place.Disk.Fault is null && chunk.File(index) is var file && file.Head.Version == version
                && file.TryReadCached(offsetBytes, destination, out read);
        }
        catch (IOException)
        {
            // Whoever reads it the long way meets it again, and it is looked into there.
            return false;
        }
        finally
        {
            chunk.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask<byte> FlushAsync(ChunkHandle handle, ChunkVersion version, long leastLengthBytes, CancellationToken cancellation)
    {
        await Task.CompletedTask.ConfigureAwait(options.Threads.Leave);
        await ChangeAsync(handle, version, file =>
        {
            CheckHasAll(file, leastLengthBytes);
            return file.FlushAsync().AsTask();
        }, cancellation);
        return mark;
    }

    /// <inheritdoc/>
    public async ValueTask TruncateAsync(ChunkHandle handle, ChunkVersion version, long lengthBytes, CancellationToken cancellation)
    {
        await Task.CompletedTask.ConfigureAwait(options.Threads.Leave);
        if (lengthBytes < 0) throw new GofsException(GofsError.InvalidArgument, $"a length is not negative: {lengthBytes}", handle.ToString());
        await ChangeAsync(handle, version, file => file.TruncateAsync(lengthBytes), cancellation);
    }

    /// <inheritdoc/>
    public async ValueTask SetVersionAsync(ChunkHandle handle, ChunkVersion version, ChunkVersion? counts, CancellationToken cancellation)
    {
        await Task.CompletedTask.ConfigureAwait(options.Threads.Leave);
        await ChangeAsync(handle, null, file =>
        {
            if (version < file.Head.Version)
                throw new GofsException(
                    GofsError.StaleVersion, $"the replica has version {file.Head.Version}, which is newer than {version}", handle.ToString());
            if (counts is { } known && !VersionOwners.MayTake(file.Head.Version, known, version))
                throw new GofsException(
                    GofsError.ReplicasDiffer, $"the replica has version {file.Head.Version}: it is none of those of {known}", handle.ToString());
            return version == file.Head.Version ? file.FlushAsync().AsTask() : file.SetVersionAsync(version);
        }, cancellation);
    }

    /// <inheritdoc/>
    public async ValueTask DeleteAsync(IReadOnlyList<ChunkHandle> handles, CancellationToken cancellation)
    {
        await Task.CompletedTask.ConfigureAwait(options.Threads.Leave);
        foreach (var handle in handles) await DeleteAsync(handle, null, cancellation);
    }

    /// <inheritdoc/>
    public async ValueTask DeleteOlderAsync(ChunkHandle handle, ChunkVersion than, CancellationToken cancellation)
    {
        await Task.CompletedTask.ConfigureAwait(options.Threads.Leave);
        await DeleteAsync(handle, than, cancellation);
    }

    /// <inheritdoc/>
    public IReadOnlyList<DiskStatus> GetDisks() => [.. disks.Select(disk => disk.Status())];

    /// <inheritdoc/>
    public IReadOnlyList<ReplicaReport> GetAll()
    {
        index.ForgetChanges();
        return index.All();
    }

    /// <inheritdoc/>
    public IReadOnlyList<ReplicaReport> GetAll(int namespaceNumber, int shard) => index.All(namespaceNumber, shard);

    /// <inheritdoc/>
    public ChunkChanges TakeChanges() => index.TakeChanges();

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        sources.Dispose();
        foreach (var disk in disks) disk.Dispose();
        open.Dispose();
        return ValueTask.CompletedTask;
    }

    private static void CheckVersion(ChunkFile file, ChunkVersion version)
    {
        if (file.Head.Version != version)
            throw new GofsException(GofsError.StaleVersion, $"the replica has version {file.Head.Version}, not {version}", file.Head.Handle.ToString());
    }

    // Whoever is taken into a chunk's replicas has all that was acknowledged. This is the belt to those braces: one that has not would read as zeros there.
    private static void CheckHasAll(ChunkFile file, long leastLengthBytes)
    {
        if (file.Length < leastLengthBytes)
            throw new GofsException(
                GofsError.ReplicasDiffer, $"the replica ends at {file.Length}, and {leastLengthBytes} bytes were acknowledged", file.Head.Handle.ToString());
    }

    private async Task ScanAsync(Disk disk, ConcurrentBag<(ChunkHandle Handle, ChunkPlace Place)> seconds, CancellationToken cancellation)
    {
        await Task.CompletedTask.ConfigureAwait(options.Threads.Leave);
        DiskScan.Run(disk, index, seconds, logger, cancellation);
    }

    private void Note(ChunkFile file)
    {
        index.Set(file.Head.Handle, new(file.Disk, file.Head.Version, file.Length));
        if (file.Disk.Fault is not null) index.Remove(file.Head.Handle);
    }

    private static ChunkRead Read(ChunkFile file, long offset, Span<byte> into)
    {
        try
        {
            return file.Read(offset, into);
        }
        catch (IOException broken) when (broken is not GofsException)
        {
            throw Failed(file.Disk, broken, file.Head.Handle);
        }
    }

    private Disk? OutOfService => disks.Find(disk => disk.Fault is not null);

    private ChunkFile FileOf(OpenChunk chunk)
    {
        if (!index.TryGet(chunk.Handle, out var place)) throw chunk.NotFound(OutOfService);
        if (place.Disk.Fault is { } fault) throw new GofsException(GofsError.DiskFailed, $"the disk is out of service: {fault}", place.Disk.Folder);
        try
        {
            return chunk.File(index);
        }
        catch (FileNotFoundException) when (DiskIdentity.IsThere(place.Disk.Files))
        {
            // Somebody took this file away, not the disk: the chunk table hears of it with the next report.
            if (index.Remove(chunk.Handle) is not null) place.Disk.CountChunks(-1);
            EndShares();
            throw chunk.NotFound();
        }
        catch (IOException broken) when (broken is not GofsException)
        {
            throw Failed(place.Disk, broken, chunk.Handle);
        }
    }

    private ChunkFile? FileIfThere(OpenChunk chunk) => chunk.IsOpen || index.TryGet(chunk.Handle, out _) ? FileOf(chunk) : null;

    // In the chunk's turn: a copy may be getting its name.
    private ChunkFile FileOrNew(OpenChunk chunk, ChunkVersion version, long chunkSizeBytes, long leastLengthBytes, long bytes)
    {
        if (FileIfThere(chunk) is { } there) return there;
        // One that was here may have had bytes that whoever writes on does not send again.
        if (version != ChunkVersion.First || leastLengthBytes > 0 || lost.ContainsKey(chunk.Handle)) throw chunk.NotFound(OutOfService);
        var disk = ChooseDisk();
        try
        {
            return chunk.File(index, one =>
            {
                var file = ChunkFile.Create(disk, new(one, version, chunkSizeBytes), bytes);
                index.Set(one, new(disk, version, 0));
                if (disk.Fault is not null) index.Remove(one);
                disk.CountChunks(1);
                return file;
            });
        }
        catch (IOException broken) when (broken is not GofsException)
        {
            throw Failed(disk, broken, chunk.Handle);
        }
    }

    // In turn among the disks that have room: their rooms even out by the chunk tables' choice of servers, disks of one server by this.
    private Disk ChooseDisk()
    {
        var start = (uint)Interlocked.Increment(ref nextDisk);
        for (var i = 0u; i < disks.Count; i++)
        {
            var disk = disks[(int)((start + i) % (uint)disks.Count)];
            if (disk.Fault is null && RoomOn(disk) > 0) return disk;
        }

        throw new GofsException(
            disks.TrueForAll(disk => disk.Fault is not null) ? GofsError.DiskFailed : GofsError.NoSpace,
            $"none of the {disks.Count} disks is in service with more than {options.ReserveBytes >> 20} MiB free", options.ServerId);
    }

    private static GofsException Failed(Disk disk, IOException broken, ChunkHandle handle)
    {
        if (LibC.IsNoSpace(broken)) return new(GofsError.NoSpace, "the disk is full", disk.Folder, broken);
        if (LibC.IsTooManyOpen(broken)) return new(GofsError.Busy, "too many files are open", disk.Folder, broken);
        disk.Fail(broken);
        return new(GofsError.DiskFailed, $"chunk {handle}: {broken.Message}", disk.Folder, broken);
    }

    private void OnDiskFailed(Disk disk)
    {
        LogDiskFailed(logger, disk.Folder, disk.Fault ?? "");
        index.RemoveAll(disk);
        EndShares();
    }

    [LoggerMessage(3001, LogLevel.Error, "Disk {Folder} is out of service: {Why}")]
    private static partial void LogDiskFailed(ILogger logger, string folder, string why);
}
