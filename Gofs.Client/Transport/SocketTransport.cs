using System.Net;
using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Internal;

namespace Gofs.Transport;

/// <summary>
/// Bytes over the chunk servers' data ports; over grains where a server has none or it can't be reached. Each call is one attempt and ends by its
/// time, as <see cref="IChunkTransport"/> promises. A connection that broke is another attempt's to make anew.
/// </summary>
internal sealed class SocketTransport(
    DataConnections connections, DataAddresses addresses, IChunkTransport otherwise, TimeSpan timeout, TimeSpan readTimeout, LocalReplicas? here = null)
    : IChunkTransport, IDisposable
{
    public async Task<LossMarks> WriteAsync(ServerId[] servers, ChunkWrite write, ChunkToken token, CancellationToken cancellation)
    {
        if (await FindAsync(servers, write.Data.Length, cancellation) is not var (connection, hops))
            return await otherwise.WriteAsync(servers, write, token, cancellation);

        var request = Request(FrameOp.Write, write.Handle, write.Version) with
        {
            Flags = write.Durable ? FrameFlags.Token | FrameFlags.Durable : FrameFlags.Token,
            Offset = write.OffsetBytes,
            DataLength = write.Data.Length,
            DataCrc = write.Crc,
            Amount = checked((int)write.ChunkSizeBytes),
            LeastLength = checked((int)write.LeastLengthBytes),
        };
        var watch = new NextServer(connections, connection.Server, write.Handle, write.Version, token);
        return (await CallAsync(connection, request, token, hops, write.Data, default, timeout, watch, cancellation)).Marks;
    }

    public async Task<GofsException?[]> WriteEachAsync(ServerId[] servers, AllowedWrite[] writes, CancellationToken cancellation)
    {
        var bytes = ChunkWrites.BytesOf(writes);
        if (writes.Length is < 1 or > ChunkWrites.MostChunks || bytes > FrameHeader.MostDataBytes)
            throw new ArgumentOutOfRangeException(nameof(writes), $"{writes.Length} chunks of {bytes} bytes in all do not go together");
        if (await FindAsync(servers, (int)bytes, cancellation) is not var (connection, hops))
            return await otherwise.WriteEachAsync(servers, writes, cancellation);

        var data = LargeBuffers.Shared.Rent((int)bytes);
        var said = LargeBuffers.Shared.Rent(ChunkOutcomes.MostBytes(writes.Length));
        ChunkWrites.Format(data, writes);
        var (handle, version, token) = writes[0].Chunk;
        var request = Request(FrameOp.WriteEach, handle, version) with
        {
            Flags = writes[0].Write.Durable ? FrameFlags.Token | FrameFlags.Durable : FrameFlags.Token,
            DataLength = (int)bytes,
            DataCrc = Crc32C.Compute(data.AsSpan(0, (int)bytes)),
            Amount = writes.Length,
        };
        var watch = new NextServer(connections, connection.Server, handle, version, token);
        var room = said.AsMemory(0, ChunkOutcomes.MostBytes(writes.Length));
        var answer = await CallAsync(connection, request, token, hops, data.AsMemory(0, (int)bytes), room, timeout, watch, cancellation);
        var outcomes = ChunkOutcomes.Parse(room.Span[..answer.DataBytes], writes);
        // When it fails the bytes may still be on their way: both are left to the collector.
        LargeBuffers.Shared.Return(data);
        LargeBuffers.Shared.Return(said);
        return outcomes;
    }

    public async Task<long> AppendAsync(ServerId[] servers, ChunkAppend append, ChunkToken token, CancellationToken cancellation)
    {
        if (await FindAsync(servers, append.Data.Length, cancellation) is not var (connection, hops))
            return await otherwise.AppendAsync(servers, append, token, cancellation);

        var request = Request(FrameOp.Append, append.Handle, append.Version) with
        {
            Flags = append.Durable ? FrameFlags.Token | FrameFlags.Durable : FrameFlags.Token,
            DataLength = append.Data.Length,
            DataCrc = append.Crc,
            Amount = checked((int)append.ChunkSizeBytes),
        };
        var watch = new NextServer(connections, connection.Server, append.Handle, append.Version, token);
        return (await CallAsync(connection, request, token, hops, append.Data, default, timeout, watch, cancellation)).Offset;
    }

    public async Task<int> ReadAsync(
        ServerId server, ChunkAccess chunk, long offsetBytes, Memory<byte> destination, ISlowCall? slow, CancellationToken cancellation)
    {
        if (await FindAsync(server, destination.Length, isRead: true, cancellation) is not { } connection)
            return await otherwise.ReadAsync(server, chunk, offsetBytes, destination, slow, cancellation);
        if (connection.IsLocal) here?.OnAsked(server, connection.Server, chunk);
        var request = Request(FrameOp.Read, chunk.Handle, chunk.Version) with { Offset = offsetBytes, Amount = destination.Length };
        return (await CallAsync(connection, request, chunk.Token, [], default, destination, readTimeout, slow, cancellation)).DataBytes;
    }

    public bool TryReadHere(ServerId server, in ChunkAccess chunk, long offsetBytes, Span<byte> destination, out int count)
    {
        count = 0;
        return here is not null && here.TryRead(server, chunk, offsetBytes, destination, out count);
    }

    public async Task<LossMarks> FlushAsync(ServerId[] servers, ChunkAccess chunk, CancellationToken cancellation)
    {
        if (await FindAsync(servers, 0, cancellation) is not var (connection, hops))
            return await otherwise.FlushAsync(servers, chunk, cancellation);

        var watch = new NextServer(connections, connection.Server, chunk.Handle, chunk.Version, chunk.Token);
        var request = Request(FrameOp.Flush, chunk.Handle, chunk.Version) with { LeastLength = checked((int)chunk.LeastLengthBytes) };
        return (await CallAsync(connection, request, chunk.Token, hops, default, default, timeout, watch, cancellation)).Marks;
    }

    public async Task<bool> IsAliveAsync(ServerId server, ChunkAccess chunk, CancellationToken cancellation)
    {
        if (await addresses.FindAsync(server, cancellation) is not { } address) return await otherwise.IsAliveAsync(server, chunk, cancellation);
        return await connections.IsAliveAsync(address, chunk.Handle, chunk.Version, chunk.Token, NextServer.Patience, cancellation)
            || (!connections.WasReached(address) && await otherwise.IsAliveAsync(server, chunk, cancellation));
    }

    public void Dispose()
    {
        here?.Dispose();
        connections.Dispose();
    }

    private static FrameHeader Request(FrameOp op, ChunkHandle handle, ChunkVersion version) =>
        new() { Op = op, Flags = FrameFlags.Token, Handle = handle, Version = version };

    // Null: it has no data port, or one this client has never reached. One that was reached and is not any more is gone.
    private async ValueTask<DataConnection?> FindAsync(ServerId server, int bytes, bool isRead, CancellationToken cancellation)
    {
        if (await addresses.FindAsync(server, cancellation) is not { } address) return null;
        var connection = await (isRead ? connections.FindForReadAsync(address, bytes, cancellation) : connections.FindAsync(address, bytes, cancellation));
        if (connection is not null) return connection;
        addresses.Doubt();
        return connections.WasReached(address)
            ? throw new GofsException(GofsError.Unavailable, "the chunk server can't be reached any more", server.ToString())
            : null;
    }

    // The first server is asked, and sends on to the next, which sends on ... (GFS 3.2: the bytes go along a chain).
    private async ValueTask<(DataConnection First, IPEndPoint[] Hops)?> FindAsync(ServerId[] servers, int bytes, CancellationToken cancellation)
    {
        var hops = servers.Length > 1 ? new IPEndPoint[servers.Length - 1] : [];
        for (var i = 1; i < servers.Length; i++)
        {
            if (await addresses.FindAsync(servers[i], cancellation) is not { } address) return null;
            hops[i - 1] = address;
        }

        return servers.Length > 0 && await FindAsync(servers[0], bytes, isRead: false, cancellation) is { } first ? (first, hops) : null;
    }

    private async ValueTask<FrameAnswer> CallAsync(
        DataConnection connection, FrameHeader request, ChunkToken token, IPEndPoint[] hops, ReadOnlyMemory<byte> data, Memory<byte> destination,
        TimeSpan limit, ISlowCall? slow, CancellationToken cancellation)
    {
        try
        {
            return await connection.CallAsync(request, token, hops, data, destination, limit, slow, cancellation);
        }
        catch (GofsException) when (!connection.IsOpen)
        {
            addresses.Doubt();
            throw;
        }
    }
}
