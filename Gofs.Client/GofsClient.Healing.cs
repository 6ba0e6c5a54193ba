using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Cluster;
using Orleans.Runtime;

namespace Gofs;

/// <summary>How the replicas of chunks are.</summary>
public sealed partial class GofsClient
{
    private const int TablesAtOnce = 64;
    private static readonly TimeSpan HealingPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan CensusPatience = TimeSpan.FromSeconds(20);

    /// <summary>
    /// How the chunks of a namespace are, against how many replicas they are to have, and what is done about it: the sum over its chunk tables. A table that
    /// does not answer within five seconds is counted as not ready.
    /// </summary>
    /// <param name="name">The namespace.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="GofsException"><see cref="GofsError.NamespaceNotFound"/>.</exception>
    public async Task<HealingStatus> GetHealingAsync(string name, CancellationToken cancellation = default)
    {
        var info = await context.Retry.RunAsync(
            name, (context.Cluster, name), static (at, token) => at.Cluster.FindNamespaceAsync(at.name, token), cancellation)
            ?? throw new GofsException(GofsError.NamespaceNotFound, "no such namespace", name);
        return await GetHealingAsync(info, cancellation);
    }

    /// <summary>
    /// Marks a chunk server, or takes its mark away (<see cref="ServerMark.None"/>). Drained, it takes no new chunks, and what it has is made again elsewhere
    /// while it serves on. In maintenance, what it has counts although it is silent.
    /// </summary>
    /// <param name="server">Which.</param>
    /// <param name="mark">The mark.</param>
    /// <param name="until">When maintenance ends.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="GofsException"><see cref="GofsError.InvalidArgument"/>: the cluster knows no such server, or the mark makes no sense.</exception>
    public Task MarkChunkServerAsync(ServerId server, ServerMark mark, DateTimeOffset? until = null, CancellationToken cancellation = default) =>
        context.Caller.AsksAsync(() => context.Retry.RunAsync("", (context.Cluster, server, mark, until),
            static (at, token) => at.Cluster.SetServerMarkAsync(at.server, at.mark, at.until, token), cancellation));

    /// <summary>
    /// What a chunk server holds, of all namespaces, and of that what other servers lack: how far its drain is, and whether it can be stopped and removed. A
    /// chunk table that does not answer within some seconds is counted as not ready. Every chunk is looked at: to be asked every few seconds at most.
    /// </summary>
    public async Task<ServerReplicas> GetServerReplicasAsync(ServerId server, CancellationToken cancellation = default)
    {
        var all = new ServerReplicas();
        var tables = (await ListNamespacesAsync(cancellation))
            .SelectMany(one => Enumerable.Range(0, one.InitialConfig.ChunkTableShards).Select(shard => ChunkTableKey.Of(one.Number, shard)));
        foreach (var some in tables.Chunk(TablesAtOnce))
        {
            foreach (var one in await Task.WhenAll(some.Select(table => GetServerReplicasAsync(table, server, cancellation)))) all = all.With(one);
        }

        return all;
    }

    /// <summary>Forgets a chunk server that is gone for good: nobody waits for it any more.</summary>
    /// <param name="server">Which.</param>
    /// <param name="force">Whether it is forgotten although chunks have fewer replicas than wanted without it, or that is not known.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="GofsException">
    /// <see cref="GofsError.InvalidArgument"/>: the cluster knows no such server;
    /// <see cref="GofsError.NotPermitted"/>: it is neither dead nor drained and stopped, or chunks need what it has.
    /// </exception>
    public Task RemoveChunkServerAsync(ServerId server, bool force = false, CancellationToken cancellation = default) =>
        context.Caller.AsksAsync(() => context.Retry.RunAsync(
            "", (context.Cluster, server, force), static (at, token) => at.Cluster.ForgetChunkServerAsync(at.server, at.force, token), cancellation));

    private async Task<ServerReplicas> GetServerReplicasAsync(string table, ServerId server, CancellationToken cancellation)
    {
        try
        {
            return await context.Grains.GetGrain<IChunkTableGrain>(table).GetServerReplicasAsync(server, cancellation)
                .WaitAsync(CensusPatience, context.Time, cancellation);
        }
        catch (Exception silent) when (silent is GofsException or TimeoutException or OrleansException)
        {
            // That it says nothing is part of the answer.
            return new() { TablesNotReady = 1, TablesPlacingThere = 1 };
        }
    }

    private async Task<HealingStatus> GetHealingAsync(NamespaceInfo info, CancellationToken cancellation)
    {
        var tables = Enumerable.Range(0, info.InitialConfig.ChunkTableShards).Select(shard => GetHealingAsync(info, shard, cancellation));
        return (await Task.WhenAll(tables)).Aggregate(new HealingStatus(), (all, one) => all.With(one));
    }

    private async Task<HealingStatus> GetHealingAsync(NamespaceInfo info, int shard, CancellationToken cancellation)
    {
        try
        {
            return await context.Grains.GetGrain<IChunkTableGrain>(ChunkTableKey.Of(info.Number, shard)).GetHealingAsync(cancellation)
                .WaitAsync(HealingPatience, context.Time, cancellation);
        }
        catch (Exception silent) when (silent is GofsException or TimeoutException or OrleansException)
        {
            // That it says nothing is part of the answer.
            return new() { TablesNotReady = 1 };
        }
    }
}
