using System.Net;
using Gofs.Grains.ChunkServers;
using Gofs.Transport;

namespace Gofs.Silo.ChunkServer.Network;

/// <summary>The rest of a chain, as a server of it sees it: what it was sent it passes on, and it is answered when all behind it have it.</summary>
internal sealed class ServerChain(DataConnections next)
{
    private static readonly TimeSpan ShortestLimit = TimeSpan.FromMilliseconds(100);

    /// <summary>Passes a frame on to the next server, which knows the rest. A failure's data say how many hops away it was.</summary>
    public async Task<LossMarks> PassOnAsync(FrameHeader header, ChunkToken token, IPEndPoint[] hops, ReadOnlyMemory<byte> data)
    {
        if (hops.Length == 0) return default;
        var limit = TimeSpan.FromMilliseconds(header.LimitMilliseconds) * 0.9;
        if (limit < ShortestLimit) limit = ShortestLimit;
        try
        {
            var connection = await next.FindAsync(hops[0], header.DataLength, CancellationToken.None)
                ?? throw new GofsException(GofsError.Unavailable, "the next chunk server of the chain can't be reached", hops[0].ToString());
            var watch = new NextServer(next, hops[0], header.Handle, header.Version, token);
            var answer = await connection.CallAsync(
                header, token, hops[1..], data[..header.DataLength], default, limit, watch, CancellationToken.None);
            return answer.Marks;
        }
        catch (GofsException failure)
        {
            var further = failure.Data[DataConnection.FailedHopKey] as int? ?? 0;
            throw new GofsException(failure.Error, failure.Detail, failure.Path, failure) { Data = { [DataConnection.FailedHopKey] = 1 + further } };
        }
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
