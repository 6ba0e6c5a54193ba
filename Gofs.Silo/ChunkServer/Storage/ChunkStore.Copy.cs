using System.Buffers;
using Gofs.Chunks;

namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>Copies of chunks within this server: what a clone's first write to a chunk costs.</summary>
internal sealed partial class ChunkStore
{
    private const int CopyBytes = 1 << 20;

    /// <inheritdoc/>
    public async ValueTask CopyAsync(ChunkHandle handle, ChunkVersion version, ChunkHandle copy, CancellationToken cancellation)
    {
        await Task.CompletedTask.ConfigureAwait(options.Threads.Leave);
        if (index.TryGet(copy, out _)) throw new GofsException(GofsError.InvalidArgument, "a chunk is copied to a new one", copy.ToString());
        var chunkSize = ChunkSizeOf(handle);
        try
        {
            await CreateAsync(copy, chunkSize, cancellation);
            await CopyPartsAsync(handle, version, copy, chunkSize, cancellation);
            await SetVersionAsync(copy, version, cancellation);
        }
        catch
        {
            await DeleteAsync([copy], CancellationToken.None);
            throw;
        }
    }

    private async Task CopyPartsAsync(ChunkHandle handle, ChunkVersion version, ChunkHandle copy, long chunkSize, CancellationToken cancellation)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(CopyBytes);
        try
        {
            var length = await GetLengthAsync(handle, version, cancellation);
            for (var offset = 0L; offset < length;)
            {
                var part = buffer.AsMemory(0, (int)Math.Min(CopyBytes, length - offset));
                var read = await ReadAsync(handle, version, offset, part, cancellation);
                if (read.Count == 0) throw new GofsException(GofsError.Corrupt, $"the replica ends at {offset}, not {length}", handle.ToString());
                await WriteAsync(copy, ChunkVersion.First, offset, part[..read.Count], read.Crc, chunkSize, durable: false, cancellation);
                offset += read.Count;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private long ChunkSizeOf(ChunkHandle handle)
    {
        var chunk = open.Take(handle);
        try
        {
            return FileOf(chunk).Head.ChunkSizeBytes;
        }
        finally
        {
            chunk.Release();
        }
    }
}
