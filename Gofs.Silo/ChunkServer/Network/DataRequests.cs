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
internal sealed class DataRequests(
    IChunkStore store, IRecordAppends appends, ClusterKey key, ServerChain chain, TimeProvider time, DataMetrics? metrics = null,
    ClientUse? clients = null)
{
    private const int MostWords = 1000;
    private readonly EachWrite eachWrite = new(store, key, chain, time);

    /// <summary>Serves a request to its end. Never fails: a failure is an answer.</summary>
    public async Task ServeAsync(DataRequest request)
    {
        var (op, isFree, isClients) = (request.Header.Op, true, false);
        var began = metrics is null && clients is null ? 0 : time.GetTimestamp();
        try
        {
            Authorize(request, op switch
            {
                FrameOp.Read => ChunkRights.Read,
                FrameOp.Ping => ChunkRights.None,
                _ => ChunkRights.Write,
            });
            isClients = op != FrameOp.Ping && !request.Token.Rights.HasFlag(ChunkRights.Copy);
            if (isClients) clients?.Note();
            else if (op != FrameOp.Ping) clients?.NoteCopy();
            // Of a write that fails from here on the data may still be being written or sent: they are left to the collector.
            isFree = op is not (FrameOp.Write or FrameOp.WriteEach or FrameOp.AppendAt);
            await RunAsync(request);
            isFree = true;
        }
        catch (Exception failure)
        {
            Refuse(request, failure);
        }
        finally
        {
            if (isFree && request.Data.Length > 0) LargeBuffers.Shared.Return(request.Data);
            var took = time.GetElapsedTime(began);
            metrics?.OnAnswered(op, request.Header.DataLength, took);
            var isRead = op == FrameOp.Read;
            if (isClients) clients?.OnAnswered(isWrite: !isRead, isRead ? request.Header.Amount : request.Header.DataLength, took);
        }
    }

    private ValueTask RunAsync(DataRequest request) => request.Header.Op switch
    {
        FrameOp.Read => ReadAsync(request),
        FrameOp.Write => WriteAsync(request),
        FrameOp.Flush => FlushAsync(request),
        FrameOp.Ping => Ping(request),
        FrameOp.Append => AppendAsync(request),
        FrameOp.AppendAt => AppendAtAsync(request),
        FrameOp.WriteEach => WriteEachAsync(request),
        var other => throw new GofsException(GofsError.InvalidArgument, $"there is no operation {(int)other} on the data port"),
    };

    private static void Count(DataMetrics measured, GofsException?[] outcomes)
    {
        foreach (var refused in outcomes)
        {
            if (refused is not null) measured.OnRefused(FrameOp.WriteEach, refused.Error);
        }
    }

    private void Authorize(DataRequest request, ChunkRights rights)
    {
        if (!key.Allows(request.Token, request.Header.Handle, request.Header.Version, rights, time.GetUtcNow()))
            throw new GofsException(GofsError.TokenRefused, $"the token does not allow to {rights}, or no more");
    }

    // What is in memory is read where the request was received: handing it to another thread would cost more.
    private ValueTask ReadAsync(DataRequest request)
    {
        var header = request.Header;
        if (header.Amount is < 1 or > FrameHeader.MostDataBytes)
            throw new GofsException(GofsError.InvalidArgument, $"a read has 1 to {FrameHeader.MostDataBytes} bytes, not {header.Amount}");
        var data = LargeBuffers.Shared.Rent(header.Amount);
        if (!store.TryReadCached(header.Handle, header.Version, header.Offset, data.AsSpan(0, header.Amount), out var read)) return ReadAsync(request, data);
        AnswerRead(request, data, read);
        return ValueTask.CompletedTask;
    }

    private async ValueTask ReadAsync(DataRequest request, byte[] data)
    {
        var header = request.Header;
        ChunkRead read;
        try
        {
            read = await store.ReadAsync(header.Handle, header.Version, header.Offset, data.AsMemory(0, header.Amount), CancellationToken.None);
        }
        catch
        {
            LargeBuffers.Shared.Return(data);
            throw;
        }

        AnswerRead(request, data, read);
    }

    private void AnswerRead(DataRequest request, byte[] data, ChunkRead read)
    {
        metrics?.OnSent(request.Header.Op, read.Count);
        var answer = Answer(request.Header) with { DataLength = read.Count, DataCrc = read.Crc };
        request.Answers.Send(new(answer, default, [], data.AsMemory(0, read.Count), new SentData(data, request.Room)));
    }

    private async ValueTask WriteAsync(DataRequest request)
    {
        var header = request.Header;
        CheckHasBytes(header);
        var passed = chain.PassOnAsync(header, request.Token, request.Hops, request.Data);
        var written = store.WriteAsync(
            header.Handle, header.Version, header.Offset, request.Data.AsMemory(0, header.DataLength), header.DataCrc, header.Amount, header.IsDurable,
            header.LeastLength, CancellationToken.None);
        Acknowledge(request, await BothAsync(written.AsTask(), passed));
    }

    private async ValueTask WriteEachAsync(DataRequest request)
    {
        var (marks, outcomes) = await eachWrite.WriteAsync(request);
        if (metrics is not null) Count(metrics, outcomes);
        var said = LargeBuffers.Shared.Rent(ChunkOutcomes.MostBytes(outcomes.Length));
        var length = ChunkOutcomes.Format(said, outcomes);
        var answer = Answer(request.Header) with { Offset = marks.Value, DataLength = length, DataCrc = Crc32C.Compute(said.AsSpan(0, length)) };
        request.Answers.Send(new(answer, default, [], said.AsMemory(0, length), new SentData(said, request.Room)));
    }

    private async ValueTask AppendAsync(DataRequest request)
    {
        var header = request.Header;
        CheckHasBytes(header);
        var record = new ChunkAppend(
            header.Handle, header.Version, request.Data.AsMemory(0, header.DataLength), header.DataCrc, header.Amount, header.IsDurable);
        Acknowledge(request, await appends.AppendAsync(record, new SocketRoute(chain, header, request.Token, request.Hops)));
    }

    private async ValueTask AppendAtAsync(DataRequest request)
    {
        CheckHasBytes(request.Header);
        await chain.AppendAsync(store, request.Header, request.Token, request.Hops, request.Data);
        Acknowledge(request, offset: 0);
    }

    private static ValueTask Ping(DataRequest request)
    {
        Acknowledge(request, offset: 0);
        return ValueTask.CompletedTask;
    }

    private async ValueTask FlushAsync(DataRequest request)
    {
        var passed = chain.PassOnAsync(request.Header, request.Token, request.Hops, request.Data);
        var flushed = store.FlushAsync(request.Header.Handle, request.Header.Version, request.Header.LeastLength, CancellationToken.None);
        Acknowledge(request, await BothAsync(flushed.AsTask(), passed));
    }

    private static void CheckHasBytes(FrameHeader header)
    {
        if (header.DataLength == 0) throw new GofsException(GofsError.InvalidArgument, "a write has a byte or more");
    }

    /// <summary>The chain's failure is told rather than this server's own: whoever asked knows how to ask this server again.</summary>
    private static async Task<long> BothAsync(Task<byte> here, Task<LossMarks> there)
    {
        await Task.WhenAll(here, there).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var behind = await there;
        return new LossMarks(await here, behind).Value;
    }

    private static FrameHeader Answer(FrameHeader request) =>
        new() { Op = request.Op, Flags = FrameFlags.Answer, RequestId = request.RequestId, Handle = request.Handle, Version = request.Version };

    private static void Acknowledge(DataRequest request, long offset)
    {
        request.Answers.Send(new(Answer(request.Header) with { Offset = offset }, default, [], default, new Sent(request.Room)));
    }

    private void Refuse(DataRequest request, Exception failure)
    {
        var (error, said) = failure is GofsException known
            ? (known.Error, known.Detail)
            : (GofsError.Internal, $"{failure.GetType().Name}: {failure.Message}");
        metrics?.OnRefused(request.Header.Op, error);
        var words = Encoding.UTF8.GetBytes(said.Length > MostWords ? said[..MostWords] : said);
        var answer = Answer(request.Header) with
        {
            Status = 1 + (int)error,
            FailedHop = failure.Data[DataConnection.FailedHopKey] as int? ?? 0,
            DataLength = words.Length,
            DataCrc = Crc32C.Compute(words),
        };
        request.Answers.Send(new(answer, default, [], words, new Sent(request.Room)));
    }

    private sealed class Sent(SemaphoreSlim room) : IDisposable
    {
        public void Dispose() => room.Release();
    }

    private sealed class SentData(byte[] data, SemaphoreSlim room) : IDisposable
    {
        public void Dispose()
        {
            LargeBuffers.Shared.Return(data);
            room.Release();
        }
    }
}
