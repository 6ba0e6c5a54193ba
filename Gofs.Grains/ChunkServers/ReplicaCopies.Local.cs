using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Internal;
using Gofs.Transport;

namespace Gofs.Grains.ChunkServers;

/// <summary>
/// Copies of replicas within this server: what a clone's first write to a chunk costs. Like one that comes from another server a copy is no replica
/// before it is whole and on the disk, so a crash leaves nothing of it; but its chunk is another, which nobody writes to yet. The replica is not written to
/// meanwhile either, since nobody was given its version: the store says whether that was so.
/// </summary>
internal sealed partial class ReplicaCopies
{
    /// <summary>Local copies at once; others wait for their turn.</summary>
    public const int MostLocal = 8;

    private static readonly TimeSpan LongestLocal = TimeSpan.FromMinutes(1);
    private readonly SemaphoreSlim localTurns = new(MostLocal, MostLocal);

    /// <summary>Copies a replica to another chunk, which gets the same version, durably.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.Timeout"/>; <see cref="GofsError.Busy"/>: it was written to; what the store says.</exception>
    public async Task CopyLocalAsync(ChunkHandle handle, ChunkVersion version, ChunkHandle copy, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(LongestLocal, means.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            await localTurns.WaitAsync(both.Token);
            try
            {
                // Away from the grain's turns.
                await means.Pool.RunAsync(() => CopyNowAsync(handle, version, copy, both.Token));
            }
            finally
            {
                localTurns.Release();
            }
        }
        catch (OperationCanceledException late) when (limit.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new GofsException(GofsError.Timeout, $"the copy was not made within {LongestLocal.TotalSeconds:0} s", handle.ToString(), late);
        }
    }

    private async Task CopyNowAsync(ChunkHandle handle, ChunkVersion version, ChunkHandle copy, CancellationToken cancellation)
    {
        var source = await means.Store.BeginCopyAsync(handle, version, cancellation);
        try
        {
            await using var file = await means.Store.OpenCopyAsync(copy, source.ChunkSizeBytes, source.LengthBytes, cancellation);
            await FillAsync(file, handle, version, source.LengthBytes, cancellation);
            var touched = await means.Store.TakeTouchedAsync(handle, source.SourceId, cancellation);
            if (touched.ChecksumBlocks.Length > 0 || touched.LengthBytes != source.LengthBytes)
                throw new GofsException(GofsError.Busy, "the chunk was written to while it was copied", handle.ToString());
            await file.InstallAsync(version, source.LengthBytes, cancellation);
        }
        finally
        {
            means.Store.EndCopy(source.SourceId);
        }
    }

    // Each byte's CRC is checked where it is read.
    private async Task FillAsync(ICopyFile to, ChunkHandle handle, ChunkVersion version, long length, CancellationToken cancellation)
    {
        var buffer = LargeBuffers.Shared.Rent(IChunkServerGrain.MaxTransferBytes);
        try
        {
            for (var offset = 0L; offset < length;)
            {
                var part = buffer.AsMemory(0, (int)Math.Min(IChunkServerGrain.MaxTransferBytes, length - offset));
                var read = await means.Store.ReadAsync(handle, version, offset, part, cancellation);
                if (read.Count != part.Length)
                    throw new GofsException(GofsError.Corrupt, $"the replica ends at {offset + read.Count}, not {length}", handle.ToString());
                await to.WriteAsync(offset, part, cancellation);
                offset += read.Count;
            }
        }
        finally
        {
            LargeBuffers.Shared.Return(buffer);
        }
    }
}
