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
    private readonly ServerCalls calls = new(grains, time, timeout);

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

    public async Task<long> AppendAsync(ServerId[] servers, ChunkAppend append, ChunkToken token, CancellationToken cancellation)
    {
        var (record, behind) = (append.ToWrite(atBytes: 0), servers[1..]);
        var answers = await calls.AllAsync(
            servers[..1], append.Handle, firstHop: 0, primary => primary.AppendAsync(record, behind, cancellation), cancellation);
        return answers[0];
    }

    public async Task<int> ReadAsync(
        ServerId server, ChunkAccess chunk, long offsetBytes, Memory<byte> destination, ISlowCall? slow, CancellationToken cancellation)
    {
        ChunkData answer;
        try
        {
            answer = await calls.Grain(server).ReadAsync(chunk.Handle, chunk.Version, offsetBytes, destination.Length, cancellation)
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
        EachAsync(servers, chunk.Handle, server => server.FlushAtLeastAsync(
            chunk.Handle, chunk.Version, chunk.LeastLengthBytes, cancellation), cancellation);

    public Task<bool> IsAliveAsync(ServerId server, ChunkAccess chunk, CancellationToken cancellation) => calls.IsAliveAsync(server, cancellation);

    private async Task<LossMarks> EachAsync(
        ServerId[] servers, ChunkHandle handle, Func<IChunkServerGrain, Task<byte>> call, CancellationToken cancellation)
    {
        var answers = await calls.AllAsync(servers, handle, firstHop: 0, call, cancellation);
        var marks = default(LossMarks);
        for (var hop = answers.Length; hop-- > 0;) marks = new(answers[hop], marks);
        return marks;
    }
}
