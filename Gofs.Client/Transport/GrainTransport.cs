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
    public Task<LossMarks> WriteAsync(ServerId[] servers, ChunkWrite write, ChunkToken token, CancellationToken cancellation) =>
        EachAsync(servers, write.Handle, server => server.WriteMarkedAsync(write, cancellation), cancellation);

    public Task<GofsException?[]> WriteEachAsync(ServerId[] servers, AllowedWrite[] writes, CancellationToken cancellation) =>
        Task.WhenAll(Array.ConvertAll(writes, async one =>
        {
            try
            {
                await WriteAsync(servers, one.Write, one.Token, cancellation);
                return null;
            }
            catch (GofsException refused)
            {
                return refused;
            }
        }));

    public Task<long> AppendAsync(ServerId[] servers, ChunkAppend append, ChunkToken token, CancellationToken cancellation) =>
        throw new GofsException(
            GofsError.Unavailable, "records are appended over the chunk servers' data ports, and one can't be reached", append.Handle.ToString());

    public async Task<int> ReadAsync(
        ServerId server, ChunkAccess chunk, long offsetBytes, Memory<byte> destination, ISlowCall? slow, CancellationToken cancellation)
    {
        ChunkData answer;
        try
        {
            answer = await Grain(server).ReadAsync(chunk.Handle, chunk.Version, offsetBytes, destination.Length, cancellation)
                .WaitAsync(readTimeout, time, cancellation);
        }
        catch (Exception failure) when (!Failures.IsOwnCancellation(failure, cancellation))
        {
            throw Failures.Translate(failure, chunk.Handle);
        }

        if (answer.Data.Length > destination.Length)
            throw new GofsException(GofsError.Corrupt, $"{server} sent {answer.Data.Length} bytes of {destination.Length} asked for", chunk.Handle.ToString());
        if (Crc32C.Compute(answer.Data.Span) != answer.Crc)
            throw new GofsException(GofsError.Corrupt, $"what {server} sent does not match its CRC", chunk.Handle.ToString());
        answer.Data.CopyTo(destination);
        return answer.Data.Length;
    }

    public Task<LossMarks> FlushAsync(ServerId[] servers, ChunkAccess chunk, CancellationToken cancellation) =>
        EachAsync(servers, chunk.Handle, server => server.FlushMarkedAsync(chunk.Handle, chunk.Version, cancellation), cancellation);

    public async Task<bool> IsAliveAsync(ServerId server, ChunkAccess chunk, CancellationToken cancellation)
    {
        try
        {
            await Grain(server).EchoAsync(new ChunkData(default, 0), 0, cancellation).WaitAsync(NextServer.Patience, time, cancellation);
            return true;
        }
        catch (Exception silent) when (!Failures.IsOwnCancellation(silent, cancellation))
        {
            return false;
        }
    }

    private async Task<LossMarks> EachAsync(
        ServerId[] servers, ChunkHandle handle, Func<IChunkServerGrain, Task<byte>> call, CancellationToken cancellation)
    {
        var calls = Array.ConvertAll(servers, server => call(Grain(server)));
        try
        {
            await Task.WhenAll(calls).WaitAsync(timeout, time, cancellation);
            var marks = default(LossMarks);
            for (var hop = calls.Length; hop-- > 0;) marks = new(await calls[hop], marks);
            return marks;
        }
        catch (Exception failure) when (!Failures.IsOwnCancellation(failure, cancellation))
        {
            var hop = Math.Max(0, Array.FindIndex(calls, one => !one.IsCompletedSuccessfully));
            var known = Failures.Translate(calls[hop].Exception ?? failure, handle);
            throw new GofsException(known.Error, known.Detail, known.Path, known) { Data = { [DataConnection.FailedHopKey] = hop } };
        }
    }

    private IChunkServerGrain Grain(ServerId server) => grains.GetGrain<IChunkServerGrain>(server.Value);
}
