using System.Net;
using Gofs.Grains.ChunkServers;
using Gofs.Transport;

namespace Gofs.Silo.ChunkServer.Network;

/// <summary>The servers behind a primary, reached over their data ports, one behind the other. Token and time are of a record's request.</summary>
internal sealed class SocketRoute(ServerChain chain, FrameHeader request, ChunkToken token, IPEndPoint[] hops) : IAppendRoute
{
    private readonly IPEndPoint[] hops = hops;

    /// <inheritdoc/>
    public bool IsAlike(IAppendRoute other) => other is SocketRoute;

    /// <inheritdoc/>
    public bool IsSame(IAppendRoute other) => other is SocketRoute route && hops.AsSpan().SequenceEqual(route.hops);

    /// <inheritdoc/>
    public async Task AppendAtAsync(ChunkAppend batch, long atBytes)
    {
        var header = request with
        {
            Op = FrameOp.AppendAt,
            Flags = batch.Durable ? FrameFlags.Token | FrameFlags.Durable : FrameFlags.Token,
            Offset = atBytes,
            DataLength = batch.Data.Length,
            DataCrc = batch.Crc,
        };
        await chain.PassOnAsync(header, token, hops, batch.Data);
    }
}
