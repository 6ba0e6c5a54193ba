using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Files;
using Gofs.Namespaces;
using Gofs.Transport;

namespace Gofs.Internal;

/// <summary>
/// Writes a file behind its writer's back, under the file's writer lease. Bytes gather in a buffer that never crosses a chunk or a
/// transfer boundary; a full one is sent, when the next bytes come, to every replica of its chunk at once, with
/// <see cref="GofsClientOptions.TransfersInFlight"/> of them on the way. A chunk that is full is flushed while the next one fills. A flush waits for
/// all, makes the rest durable as the namespace wants it, then commits the length and the new chunks to the file grain: from then on readers see them. A chunk
/// that was written once since the last flush needs no flush of its own: its one write is durable. So a small file costs one write.
/// <para>When a party dies:</para>
/// <list type="bullet">
/// <item>This client: the lease ends, the file grain settles the file at the committed length; chunks nobody committed are collected.</item>
/// <item>A chunk server or its answer: the writes that were not acknowledged are sent again to the replicas that are left, under a new version
/// (<see cref="ReplicaDoctor"/> says which they are); where nobody is left, until the operation timeout. Then the file is at fault: every
/// further operation says why, and closing ends the lease at the length that was committed last.</item>
/// <item>A chunk server's machine, which comes back without what it had acknowledged and not flushed: its acknowledgements tell
/// (<see cref="UnflushedWrites"/>), and it is left out like one that is dead; where it was the last one, the file is at fault.</item>
/// <item>The file grain or its answer: every call to it may be repeated (the lease id is its op-id); a grain that started anew takes the lease
/// up again (<see cref="LeasedFile"/>).</item>
/// </list>
/// A chunk that is not committed within the lease time may be collected, so a writer that does not flush is flushed after a third
/// of it. Operations are ordered by a gate; the pipeline is used by one stream and its lease keeper.
/// </summary>
internal sealed partial class WritePipeline : IAsyncDisposable
{
    private const int MaxUncommittedChunks = 1024;
    private const int MostPlaced = 2 * MaxUncommittedChunks;

    private readonly ClientContext context;
    private readonly GofsPath path;
    private readonly WriterLease lease;
    private readonly LeasedFile leased;
    private readonly OpenedFile opened;
    private readonly bool atomic;
    private readonly LeaseKeeper keeper;
    private readonly ReplicaDoctor doctor;
    private readonly TransferWindow window;
    private readonly SemaphoreSlim gate = new(1, 1);

    /// <summary>Ends the transfers that an abandoned file has on the way.</summary>
    private readonly CancellationTokenSource stop = new();

    /// <summary>Chunks that may be written under this lease.</summary>
    private readonly WritableChunks writable;

    /// <summary>What servers have acknowledged and not flushed.</summary>
    private readonly UnflushedWrites unflushed = new();

    /// <summary>The replicas of these are being changed.</summary>
    private readonly Dictionary<int, Task> recovering = [];

    /// <summary>Chunks written since they were last flushed, by index.</summary>
    private readonly HashSet<int> dirty = [];

    /// <summary>Chunks that hold bytes but that the file grain has not been told of, by index.</summary>
    private readonly HashSet<int> uncommitted = [];

    private TransferBuffer? current;
    private long currentStart;
    private long length;
    private long sentLength;
    private long committedLength;
    private long uncommittedSince;
    private bool changed;
    private bool everChanged;
    private bool closed;

    public WritePipeline(ClientContext context, GofsPath path, IFileGrain file, OpenedFile opened, WriterLease lease, bool atomic)
    {
        this.context = context;
        this.path = path;
        this.opened = opened;
        this.lease = lease;
        this.atomic = atomic;
        doctor = new ReplicaDoctor(context.Transport, context.Suspects);
        writable = new WritableChunks(context.Time);
        window = new TransferWindow(context.Options.TransfersInFlight);
        length = sentLength = committedLength = lease.LengthBytes;
        if (lease.Tail is { } tail) writable.Place(tail);
        leased = new LeasedFile(context, path, file, lease, () => [.. writable.All.OrderByDescending(chunk => chunk.Index).Take(MostPlaced)]);
        keeper = new LeaseKeeper(context, path, leased, CommitOldChunksAsync);
    }

    /// <summary>Length with what was written and not flushed.</summary>
    public long LengthBytes => Volatile.Read(ref length);

    /// <summary>Whether a reader would not see everything yet.</summary>
    public bool HasUnflushed => changed;

    /// <summary>Whether a failure is why nothing can be written any more.</summary>
    public bool IsAtFault(GofsException failure) => ReferenceEquals(failure, window.Fault) || failure.Error == GofsError.LeaseExpired;

    /// <summary>How many bytes fit between a place and the next boundary.</summary>
    public int RoomAt(long position)
    {
        var inChunk = position % lease.ChunkSizeBytes;
        var transfer = context.Options.TransferBytes;
        return (int)Math.Min(transfer - (inChunk % transfer), lease.ChunkSizeBytes - inChunk);
    }

