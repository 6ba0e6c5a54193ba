using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Cluster;

namespace Gofs.Web.Live;

/// <summary>
/// Looks through the SDK. How chunks and drains are is asked of every chunk table, which costs more and may take longer when a silo has just died: so it is
/// asked beside the looks, now and then, and a look has what was answered last.
/// </summary>
internal sealed class ClusterSource(GofsClient client, TimeProvider time) : IClusterSource
{
    /// <summary>A master that takes longer is said not to answer; the others are shown.</summary>
    private static readonly TimeSpan MasterLimit = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan HealingEvery = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan DrainsEvery = TimeSpan.FromSeconds(10);

    private Known<HealingStatus?> healing = new(null, default);
    private Known<IReadOnlyDictionary<ServerId, ServerReplicas>> drains = new(new Dictionary<ServerId, ServerReplicas>(), default);
    private int asking;

    /// <inheritdoc/>
    public async Task<ClusterView> LookAsync(CancellationToken cancellation)
    {
        var (servers, silos, spaces) =
            (client.ListChunkServersAsync(cancellation), client.ListSilosAsync(cancellation), client.ListNamespacesAsync(cancellation));
        await Task.WhenAll(servers, silos, spaces);
        _ = AskTablesAsync(await spaces, await servers);
        var views = await Task.WhenAll((await spaces).Select(space => LookAtAsync(space, cancellation)));
        return new(time.GetUtcNow(), await servers, await silos, views)
        {
            Healing = Volatile.Read(ref healing).Value,
            Drains = Volatile.Read(ref drains).Value,
        };
    }

    // Nobody awaits it: what it fails to hear is asked again with a later look, and what is shown stays.
    private async Task AskTablesAsync(NamespaceInfo[] spaces, ChunkServerInfo[] servers)
    {
        if (Interlocked.Exchange(ref asking, 1) != 0) return;
        try
        {
            var now = time.GetUtcNow();
            if (now - healing.At >= HealingEvery || IsTroubled(healing.Value, servers))
            {
                var all = new HealingStatus();
                foreach (var space in spaces) all = all.With(await client.GetHealingAsync(space.Name));
                Volatile.Write(ref healing, new(all, now));
            }

            if (now - drains.At < DrainsEvery) return;
            Dictionary<ServerId, ServerReplicas> found = [];
            foreach (var server in servers.Where(one => one.Mark == ServerMark.Drain))
                found[server.Server] = await client.GetServerReplicasAsync(server.Server);
            Volatile.Write(ref drains, new(found, now));
        }
        catch (GofsException)
        {
            // See above: a namespace was removed meanwhile, or no silo answers, which the look itself says.
        }
        finally
        {
            Volatile.Write(ref asking, 0);
        }
    }

    // Then something is done about it, which is watched closely: copying a few chunks may take less than the time between two askings.
    private static bool IsTroubled(HealingStatus? last, ChunkServerInfo[] servers) =>
        servers.Any(server => !server.Live) || last is { UnderGoal: > 0 } or { Endangered: > 0 };

    private async Task<NamespaceView> LookAtAsync(NamespaceInfo space, CancellationToken cancellation)
    {
        using var patience = new CancellationTokenSource(MasterLimit, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation);
        try
        {
            return new(space, await client.Namespace(space.Name).GetStatusAsync(both.Token), null);
        }
        catch (GofsException failed)
        {
            return new(space, null, failed.Detail);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new(space, null, $"it has been silent for {MasterLimit.TotalSeconds:0} s");
        }
    }

    private sealed record Known<T>(T Value, DateTimeOffset At);
}
