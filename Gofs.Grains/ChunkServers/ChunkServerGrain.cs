using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Cluster;
using Gofs.Grains.Control;
using Gofs.Grains.Placement;
using Gofs.Internal;
using Gofs.Transport;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Concurrency;
using Orleans.Placement;
using Orleans.Runtime;

namespace Gofs.Grains.ChunkServers;

/// <summary>
/// The disks of this silo. What: hands reads and writes to the chunk store (which does them off this grain's turn), says once a second
/// how it is (heartbeat) and tells the chunk tables what it has: all of it when it starts, then what changes. Why pinned: the bytes are here.
/// <para>
/// Who dies. This silo: its replicas are not served until it is back, when it reports everything anew. A chunk table: what it
/// was to be told waits here, and when it starts it asks for a full report (<see cref="ReportToAsync"/>). The cluster grain:
/// the next heartbeat finds its new activation. The server of a good replica: a bad checksum block waits for another one. Tables are told beside the
/// heartbeats, so that one that hangs makes no server look dead.
/// </para>
/// </summary>
[PinToSiloName, Reentrant, KeepAlive, Immovable]
internal sealed partial class ChunkServerGrain(
    IChunkStore store, IScrubbedReplicas scrubbed, Scrubber scrubber, ReplicaCopies copies, IRecordAppends appends, ClientUse clients,
    IGrainFactory grains, ILocalSiloDetails silo, IOptions<ChunkServerOptions> options,
    TimeProvider time, TaskScheduler pool, ILogger<ChunkServerGrain> logger)
    : Grain, IChunkServerGrain, IChunkCopyGrain
{
    private const int DeletesAtOnce = 1000;
    private const int MostBehind = 8;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ReportPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AppendPatience = TimeSpan.FromSeconds(20);
    private readonly ServerCalls behindCalls = new(grains, time, AppendPatience);
    private readonly PendingReports pending = new();
    private readonly Dictionary<(int Namespace, int Shard), Task> telling = [];
    private readonly DateTimeOffset startedAt = time.GetUtcNow();
    private ServerId id;
    private bool beating;

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellation)
    {
        id = new(this.GetPrimaryKeyString());
        if (silo.Name != id.Value)
            throw new GofsException(GofsError.ChunkServerNotFound, $"this is chunk server {silo.Name}", id.Value);
        pending.AddAll(store.GetAll());
        var every = options.Value.HeartbeatEvery;
        this.RegisterGrainTimer(BeatAsync, new GrainTimerCreationOptions(TimeSpan.Zero, every) { Interleave = true });
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task WriteAsync(ChunkWrite write, CancellationToken cancellation) => WriteMarkedAsync(write, cancellation);

    /// <inheritdoc/>
    public Task<byte> WriteMarkedAsync(ChunkWrite write, CancellationToken cancellation)
    {
        CheckLength(write);
        clients.Note();
        return store.WriteAsync(
            write.Handle, write.Version, write.OffsetBytes, write.Data, write.Crc, write.ChunkSizeBytes, write.Durable,
            write.LeastLengthBytes, cancellation).AsTask();
    }

    /// <inheritdoc/>
    public async Task<ChunkData> ReadAsync(ChunkHandle handle, ChunkVersion version, long offsetBytes, int lengthBytes, CancellationToken cancellation)
    {
        if (lengthBytes is < 1 or > IChunkServerGrain.MaxTransferBytes)
            throw new GofsException(GofsError.InvalidArgument, $"a read has 1 to {IChunkServerGrain.MaxTransferBytes} bytes, not {lengthBytes}");
        clients.Note();
        var data = GC.AllocateUninitializedArray<byte>(lengthBytes);
        var read = await store.ReadAsync(handle, version, offsetBytes, data, cancellation);
        return new(data.AsMemory(0, read.Count), read.Crc);
    }

    /// <inheritdoc/>
    public Task FlushAsync(ChunkHandle handle, ChunkVersion version, CancellationToken cancellation) =>
        FlushMarkedAsync(handle, version, cancellation);

    /// <inheritdoc/>
    public Task<byte> FlushMarkedAsync(ChunkHandle handle, ChunkVersion version, CancellationToken cancellation) =>
        FlushAtLeastAsync(handle, version, leastLengthBytes: 0, cancellation);

    /// <inheritdoc/>
    public Task<byte> FlushAtLeastAsync(ChunkHandle handle, ChunkVersion version, long leastLengthBytes, CancellationToken cancellation) =>
        store.FlushAsync(handle, version, leastLengthBytes, cancellation).AsTask();

    /// <inheritdoc/>
    public Task TruncateAsync(ChunkHandle handle, ChunkVersion version, long lengthBytes, CancellationToken cancellation) =>
        store.TruncateAsync(handle, version, lengthBytes, cancellation).AsTask();

    /// <inheritdoc/>
    public Task CreateAsync(ChunkHandle handle, long chunkSizeBytes, CancellationToken cancellation) =>
        store.CreateAsync(handle, chunkSizeBytes, cancellation).AsTask();

    /// <inheritdoc/>
    public Task<long> GetLengthAsync(ChunkHandle handle, ChunkVersion version, CancellationToken cancellation) =>
        store.GetLengthAsync(handle, version, cancellation).AsTask();

    /// <inheritdoc/>
    public Task SetVersionAsync(ChunkHandle handle, ChunkVersion version, CancellationToken cancellation) =>
        store.SetVersionAsync(handle, version, counts: null, cancellation).AsTask();

    /// <inheritdoc/>
    public Task OfferVersionAsync(ChunkHandle handle, ChunkVersion version, ChunkVersion counts, CancellationToken cancellation) =>
        store.SetVersionAsync(handle, version, counts, cancellation).AsTask();

    /// <inheritdoc/>
    public Task DeleteAsync(ChunkHandle[] handles, CancellationToken cancellation) => store.DeleteAsync(handles, cancellation).AsTask();

    /// <inheritdoc/>
    public Task DeleteOlderAsync(ChunkHandle handle, ChunkVersion than, CancellationToken cancellation) =>
        store.DeleteOlderAsync(handle, than, cancellation).AsTask();

    /// <inheritdoc/>
    public async Task ReportToAsync(int namespaceNumber, int shard, CancellationToken cancellation)
    {
        var table = (namespaceNumber, shard);
        IReadOnlyList<ReplicaReport>? all = null;
        pending.Hold(table);
        try
        {
            all = await pool.RunAsync(() => store.GetAll(namespaceNumber, shard), cancellation);
        }
        finally
        {
            pending.Release(table, all);
        }

        await TellAllAsync(table).WaitAsync(cancellation);
    }

    /// <inheritdoc/>
    public Task<ChunkData> EchoAsync(ChunkData data, int answerBytes, CancellationToken cancellation)
    {
        if (answerBytes is < 0 or > IChunkServerGrain.MaxTransferBytes)
            throw new GofsException(GofsError.InvalidArgument, $"an answer has 0 to {IChunkServerGrain.MaxTransferBytes} bytes, not {answerBytes}");
        return Task.FromResult(new ChunkData(new byte[answerBytes], 0));
    }

    /// <inheritdoc/>
    public Task<long> AppendAsync(ChunkWrite record, ServerId[] behind, CancellationToken cancellation)
    {
        CheckLength(record);
        if (behind.Length > MostBehind || behind.Contains(id))
            throw new GofsException(GofsError.InvalidArgument, $"a chain has this server once, and at most {MostBehind} behind it");
        clients.Note();
        var append = new ChunkAppend(record.Handle, record.Version, record.Data, record.Crc, record.ChunkSizeBytes, record.Durable);
        return appends.AppendAsync(append, new GrainRoute(behindCalls, behind)).WaitAsync(cancellation);
    }

    /// <inheritdoc/>
    public Task AppendAtAsync(ChunkWrite write, CancellationToken cancellation)
    {
        CheckLength(write);
        return store.AppendAsync(
            write.Handle, write.Version, write.OffsetBytes, write.Data, write.Crc, write.ChunkSizeBytes, write.Durable, cancellation).AsTask();
    }

    /// <inheritdoc/>
    public Task<Heartbeat> GetStatusAsync(CancellationToken cancellation) => Task.FromResult(Status());

    private static void CheckLength(ChunkWrite write)
    {
        if (write.Data.Length is 0 or > IChunkServerGrain.MaxTransferBytes)
            throw new GofsException(GofsError.InvalidArgument, $"a write has 1 to {IChunkServerGrain.MaxTransferBytes} bytes, not {write.Data.Length}");
    }

    private Heartbeat Status() => new(id, options.Value.Labels, [.. store.GetDisks()], startedAt)
    {
        DataAddress = options.Value.DataAddress,
        Scrub = ScrubStatus(),
        Traffic = options.Value.Traffic?.Invoke(),
    };

    private async Task BeatAsync(CancellationToken cancellation)
    {
        if (beating) return;
        beating = true;
        try
        {
            var answer = await GrainFactory.GetGrain<IClusterGrain>(0).HeartbeatAsync(Status(), cancellation).WaitAsync(Patience, time, cancellation);
            pending.Add(store.TakeChanges());
            await DeleteRemovedAsync(answer, cancellation);
            // Nobody waits for them: a table that does not answer keeps neither the next heartbeat nor another table's report.
            foreach (var table in pending.Tables) _ = ReportAsync(table, answer);
            _ = checksumTurns.RunAsync(store.GetBadChecksumBlocks(), RepairAsync);
            _ = replicaTurns.RunAsync(scrubbed.GetDamagedReplicas(), SettleAsync);
            copies.DropUnused();
        }
        catch (Exception failed) when (failed is GofsException or TimeoutException or OrleansException)
        {
            LogBeatFailed(logger, failed);
        }
        finally
        {
            beating = false;
        }
    }

    private async Task DeleteRemovedAsync(HeartbeatAnswer answer, CancellationToken cancellation)
    {
        foreach (var number in answer.RemovedNumbers)
        {
            pending.Forget(number);
            for (var shard = 0; shard <= 0xFF; shard++)
            {
                foreach (var some in store.GetAll(number, shard).Select(replica => replica.Handle).Chunk(DeletesAtOnce))
                    await store.DeleteAsync(some, cancellation);
            }
        }
    }

    private async Task ReportAsync((int Namespace, int Shard) table, HeartbeatAnswer answer)
    {
        // A namespace the cluster has never heard of is no reason to delete anything: somebody restored an old store.
        if (Array.IndexOf(answer.NamespaceNumbers, table.Namespace) < 0 || telling.ContainsKey(table)) return;
        try
        {
            await TellAllAsync(table);
        }
        catch (Exception failed)
        {
            // Nobody awaits this: what is not said here is lost.
            LogReportFailed(logger, table.Namespace, table.Shard, failed);
        }
    }

    /// <summary>One at a time for each table, so that a table hears of each chunk in the order in which things happened.</summary>
    private Task TellAllAsync((int Namespace, int Shard) table)
    {
        if (telling.TryGetValue(table, out var running)) return running;
        var told = TellPartsAsync(table);
        if (!told.IsCompleted) telling[table] = told;
        return told;
    }

    private async Task TellPartsAsync((int Namespace, int Shard) table)
    {
        ChunkReport? part = null;
        try
        {
            while ((part = pending.Take(table, id)) is not null)
            {
                var lacksADisk = store.GetDisks().Any(disk => disk.Fault is not null);
                await TellAsync(table, part with { LacksADisk = lacksADisk }).WaitAsync(ReportPatience, time);
            }
        }
        catch
        {
            if (part is not null) pending.GiveBack(table, part);
            throw;
        }
        finally
        {
            telling.Remove(table);
        }
    }

    private async Task TellAsync((int Namespace, int Shard) table, ChunkReport part)
    {
        var grain = GrainFactory.GetGrain<IChunkTableGrain>(ChunkTableKey.Of(table.Namespace, table.Shard));
        var delete = await grain.ReportAsync(part, CancellationToken.None);
        if (delete.Length == 0) return;
        var stale = delete.ToHashSet();
        foreach (var (handle, version, _) in part.Present)
        {
            // It may have taken a newer version since it told: then it is not what the table calls stale.
            if (stale.Contains(handle)) await store.DeleteOlderAsync(handle, version.Next, CancellationToken.None);
        }
    }

    [LoggerMessage(2202, LogLevel.Warning, "A report to chunk table {Namespace}/{Shard} did not arrive; it is sent again")]
    private static partial void LogReportFailed(ILogger logger, int @namespace, int shard, Exception failed);

    [LoggerMessage(2201, LogLevel.Warning, "A heartbeat did not arrive; the next follows")]
    private static partial void LogBeatFailed(ILogger logger, Exception failed);
}
