using System.Net;
using Gofs.Grains.ChunkServers;
using Gofs.Transport;

namespace Gofs.Silo.ChunkServer.Network;

/// <summary>The rest of a chain, as a server of it sees it: what it was sent it passes on, and it is answered when all behind it have it.</summary>
internal sealed class ServerChain(DataConnections next)
{
    private static readonly TimeSpan ShortestLimit = TimeSpan.FromMilliseconds(100);

    /// <summary>Passes a frame on to the next server, which knows the rest. A failure's data say how many hops away it was.</summary>
    public async Task<LossMarks> PassOnAsync(FrameHeader header, ChunkToken token, IPEndPoint[] hops, ReadOnlyMemory<byte> data) =>
        (await CallNextAsync(header, token, hops, data, default)).Marks;

    /// <summary>The same with a frame of several chunks. What the servers behind refuse of it has become known when this ends; null went well.</summary>
    public async Task<(LossMarks Marks, GofsException?[] Outcomes)> PassOnAsync(
        FrameHeader header, ChunkToken token, IPEndPoint[] hops, ReadOnlyMemory<byte> data, AllowedWrite[] writes)
    {
        if (hops.Length == 0) return (default, new GofsException?[writes.Length]);
        var said = LargeBuffers.Shared.Rent(ChunkOutcomes.MostBytes(writes.Length));
        try
        {
            var answer = await CallNextAsync(header, token, hops, data, said.AsMemory(0, ChunkOutcomes.MostBytes(writes.Length)));
            var outcomes = ChunkOutcomes.Parse(said.AsSpan(0, answer.DataBytes), writes);
            return (answer.Marks, Array.ConvertAll(outcomes, refused => refused is null ? null : OneFurther(refused)));
        }
        finally
        {
            LargeBuffers.Shared.Return(said);
        }
    }

    private async Task<FrameAnswer> CallNextAsync(
        FrameHeader header, ChunkToken token, IPEndPoint[] hops, ReadOnlyMemory<byte> data, Memory<byte> destination)
    {
        if (hops.Length == 0) return default;
        var limit = TimeSpan.FromMilliseconds(header.LimitMilliseconds) * 0.9;
        if (limit < ShortestLimit) limit = ShortestLimit;
        try
        {
            var connection = await next.FindAsync(hops[0], header.DataLength, CancellationToken.None)
                ?? throw new GofsException(GofsError.Unavailable, "the next chunk server of the chain can't be reached", hops[0].ToString());
            var watch = new NextServer(next, hops[0], header.Handle, header.Version, token);
            return await connection.CallAsync(
                header, token, hops[1..], data[..header.DataLength], destination, limit, watch, CancellationToken.None);
        }
        catch (GofsException failure)
        {
            throw OneFurther(failure);
        }
    }

    private static GofsException OneFurther(GofsException failure)
    {
        var further = failure.Data[DataConnection.FailedHopKey] as int? ?? 0;
        return new(failure.Error, failure.Detail, failure.Path, failure) { Data = { [DataConnection.FailedHopKey] = 1 + further } };
    }

    /// <summary>
    /// Appends at the place the header says, here and on the rest of the chain. Ends when neither is under way any more: the bytes are the caller's
    /// again when it went well.
    /// </summary>
    public async Task AppendAsync(IChunkStore store, FrameHeader header, ChunkToken token, IPEndPoint[] hops, ReadOnlyMemory<byte> data)
    {
        var passed = PassOnAsync(header, token, hops, data);
        var here = store.AppendAsync(
            header.Handle, header.Version, header.Offset, data[..header.DataLength], header.DataCrc, header.Amount, header.IsDurable,
            CancellationToken.None).AsTask();
        await Task.WhenAll(here, passed).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await passed;
        await here;
    }
}
