using System.Collections.Concurrent;
using System.Net;
using Gofs.Chunks;
using Gofs.Grains.ChunkServers;
using Gofs.Transport;

namespace Gofs.Silo.ChunkServer.Network;

/// <summary>
/// Record append at the primary (GFS §3.3): clients send records, this server chooses their places, one after the other at the chunk's end, and answers
/// where each landed when every replica has it.
/// <para>
/// Records that come while others are being written wait and then go together, up to 1 MiB of them, as one append with one sync on each
/// replica. So there is one append of a chunk on the way at a time, and each server of the chain takes it only where its replica
/// ends (<see cref="FrameOp.AppendAt"/>): every replica is a beginning of the longest, and all have all that was acknowledged. Nothing
/// is remembered between appends: where the chunk ends is asked of the store.
/// </para>
/// <para>
/// Who dies. A secondary: the append fails, with which server it was; the client asks the file grain, which gives the survivors a new version and cuts
/// them to the shortest (what was acknowledged is on all of them), and appends again. This server: the same, without it. A former primary that
/// was cut off: its secondaries have a newer version and refuse, so it can acknowledge nothing. A client: its record is there or not. Whoever tries
/// again may have the record there twice; readers know it by its id (docs/formats.md).
/// </para>
/// </summary>
internal sealed class RecordAppends(IChunkStore store, ServerChain chain)
{
    /// <summary>Records that may wait for one chunk; more are refused as <see cref="GofsError.Busy"/>.</summary>
    public const int MostWaiting = 4096;

    private readonly ConcurrentDictionary<(ChunkHandle, ChunkVersion), Waiting> chunks = new();

    /// <summary>Appends a request's data; answers where in the chunk they are. The data are the caller's again when this has ended.</summary>
    /// <exception cref="GofsException">
    /// <see cref="GofsError.ChunkFull"/>: they do not fit any more. <see cref="GofsError.ReplicasDiffer"/>, or whatever a server of the chain says: the
    /// record may be on some replicas. <see cref="GofsError.Busy"/>, <see cref="GofsError.Corrupt"/>, <see cref="GofsError.InvalidArgument"/>: it is on none.
    /// </exception>
    public Task<long> AppendAsync(DataRequest request)
    {
        var header = request.Header;
        if (Crc32C.Compute(request.Data.AsSpan(0, header.DataLength)) != header.DataCrc)
            throw new GofsException(GofsError.Corrupt, "the record that arrived does not match its CRC", header.Handle.ToString());
        var record = new Record(request);
        while (true)
        {
            var waiting = chunks.GetOrAdd((header.Handle, header.Version), static (_, first) => new(first.Request.Hops), record);
            switch (waiting.Add(record))
            {
                case Added.Closed:
                    continue;
                case Added.First:
                    _ = Task.Run(() => RunAsync(waiting, (header.Handle, header.Version)));
                    break;
            }

            return record.Landed.Task;
        }
    }

    private async Task RunAsync(Waiting waiting, (ChunkHandle, ChunkVersion) chunk)
    {
        var batch = new List<Record>();
        while (waiting.Take(batch))
        {
            try
            {
                await AppendAsync(batch);
            }
            catch (Exception failure)
            {
                // Nobody awaits this: whoever waits for a record is told.
                foreach (var record in batch) record.Landed.TrySetException(failure);
            }
        }

        chunks.TryRemove(chunk, out _);
    }

    private async Task AppendAsync(List<Record> batch)
    {
        var first = batch[0].Request;
        var at = await EndOfAsync(first.Header);
        RefuseTooLong(batch, first.Header.Amount - at);
        if (batch.Count == 0) return;
        var header = first.Header with { Op = FrameOp.AppendAt, Flags = FrameFlags.Token, Offset = at, DataLength = 0, DataCrc = 0 };
        var data = LargeBuffers.Shared.Rent(batch.Sum(record => record.Bytes));
        foreach (var record in batch)
        {
            record.Request.Data.AsSpan(0, record.Bytes).CopyTo(data.AsSpan(header.DataLength));
            header = header with
            {
                Flags = header.Flags | (record.Request.Header.Flags & FrameFlags.Durable),
                DataLength = header.DataLength + record.Bytes,
                DataCrc = Crc32C.Combine(header.DataCrc, record.Request.Header.DataCrc, record.Bytes),
            };
        }

        // When it fails the bytes may still be on their way somewhere: they are left to the collector.
        await chain.AppendAsync(store, header, first.Token, first.Hops, data);
        LargeBuffers.Shared.Return(data);
        foreach (var record in batch)
        {
            record.Landed.SetResult(at);
            at += record.Bytes;
        }
    }

    private static void RefuseTooLong(List<Record> batch, long room)
    {
        var left = room;
        batch.RemoveAll(record =>
        {
            if (record.Bytes <= left)
            {
                left -= record.Bytes;
                return false;
            }

            record.Landed.SetException(
                new GofsException(GofsError.ChunkFull, $"the chunk has {room} bytes left", record.Request.Header.Handle.ToString()));
            return true;
        });
    }

    private async Task<long> EndOfAsync(FrameHeader header)
    {
        try
        {
            return await store.GetLengthAsync(header.Handle, header.Version, CancellationToken.None);
        }
        catch (GofsException missing) when (missing.Error == GofsError.ChunkNotFound && header.Version == ChunkVersion.First)
        {
            return 0;
        }
    }

    private enum Added
    {
        First,
        Behind,
        Closed,
    }

    private sealed class Record(DataRequest request)
    {
        public DataRequest Request => request;

        public int Bytes => Request.Header.DataLength;

        public TaskCompletionSource<long> Landed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>The records that wait for one chunk under one version, and so for one chain.</summary>
    private sealed class Waiting(IPEndPoint[] hops)
    {
        private readonly Lock gate = new();
        private readonly Queue<Record> records = new();
        private bool isRunning;
        private bool isClosed;

        public Added Add(Record record)
        {
            if (!record.Request.Hops.AsSpan().SequenceEqual(hops))
                throw new GofsException(GofsError.InvalidArgument, "the chunk has another chain under this version", record.Request.Header.Handle.ToString());
            lock (gate)
            {
                if (isClosed) return Added.Closed;
                if (records.Count >= MostWaiting)
                    throw new GofsException(GofsError.Busy, $"{MostWaiting} records wait already", record.Request.Header.Handle.ToString());
                records.Enqueue(record);
                (var wasRunning, isRunning) = (isRunning, true);
                return wasRunning ? Added.Behind : Added.First;
            }
        }

        /// <summary>Takes what goes next; nothing, and it is closed, when none waits.</summary>
        public bool Take(List<Record> batch)
        {
            batch.Clear();
            lock (gate)
            {
                var bytes = 0;
                while (records.TryPeek(out var record) && (batch.Count == 0 || bytes + record.Bytes <= FrameHeader.MostDataBytes))
                {
                    bytes += record.Bytes;
                    batch.Add(records.Dequeue());
                }

                isClosed = batch.Count == 0;
                return !isClosed;
            }
        }
    }
}
