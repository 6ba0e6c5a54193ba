using System.Buffers;
using System.Collections.Concurrent;
using Gofs.Chunks;
using Gofs.Transport;

namespace Gofs.Grains.ChunkServers;

/// <summary>
/// Record append at the primary (GFS §3.3): clients send records, this server chooses their places, one after the other at the chunk's end, and answers
/// where each landed when every replica has it.
/// <para>
/// Records that come while others are being written wait and then go together, up to 1 MiB of them, as one append with one sync on each
/// replica. Records that came over the data port and over grains stand in one line, and go apart, each their own way
/// (<see cref="IAppendRoute"/>). So there is one append of a chunk on the way at a time, and each server takes it only where its replica
/// ends: every replica is a beginning of the longest, and all have all that was acknowledged. Where the chunk ends is asked of the
/// store before each.
/// </para>
/// <para>
/// When an append has failed its bytes may be on some replicas and not on others, or still be on their way; other bytes at their place would make replicas
/// of one length that differ. So it is the last under its version, and a primary that has started again appends under no version it had before: in
/// its former life one may have failed. Under the next version the replicas are made equal, and what is late is refused.
/// </para>
/// <para>
/// Who dies. A secondary: the append fails, with which server it was; the client asks the file grain, which gives the survivors a new version and cuts
/// them to the shortest (what was acknowledged is on all of them), and appends again. This server: the same, without it. A former primary that
/// was cut off: its secondaries have a newer version and refuse, so it can acknowledge nothing. A client: its record is there or not. Whoever tries
/// again may have the record there twice; readers know it by its id (docs/formats.md).
/// </para>
/// </summary>
internal sealed class RecordAppends(IChunkStore store, ArrayPool<byte> buffers, TaskScheduler scheduler) : IRecordAppends
{
    /// <summary>Records that may wait for one chunk; more are refused as <see cref="GofsError.Busy"/>.</summary>
    public const int MostWaiting = 4096;

    /// <summary>Their bytes; more are refused as <see cref="GofsError.Busy"/>.</summary>
    public const long MostWaitingBytes = 256 << 20;

    private readonly ConcurrentDictionary<(ChunkHandle, ChunkVersion), Waiting> chunks = new();

    /// <inheritdoc/>
    public Task<long> AppendAsync(ChunkAppend record, IAppendRoute route)
    {
        if (Crc32C.Compute(record.Data.Span) != record.Crc)
            throw new GofsException(GofsError.Corrupt, "the record that arrived does not match its CRC", record.Handle.ToString());
        var chunk = (record.Handle, record.Version);
        var added = new Record(record, route);
        while (true)
        {
            var waiting = chunks.GetOrAdd(chunk, static _ => new());
            switch (waiting.Add(added))
            {
                case Added.Closed:
                    continue;
                case Added.First:
                    _ = Task.Factory.StartNew(() => RunAsync(waiting, chunk), CancellationToken.None, TaskCreationOptions.DenyChildAttach, scheduler);
                    break;
            }

            return added.Landed.Task;
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
        var (first, route) = (batch[0].Append, batch[0].Route);
        // It was made before anybody was sent here: a primary that has it no more must not begin it anew behind the others' backs.
        var at = await store.BeginAppendAsync(first.Handle, first.Version, CancellationToken.None);
        RefuseTooLong(batch, first.ChunkSizeBytes - at);
        if (batch.Count == 0) return;
        var (length, crc, durable) = (0, 0u, false);
        var data = buffers.Rent(batch.Sum(static record => record.Bytes));
        foreach (var record in batch)
        {
            record.Append.Data.CopyTo(data.AsMemory(length));
            crc = Crc32C.Combine(crc, record.Append.Crc, record.Bytes);
            (length, durable) = (length + record.Bytes, durable | record.Append.Durable);
        }

        await AppendAtAsync(first with { Data = data.AsMemory(0, length), Crc = crc, Durable = durable }, at, route);
        // Had it failed the bytes might still be on their way somewhere: they would be left to the collector.
        buffers.Return(data);
        foreach (var record in batch)
        {
            record.Landed.SetResult(at);
            at += record.Bytes;
        }
    }

    private async Task AppendAtAsync(ChunkAppend whole, long at, IAppendRoute route)
    {
        var behind = route.AppendAtAsync(whole, at);
        var here = store.AppendAsync(
            whole.Handle, whole.Version, at, whole.Data, whole.Crc, whole.ChunkSizeBytes, whole.Durable, CancellationToken.None).AsTask();
        await Task.WhenAll(here, behind).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        if (!behind.IsCompletedSuccessfully || !here.IsCompletedSuccessfully) store.EndAppends(whole.Handle, whole.Version);
        await behind;
        await here;
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
                new GofsException(GofsError.ChunkFull, $"the chunk has {room} bytes left", record.Append.Handle.ToString()));
            return true;
        });
    }

    private enum Added
    {
        First,
        Behind,
        Closed,
    }

    private sealed class Record(ChunkAppend append, IAppendRoute route)
    {
        public ChunkAppend Append => append;

        public IAppendRoute Route => route;

        public int Bytes => append.Data.Length;

        public TaskCompletionSource<long> Landed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>The records that wait for one chunk under one version, and so for one chain.</summary>
    private sealed class Waiting
    {
        private readonly Lock gate = new();
        private readonly Queue<Record> records = new();
        private readonly List<IAppendRoute> routes = [];
        private long waitingBytes;
        private bool isRunning;
        private bool isClosed;

        public Added Add(Record record)
        {
            lock (gate)
            {
                if (isClosed) return Added.Closed;
                if (records.Count >= MostWaiting || waitingBytes + record.Bytes > MostWaitingBytes)
                    throw new GofsException(GofsError.Busy, $"{records.Count} records wait already", record.Append.Handle.ToString());
                RequireSame(record);
                records.Enqueue(record);
                waitingBytes += record.Bytes;
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
                while (records.TryPeek(out var record)
                    && (batch.Count == 0 || (bytes + record.Bytes <= FrameHeader.MostDataBytes && record.Route.IsAlike(batch[0].Route))))
                {
                    bytes += record.Bytes;
                    batch.Add(records.Dequeue());
                }

                waitingBytes -= bytes;
                isClosed = batch.Count == 0;
                return !isClosed;
            }
        }

        // One chain of each kind: which the first record of that kind says.
        private void RequireSame(Record record)
        {
            foreach (var known in routes)
            {
                if (!known.IsAlike(record.Route)) continue;
                if (known.IsSame(record.Route)) return;
                throw new GofsException(GofsError.InvalidArgument, "the chunk has another chain under this version", record.Append.Handle.ToString());
            }

            routes.Add(record.Route);
        }
    }
}
