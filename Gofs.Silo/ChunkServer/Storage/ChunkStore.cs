using System.Collections.Concurrent;
using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Grains.ChunkServers;
using Gofs.Transport;
using Microsoft.Win32.SafeHandles;

namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>
/// The chunks on this machine's disks: a file each, named for its handle (README.md has the bytes). Operations leave the caller's thread
/// at once; those on one chunk that change it take turns, reads do not wait.
/// <para>
/// Who dies. The process, at any point: what was flushed is there; what was not is there or not, checksum block by checksum block, and
/// never garbage (see <see cref="BlockSlots"/>, <see cref="RedoJournal"/>). A disk that fails to read, write or sync: it is out of service, its
/// replicas are reported gone, the other disks go on. A disk that is full: the write is refused, and what was there stays.
/// </para>
/// </summary>
internal sealed partial class ChunkStore : IChunkStore, IAsyncDisposable
{
    private readonly ChunkStoreOptions options;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly List<Disk> disks = [];
    private readonly ChunkIndex index = new();
    private readonly OpenChunks open;
    private int nextDisk;

    private ChunkStore(ChunkStoreOptions options, TimeProvider time, ILogger logger)
    {
        this.options = options;
        this.time = time;
        this.logger = logger;
        open = new(options.OpenFiles);
    }

    /// <summary>Opens all disks and finds out what is on them. One that fails is out of service; one that is another's is refused.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.ForeignFolder"/>; <see cref="GofsError.DiskFailed"/>: no disk can be used.</exception>
    public static async Task<ChunkStore> OpenAsync(ChunkStoreOptions options, TimeProvider time, ILogger logger, CancellationToken cancellation)
    {
        var store = new ChunkStore(options, time, logger);
        try
        {
            foreach (var folder in options.DiskFolders) store.disks.Add(Disk.Open(folder, options, store.OnDiskFailed));
            await Task.WhenAll(store.disks.Select(disk => Task.Run(() => DiskScan.Run(disk, store.index, logger, cancellation), cancellation)));
            store.index.ForgetChanges();
            return store;
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask WriteAsync(ChunkHandle handle, ChunkVersion version, long offsetBytes, ReadOnlyMemory<byte> data, uint crc,
        long chunkSizeBytes, bool durable, CancellationToken cancellation)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        if (Crc32C.Compute(data.Span) != crc)
            throw new GofsException(GofsError.Corrupt, "the bytes that arrived do not match their CRC", handle.ToString());
        if (offsetBytes < 0 || chunkSizeBytes is < 1 or > 1L << 30 || offsetBytes + data.Length > chunkSizeBytes)
            throw new GofsException(
                GofsError.InvalidArgument, $"a write of {data.Length} bytes at {offsetBytes} is not inside a chunk of {chunkSizeBytes}", handle.ToString());
        using var use = TakeOrCreate(handle, version, chunkSizeBytes);
        await ChangeAsync(use.File, version, durable, file => file.Write(offsetBytes, data.Span), cancellation);
    }

    /// <inheritdoc/>
    public async ValueTask<int> ReadAsync(ChunkHandle handle, ChunkVersion version, long offsetBytes, Memory<byte> destination, CancellationToken cancellation)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        if (offsetBytes < 0) throw new GofsException(GofsError.InvalidArgument, $"an offset is not negative: {offsetBytes}", handle.ToString());
        using var use = Take(handle);
        CheckVersion(use.File, version);
        try
        {
            return use.File.Read(offsetBytes, destination.Span);
        }
        catch (GofsException seen) when (seen.Error == GofsError.Corrupt)
        {
            // Perhaps it was being changed at that moment: in a writer's turn nothing is.
            return await ReadInTurnAsync(use.File, offsetBytes, destination, cancellation);
        }
        catch (IOException broken) when (broken is not GofsException)
        {
            throw Failed(use.File.Disk, broken, handle);
        }
    }

