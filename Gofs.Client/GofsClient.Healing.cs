using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Cluster;
using Orleans.Runtime;

namespace Gofs;

/// <summary>How the replicas of chunks are.</summary>
public sealed partial class GofsClient
{
    private static readonly TimeSpan HealingPatience = TimeSpan.FromSeconds(5);

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
        context.Retry.RunAsync("", (context.Cluster, server, mark, until),
            static (at, token) => at.Cluster.SetServerMarkAsync(at.server, at.mark, at.until, token), cancellation);

    /// <summary>Forgets a chunk server that is gone for good: nobody waits for it any more.</summary>
    /// <exception cref="GofsException">
    /// <see cref="GofsError.InvalidArgument"/>: the cluster knows no such server;
    /// <see cref="GofsError.NotPermitted"/>: it is neither dead nor drained and stopped.
    /// </exception>
    public Task RemoveChunkServerAsync(ServerId server, CancellationToken cancellation = default) =>
        context.Retry.RunAsync("", (context.Cluster, server), static (at, token) => at.Cluster.RemoveChunkServerAsync(at.server, token), cancellation);

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