    /// <summary>Takes bytes to be written at a place. The memory is the caller's again when this returns.</summary>
    public async ValueTask WriteAsync(long position, ReadOnlyMemory<byte> data, CancellationToken cancellation)
    {
        await EnterAsync(cancellation);
        try
        {
            while (data.Length > 0)
            {
                if (current is null || currentStart + current.Length != position || current.Length == current.Capacity)
                {
                    await SendCurrentAsync(closing: false, cancellation);
                    current = TransferBuffer.Rent(context.Buffers, RoomAt(position));
                    currentStart = position;
                }

                var take = Math.Min(data.Length, current.Capacity - current.Length);
                data.Span[..take].CopyTo(current.Free.Span);
                current.Length += take;
                data = data[take..];
                position += take;
                Wrote(position);
            }
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>
    /// As <see cref="WriteAsync"/> without a copy: takes over a buffer whose bytes end at or before <see cref="RoomAt"/>'s
    /// boundary. Whatever happens, the buffer is the pipeline's.
    /// </summary>
    public async ValueTask WriteOwnedAsync(long position, TransferBuffer buffer, CancellationToken cancellation)
    {
        await EnterAsync(cancellation);
        try
        {
            await SendCurrentAsync(closing: false, cancellation);
            current = buffer;
            currentStart = position;
            Wrote(position + buffer.Length);
        }
        finally
        {
            gate.Release();
        }
    }

    private void Wrote(long end)
    {
        changed = true;
        if (end > length) Volatile.Write(ref length, end);
    }

    private async ValueTask EnterAsync(CancellationToken cancellation)
    {
        await gate.WaitAsync(cancellation);
        try
        {
            ObjectDisposedException.ThrowIf(closed, typeof(GofsFile));
            if (window.Fault is { } fault) throw fault;
            keeper.ThrowIfLost();
        }
        catch
        {
            gate.Release();
            throw;
        }
    }

    /// <summary>
    /// Begins to send what has gathered. When closing or flushing, a chunk not yet dirty is written durably and stays clean.
    /// After a cancellation the bytes are still there.
    /// </summary>
    private async ValueTask SendCurrentAsync(bool closing, CancellationToken cancellation)
    {
        if (current is null || current.Length == 0) return;
        var index = checked((int)(currentStart / lease.ChunkSizeBytes));
        var end = currentStart + current.Length;
        var chunk = writable.Find(index);
        if (chunk is null || writable.AgeOf(index) >= ClusterKey.TokenTime / 2) chunk = await PlaceAsync(index, cancellation);
        await EndFlushBehindAsync(index, cancellation);
        await window.MakeRoomAsync(currentStart, end, cancellation);
        var durability = opened.Config.Durability;
        var durable = durability == Durability.Write || (durability == Durability.Flush && closing && !dirty.Contains(index));
        if (durability == Durability.Flush && !durable) dirty.Add(index);
        if (uncommitted.Count == 0) uncommittedSince = context.Time.GetTimestamp();
        uncommitted.Add(index);
        var write = new ChunkWrite(
            chunk.Handle, chunk.Version, currentStart % lease.ChunkSizeBytes, current.Written,
            Crc32C.Compute(current.Written.Span), lease.ChunkSizeBytes, durable) { LeastLengthBytes = writable.LeastLengthOf(chunk.Handle) };
        window.Add(currentStart, end, SendAsync(chunk, write, current));
        sentLength = Math.Max(sentLength, end);
        current = null;
        await StartFlushBehindAsync(end, cancellation);
    }

    /// <summary>A chunk to write to. Waits, up to the operation timeout, for a server to have it (a silo has just started).</summary>
    private async Task<ChunkPlacement> PlaceAsync(int index, CancellationToken cancellation)
    {
        if (uncommitted.Count >= MaxUncommittedChunks || IsCommitDue) await CommitSentAsync(null, close: false, cancellation);
        var start = context.Time.GetTimestamp();
        for (var tries = 0; ; tries++)
        {
            var chunk = await leased.PlaceAsync((at, id, token) => at.PlaceChunkAsync(id, index, token), PlaceWritable, cancellation);
            if (chunk.Servers.Length > 0) return chunk;

            var delay = context.Retry.DelayAfter(tries);
            if (context.Time.GetElapsedTime(start) + delay >= context.Retry.OperationTimeout)
                throw new GofsException(GofsError.ChunkUnavailable, $"no chunk server has reported chunk {chunk.Handle}", path.ToString());
            await Task.Delay(delay, context.Time, cancellation);
        }
    }

    private void PlaceWritable(ChunkPlacement chunk)
    {
        if (chunk.Servers.Length > 0) writable.Place(chunk);
    }

    private bool IsCommitDue => uncommitted.Count > 0 && context.Time.GetElapsedTime(uncommittedSince) >= keeper.Third;
}