    /// <inheritdoc/>
    public async ValueTask FlushAsync(ChunkHandle handle, ChunkVersion version, CancellationToken cancellation)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        using var use = Take(handle);
        await ChangeAsync(use.File, version, durable: true, _ => { }, cancellation);
    }

    /// <inheritdoc/>
    public async ValueTask TruncateAsync(ChunkHandle handle, ChunkVersion version, long lengthBytes, CancellationToken cancellation)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        if (lengthBytes < 0) throw new GofsException(GofsError.InvalidArgument, $"a length is not negative: {lengthBytes}", handle.ToString());
        using var use = Take(handle);
        await ChangeAsync(use.File, version, durable: true, file => file.Truncate(lengthBytes), cancellation);
    }

    /// <inheritdoc/>
    public async ValueTask SetVersionAsync(ChunkHandle handle, ChunkVersion version, CancellationToken cancellation)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        using var use = Take(handle);
        await ChangeAsync(use.File, null, durable: true, file =>
        {
            if (version < file.Head.Version)
                throw new GofsException(
                    GofsError.StaleVersion, $"the replica has version {file.Head.Version}, which is newer than {version}", handle.ToString());
            if (version != file.Head.Version) file.SetVersion(version);
        }, cancellation);
    }

    /// <inheritdoc/>
    public async ValueTask DeleteAsync(IReadOnlyList<ChunkHandle> handles, CancellationToken cancellation)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        foreach (var handle in handles)
        {
            cancellation.ThrowIfCancellationRequested();
            if (index.Remove(handle) is not { } disk) continue;
            open.Forget(handle);
            disk.CountChunks(-1);
            try
            {
                File.Delete(disk.FileOf(handle));
            }
            catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
            {
                throw Failed(disk, broken, handle);
            }
        }
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
        open.Dispose();
        foreach (var disk in disks) disk.Dispose();
        return ValueTask.CompletedTask;
    }

    private static void CheckVersion(ChunkFile file, ChunkVersion version)
    {
        if (file.Head.Version != version)
            throw new GofsException(GofsError.StaleVersion, $"the replica has version {file.Head.Version}, not {version}", file.Head.Handle.ToString());
    }

    private async Task ChangeAsync(ChunkFile file, ChunkVersion? version, bool durable, Action<ChunkFile> change, CancellationToken cancellation)
    {
        await file.Turn.WaitAsync(cancellation);
        try
        {
            if (version is { } expected) CheckVersion(file, expected);
            change(file);
            index.Set(file.Head.Handle, new(file.Disk, file.Head.Version, file.Length));
            if (durable) await file.FlushAsync(options.FlushTimeout, time);
        }
        catch (TimeoutException late)
        {
            throw new GofsException(GofsError.Timeout, $"the disk has not flushed within {options.FlushTimeout.TotalSeconds:0} s", file.Disk.Folder, late);
        }
        catch (IOException broken) when (broken is not GofsException)
        {
            throw Failed(file.Disk, broken, file.Head.Handle);
        }
        finally
        {
            file.Turn.Release();
        }
    }

    private static async Task<int> ReadInTurnAsync(ChunkFile file, long offset, Memory<byte> destination, CancellationToken cancellation)
    {
        await file.Turn.WaitAsync(cancellation);
        try
        {
            return file.Read(offset, destination.Span);
        }
        finally
        {
            file.Turn.Release();
        }
    }

    private OpenChunks.Use Take(ChunkHandle handle)
    {
        if (!index.TryGet(handle, out var place)) throw new GofsException(GofsError.ChunkNotFound, "the chunk is not on this server", handle.ToString());
        return Take(handle, place.Disk);
    }

    private OpenChunks.Use Take(ChunkHandle handle, Disk disk)
    {
        if (disk.Fault is { } fault) throw new GofsException(GofsError.DiskFailed, $"the disk is out of service: {fault}", disk.Folder);
        try
        {
            return open.Take(handle, one => ChunkFile.Open(disk, one));
        }
        catch (Exception broken) when (broken is (IOException and not GofsException) or UnauthorizedAccessException)
        {
            throw Failed(disk, broken, handle);
        }
    }

    private OpenChunks.Use TakeOrCreate(ChunkHandle handle, ChunkVersion version, long chunkSizeBytes)
    {
        if (index.TryGet(handle, out var place)) return Take(handle, place.Disk);
        if (version != ChunkVersion.First) throw new GofsException(GofsError.ChunkNotFound, "the chunk is not on this server", handle.ToString());
        var disk = ChooseDisk();
        try
        {
            return open.Take(handle, one =>
            {
                var file = ChunkFile.Create(disk, new(one, version, chunkSizeBytes));
                index.Set(one, new(disk, version, 0));
                disk.CountChunks(1);
                return file;
            });
        }
        catch (Exception broken) when (broken is (IOException and not GofsException) or UnauthorizedAccessException)
        {
            throw Failed(disk, broken, handle);
        }
    }

    // In turn among the disks that have room: their rooms even out by the chunk tables' choice of servers, disks of one server by this.
    private Disk ChooseDisk()
    {
        var start = (uint)Interlocked.Increment(ref nextDisk);
        for (var i = 0u; i < disks.Count; i++)
        {
            var disk = disks[(int)((start + i) % (uint)disks.Count)];
            if (disk.Fault is null && disk.FreeBytes() > options.ReserveBytes) return disk;
        }

        throw new GofsException(
            disks.TrueForAll(disk => disk.Fault is not null) ? GofsError.DiskFailed : GofsError.NoSpace,
            $"none of the {disks.Count} disks is in service with more than {options.ReserveBytes >> 20} MiB free", options.ServerId);
    }

    private GofsException Failed(Disk disk, Exception broken, ChunkHandle handle)
    {
        if (broken is IOException io && LibC.IsNoSpace(io))
            return new(GofsError.NoSpace, "the disk is full", disk.Folder, broken);
        disk.Fail(broken.Message);
        OnDiskFailed(disk);
        return new(GofsError.DiskFailed, $"chunk {handle}: {broken.Message}", disk.Folder, broken);
    }

    private void OnDiskFailed(Disk disk)
    {
        LogDiskFailed(logger, disk.Folder, disk.Fault ?? "");
        index.RemoveAll(disk);
    }

    [LoggerMessage(3001, LogLevel.Error, "Disk {Folder} is out of service: {Why}")]
    private static partial void LogDiskFailed(ILogger logger, string folder, string why);
}
