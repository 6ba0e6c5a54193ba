using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Grains.Control;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Gofs.Grains.Chunks;

/// <summary>How a chunk table gets rid of replicas that no file refers to.</summary>
internal sealed partial class ChunkTableGrain
{
    private const int MostLeft = 100_000;
    private const int LeftAtOnce = 64;
    private readonly LeftReplicas left = new(MostLeft);

    private async Task CollectAsync(CancellationToken cancellation)
    {
        if (collecting) return;
        collecting = true;
        try
        {
            await DeleteReplicasAsync(unconfirmed.TakeReleased(DeletesAtOnce), cancellation);
            if (unconfirmed.Expired(time.GetUtcNow(), DeletesAtOnce) is { Length: > 0 } expired) await CollectAsync(expired, cancellation);
        }
        finally
        {
            collecting = false;
        }
    }

    // Nothing is deleted for ever on this table's word alone: a file may refer to the chunk whose confirmation has not arrived.
    private async Task CollectAsync(CollectableChunk[] expired, CancellationToken cancellation)
    {
        ChunkHandle[] garbage = [];
        try
        {
            var (name, _) = await settings.GetAsync(namespaceNumber, cancellation);
            garbage = await GrainFactory.GetGrain<INamespaceControlGrain>(name).WhichAreGarbageAsync(expired, cancellation);
        }
        catch (Exception silent) when (silent is GofsException or TimeoutException or OrleansException)
        {
            LogNotCollected(logger, expired.Length, silent);
        }

        unconfirmed.Defer(expired.Select(one => one.Chunk), time.GetUtcNow());
        // Confirmed while the namespace was asked: it is the file's now.
        garbage = [.. garbage.Where(handle => unconfirmed.Contains(handle) && !State.TryGet(handle, out _))];
        foreach (var handle in garbage)
        {
            unconfirmed.Forget(handle);
            offers.Forget(handle);
            replicas.Forget(handle);
        }

        var moved = garbage.Where(handle => State.VersionOf(handle) != ChunkVersion.First).ToArray();
        if (moved.Length > 0) Raise(new ChunksReleased(moved));
        await DeleteReplicasAsync(garbage, cancellation);
    }

    private async Task DeleteReplicasAsync(ChunkHandle[] handles, CancellationToken cancellation)
    {
        if (handles.Length == 0) return;
        await DurableAsync(cancellation);
        var byServer = handles
            .Where(handle => !State.TryGet(handle, out _))
            .SelectMany(handle => replicas.Of(handle).Union(left.Of(handle)).Select(server => (server, handle)))
            .GroupBy(one => one.server, one => one.handle);
        foreach (var group in byServer) await DeleteAsync(group.Key, [.. group], cancellation);
    }

    private async Task DeleteAsync(ServerId server, ChunkHandle[] handles, CancellationToken cancellation)
    {
        try
        {
            await GrainFactory.GetGrain<IChunkServerGrain>(server.Value).DeleteAsync(handles, cancellation);
            foreach (var handle in handles)
            {
                replicas.Remove(handle, server);
                left.Forget(handle, server);
            }
        }
        catch (Exception refused) when (refused is GofsException or TimeoutException or OrleansException)
        {
            LogNotDeleted(logger, handles.Length, server, refused);
            foreach (var handle in handles) unconfirmed.Release(handle);
        }
    }

    // While nobody else offers versions of the chunk: the server can't get a replica that counts meanwhile.
    private async Task DeleteLeftAsync(CancellationToken cancellation)
    {
        if (collecting) return;
        collecting = true;
        try
        {
            var active = (await servers.GetAsync(cancellation)).Where(one => one.Live).Select(one => one.Server).ToHashSet();
            var due = left.Due(LeftAtOnce, time.GetUtcNow(), (handle, server, isOld) =>
                active.Contains(server) && !IsOffered(handle) && CanDoWithout(handle, server) && (isOld || HasEnough(handle, active)));
            await Task.WhenAll(due.Select(one => AloneAsync(one.Handle, async () =>
            {
                if (CanDoWithout(one.Handle, one.Server)) await DeleteLeftAsync(one.Handle, one.Server, cancellation);
                return true;
            })));
        }
        finally
        {
            collecting = false;
        }
    }

    private bool CanDoWithout(ChunkHandle handle, ServerId server) =>
        Array.IndexOf(replicas.Of(handle), server) < 0 && (replicas.Of(handle).Length > 0 || IsNoMore(handle));

    private bool HasEnough(ChunkHandle handle, HashSet<ServerId> live) =>
        !State.TryGet(handle, out var row) || LeftReplicas.AreEnough(replicas.Of(handle).Count(live.Contains), row.Goal, servers.Last.Count);

    private HashSet<ServerId> LiveServers() => [.. servers.Last.Where(one => one.Live).Select(one => one.Server)];

    /// <inheritdoc/>
    public Task<ServerId[]> GetLeftAsync(ChunkHandle handle, CancellationToken cancellation)
    {
        Check(handle);
        return Task.FromResult(left.Of(handle).ToArray());
    }

    private bool IsNoMore(ChunkHandle handle) => !State.TryGet(handle, out _) && !unconfirmed.Contains(handle);

    private async Task DeleteLeftAsync(ChunkHandle handle, ServerId server, CancellationToken cancellation)
    {
        try
        {
            var grain = GrainFactory.GetGrain<IChunkServerGrain>(server.Value);
            // A server that hears of it late may have been given a replica that counts meanwhile.
            var below = left.Below(handle, server, State.VersionOf(handle));
            // What counts for a former owner may be above what counts.
            await OwnedAsync(cancellation);
            if (!CanDoWithout(handle, server)) return;
            var deleting = IsNoMore(handle) ? grain.DeleteAsync([handle], cancellation) : grain.DeleteOlderAsync(handle, below, cancellation);
            await deleting.WaitAsync(ServerPatience, time, cancellation);
            left.Forget(handle, server);
        }
        catch (Exception refused) when (refused is GofsException or TimeoutException or OrleansException)
        {
            // It is asked again.
            LogNotDeleted(logger, 1, server, refused);
        }
    }

    [LoggerMessage(2104, LogLevel.Warning, "{Count} chunks stay for now: the namespace could not be asked whether they are garbage")]
    private static partial void LogNotCollected(ILogger logger, int count, Exception silent);

    [LoggerMessage(2103, LogLevel.Warning, "{Count} chunks to be collected stay on chunk server {Server} for now")]
    private static partial void LogNotDeleted(ILogger logger, int count, ServerId server, Exception refused);
}
