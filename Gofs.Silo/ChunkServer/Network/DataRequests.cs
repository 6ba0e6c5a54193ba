using System.Buffers;
using System.Net;
using System.Text;
using Gofs.Grains.ChunkServers;
using Gofs.Transport;

namespace Gofs.Silo.ChunkServer.Network;

/// <summary>A request with all that came with it. The data buffer is this request's.</summary>
internal sealed record DataRequest(
    FrameHeader Header, ChunkToken Token, IPEndPoint[] Hops, byte[] Data, FrameSender Answers, SemaphoreSlim Room);

/// <summary>
/// What is done for a request of the data port: its token is checked, then the chunk store does it here while the rest of the chain does it there
/// (GFS §3.2); it is answered when both have ended, so an answer speaks for every replica.
/// </summary>
internal sealed class DataRequests(IChunkStore store, ClusterKey key, DataConnections next, TimeProvider time)
{
    private const int MostWords = 1000;
    private static readonly TimeSpan ShortestLimit = TimeSpan.FromMilliseconds(100);

    /// <summary>Serves a request to its end. Never fails: a failure is an answer.</summary>
    public async Task ServeAsync(DataRequest request)
    {
        var (op, isFree) = (request.Header.Op, true);
        try
        {
            Authorize(request, op switch
            {
                FrameOp.Read => ChunkRights.Read,
                FrameOp.Ping => ChunkRights.None,
                _ => ChunkRights.Write,
            });
            // Of a write that fails from here on the data may still be being written or sent: they are left to the collector.
            isFree = op != FrameOp.Write;
            await RunAsync(request);
            isFree = true;
        }
        catch (Exception failure)
        {
            Refuse(request, failure);
            request.Room.Release();
        }
        finally
        {
            if (isFree && request.Data.Length > 0) ArrayPool<byte>.Shared.Return(request.Data);
        }
    }

    private ValueTask RunAsync(DataRequest request) => request.Header.Op switch
    {
        FrameOp.Read => ReadAsync(request),
        FrameOp.Write => WriteAsync(request),
        FrameOp.Flush => FlushAsync(request),
        FrameOp.Ping => Ping(request),
        var other => throw new GofsException(GofsError.InvalidArgument, $"there is no operation {(int)other} on the data port"),
    };

    private void Authorize(DataRequest request, ChunkRights rights)
    {
        if (!key.Allows(request.Token, request.Header.Handle, request.Header.Version, rights, time.GetUtcNow()))
            throw new GofsException(GofsError.TokenRefused, $"the token does not allow to {rights}, or no more");
    }

    private async ValueTask ReadAsync(DataRequest request)
    {
        var header = request.Header;
        if (header.Amount is < 1 or > FrameHeader.MostDataBytes)
            throw new GofsException(GofsError.InvalidArgument, $"a read has 1 to {FrameHeader.MostDataBytes} bytes, not {header.Amount}");
        var data = ArrayPool<byte>.Shared.Rent(header.Amount);
        ChunkRead read;
        try
        {
            read = await store.ReadAsync(header.Handle, header.Version, header.Offset, data.AsMemory(0, header.Amount), CancellationToken.None);
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(data);
            throw;
        }

        var answer = Answer(header) with { DataLength = read.Count, DataCrc = read.Crc };
        request.Answers.Send(new(answer, default, [], data.AsMemory(0, read.Count), new SentRead(data, request.Room)));
    }

    private async ValueTask WriteAsync(DataRequest request)
    {
        var header = request.Header;
        if (header.DataLength == 0) throw new GofsException(GofsError.InvalidArgument, "a write has a byte or more");
        var passed = PassOnAsync(request);
        var durable = (header.Flags & FrameFlags.Durable) != 0;
        var written = store.WriteAsync(
            header.Handle, header.Version, header.Offset, request.Data.AsMemory(0, header.DataLength), header.DataCrc, header.Amount, durable,
            CancellationToken.None);
        Acknowledge(request, await BothAsync(written.AsTask(), passed));
    }

    private static ValueTask Ping(DataRequest request)
    {
        Acknowledge(request, default);
        return ValueTask.CompletedTask;
    }

    private async ValueTask FlushAsync(DataRequest request)
    {
        var passed = PassOnAsync(request);
        var flushed = store.FlushAsync(request.Header.Handle, request.Header.Version, CancellationToken.None);
        Acknowledge(request, await BothAsync(flushed.AsTask(), passed));
    }

    /// <summary>The chain's failure is told rather than this server's own: whoever asked knows how to ask this server again.</summary>
    private static async Task<LossMarks> BothAsync(Task<byte> here, Task<LossMarks> there)
    {
        await Task.WhenAll(here, there).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var behind = await there;
        return new(await here, behind);
    }

    private async Task<LossMarks> PassOnAsync(DataRequest request)
    {
        if (request.Hops.Length == 0) return default;
        var header = request.Header;
        var limit = TimeSpan.FromMilliseconds(header.LimitMilliseconds) * 0.9;
        if (limit < ShortestLimit) limit = ShortestLimit;
        try
        {
            var connection = await next.FindAsync(request.Hops[0], header.DataLength, CancellationToken.None)
                ?? throw new GofsException(GofsError.Unavailable, "the next chunk server of the chain can't be reached", request.Hops[0].ToString());
            var watch = new NextServer(next, request.Hops[0], header.Handle, header.Version, request.Token);
            var answer = await connection.CallAsync(
                header, request.Token, request.Hops[1..], request.Data.AsMemory(0, header.DataLength), default, limit, watch, CancellationToken.None);
            return answer.Marks;
        }
        catch (GofsException failure)
        {
            var further = failure.Data[DataConnection.FailedHopKey] as int? ?? 0;
            throw new GofsException(failure.Error, failure.Detail, failure.Path, failure) { Data = { [DataConnection.FailedHopKey] = 1 + further } };
        }
    }

    private static FrameHeader Answer(FrameHeader request) =>
        new() { Op = request.Op, Flags = FrameFlags.Answer, RequestId = request.RequestId, Handle = request.Handle, Version = request.Version };

    private static void Acknowledge(DataRequest request, LossMarks marks)
    {
        request.Answers.Send(new(Answer(request.Header) with { Offset = marks.Value }, default, [], default));
        request.Room.Release();
    }

    private static void Refuse(DataRequest request, Exception failure)
    {
        var (error, said) = failure is GofsException known
            ? (known.Error, known.Detail)
            : (GofsError.Internal, $"{failure.GetType().Name}: {failure.Message}");
        var words = Encoding.UTF8.GetBytes(said.Length > MostWords ? said[..MostWords] : said);
        var answer = Answer(request.Header) with
        {
            Status = 1 + (int)error,
            FailedHop = failure.Data[DataConnection.FailedHopKey] as int? ?? 0,
            DataLength = words.Length,
            DataCrc = Crc32C.Compute(words),
        };
        request.Answers.Send(new(answer, default, [], words));
    }

    private sealed class SentRead(byte[] data, SemaphoreSlim room) : IDisposable
    {
        public void Dispose()
        {
            ArrayPool<byte>.Shared.Return(data);
            room.Release();
        }
    }
}
