using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Internal;
using Orleans;

namespace Gofs.Transport;

/// <summary>
/// Bytes over nothing but Orleans: calls of the chunk server grain, at most 1 MiB each. The data plane of those who cannot
/// reach a chunk server's own port. Each call ends by <paramref name="timeout"/>, whatever Orleans does, and a read by
/// <paramref name="readTimeout"/>: there are other replicas to ask.
/// </summary>
internal sealed class GrainTransport(IGrainFactory grains, TimeProvider time, TimeSpan timeout, TimeSpan readTimeout) : IChunkTransport
{
    public async Task WriteAsync(ServerId server, ChunkWrite write, CancellationToken cancellation)
    {
        try
        {
            await Grain(server).WriteAsync(write, cancellation)
                .WaitAsync(timeout, time, cancellation);
        }
        catch (Exception failure) when (!Failures.IsOwnCancellation(failure, cancellation))
        {
            throw Failures.Translate(failure, write.Handle);
        }
    }

    public async Task<int> ReadAsync(
        ServerId server, ChunkHandle handle, ChunkVersion version, long offsetBytes, Memory<byte> destination, CancellationToken cancellation)
    {
        ChunkData answer;
        try
        {
            answer = await Grain(server).ReadAsync(handle, version, offsetBytes, destination.Length, cancellation)
                .WaitAsync(readTimeout, time, cancellation);
        }
        catch (Exception failure) when (!Failures.IsOwnCancellation(failure, cancellation))
        {
            throw Failures.Translate(failure, handle);
        }

        if (answer.Data.Length > destination.Length)
            throw new GofsException(GofsError.Corrupt, $"{server} sent {answer.Data.Length} bytes of {destination.Length} asked for", handle.ToString());
        if (Crc32C.Compute(answer.Data.Span) != answer.Crc)
            throw new GofsException(GofsError.Corrupt, $"what {server} sent does not match its CRC", handle.ToString());
        answer.Data.CopyTo(destination);
        return answer.Data.Length;
    }

    public async Task FlushAsync(ServerId server, ChunkHandle handle, ChunkVersion version, CancellationToken cancellation)
    {
        try
        {
            await Grain(server).FlushAsync(handle, version, cancellation)
                .WaitAsync(timeout, time, cancellation);
        }
        catch (Exception failure) when (!Failures.IsOwnCancellation(failure, cancellation))
        {
            throw Failures.Translate(failure, handle);
        }
    }

    public async Task TruncateAsync(
        ServerId server, ChunkHandle handle, ChunkVersion version, long lengthBytes, CancellationToken cancellation)
    {
        try
        {
            await Grain(server).TruncateAsync(handle, version, lengthBytes, cancellation)
                .WaitAsync(timeout, time, cancellation);
        }
        catch (Exception failure) when (!Failures.IsOwnCancellation(failure, cancellation))
        {
            throw Failures.Translate(failure, handle);
        }
    }

    private IChunkServerGrain Grain(ServerId server) => grains.GetGrain<IChunkServerGrain>(server.Value);
}
