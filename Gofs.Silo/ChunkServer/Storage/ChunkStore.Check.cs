using Gofs.Chunks;

namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>Looking at a chunk without wanting its bytes.</summary>
internal sealed partial class ChunkStore
{
    /// <inheritdoc/>
    public async ValueTask<long> CheckAsync(ChunkHandle handle, ChunkVersion version, CancellationToken cancellation)
    {
        await Task.CompletedTask.ConfigureAwait(options.Threads.Leave);
        // Its file may be open and its name gone: whoever opens it next would not find it.
        if (index.TryGet(handle, out var place) && place.Disk.Fault is null && !place.Disk.Files.Exists(Disk.FileOf(handle)))
        {
            if (index.TryGet(handle, out _))
                throw new GofsException(GofsError.ChunkNotFound, $"its file {place.Disk.PathOf(handle)} is gone from the disk", handle.ToString());
        }

        var length = await GetLengthAsync(handle, version, cancellation);
        if (length > 0) await ReadAsync(handle, version, length - 1, new byte[1], cancellation);
        return length;
    }
}
