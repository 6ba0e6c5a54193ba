using Gofs.Chunks;
using Gofs.ChunkServers;

namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>Replicas of this server that another copies. The bytes are read like any others; what is here says which of them changed meanwhile.</summary>
internal sealed partial class ChunkStore
{
    /// <inheritdoc/>
    public async ValueTask<CopySource> BeginCopyAsync(ChunkHandle handle, ChunkVersion version, CancellationToken cancellation)
    {
        await Task.CompletedTask.ConfigureAwait(options.Threads.Leave);
        var chunk = open.Take(handle);
        var isKept = false;
        try
        {
            var file = FileOf(chunk);
            await chunk.Turn.TakeAsync(options.FlushTimeout, time, cancellation);
            try
            {
                if (chunk.IsDeleted) throw chunk.NotFound();
                CheckVersion(file, version);
                var source = sources.Begin(chunk, file);
                isKept = true;
                return new(source.Id, file.Length, file.Head.ChunkSizeBytes);
            }
            finally
            {
                chunk.Turn.GiveUp();
            }
        }
        finally
        {
            if (!isKept) chunk.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask<TouchedBytes> TakeTouchedAsync(ChunkHandle handle, long sourceId, CancellationToken cancellation)
    {
        await Task.CompletedTask.ConfigureAwait(options.Threads.Leave);
        if (sources.Find(sourceId) is not { } source || source.Chunk.Handle != handle) throw Forgotten(handle);
        var (chunk, file) = (source.Chunk, source.File);
        await chunk.Turn.TakeAsync(options.FlushTimeout, time, cancellation);
        try
        {
            if (chunk.IsDeleted) throw chunk.NotFound();
            if (file.Disk.Fault is { } fault) throw new GofsException(GofsError.DiskFailed, $"the disk is out of service: {fault}", file.Disk.Folder);
            var touched = new TouchedBytes(file.Length, source.Take());
            // Had it ended before they were taken some may not have been noted.
            return source.HasEnded ? throw Forgotten(handle) : touched;
        }
        finally
        {
            chunk.Turn.GiveUp();
        }
    }

    /// <inheritdoc/>
    public void EndCopy(long sourceId) => sources.End(sourceId);

    private static GofsException Forgotten(ChunkHandle handle) =>
        new(GofsError.ChunkNotFound, "what is touched is not remembered any more: the copy has to begin anew", handle.ToString());
}
