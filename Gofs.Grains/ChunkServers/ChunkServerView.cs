using Gofs.ChunkServers;
using Gofs.Cluster;
using Gofs.Grains.Control;
using Orleans;

namespace Gofs.Grains.ChunkServers;

/// <summary>
/// This silo's view of the registry of chunk servers, for the chunk tables: at most a second old while somebody looks, so that
/// placing a chunk costs no call. A server whose silo the membership has as gone does not count as live, however fresh its heartbeat.
/// </summary>
public sealed class ChunkServerView(IGrainFactory grains, Silos silos, TimeProvider time)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);
    private readonly Lock gate = new();
    private ChunkServerInfo[] known = [];
    private Task? refreshing;
    private long refreshedAt;

    /// <summary>The chunk servers. Waits only while none is known.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.Unavailable"/>: the registry does not answer.</exception>
    public async ValueTask<IReadOnlyList<ChunkServerInfo>> GetAsync(CancellationToken cancellation)
    {
        Task? running;
        lock (gate)
        {
            if (known.Length > 0 && time.GetElapsedTime(refreshedAt) < Fresh) return Judged();
            refreshing ??= Task.Run(RefreshAsync, CancellationToken.None);
            running = refreshing;
            if (known.Length > 0) return Judged();
        }

        await running.WaitAsync(cancellation);
        return Judged();
    }

    /// <summary>The servers of these whose silos are in the cluster now; all of them when none is (they may be coming back).</summary>
    public ServerId[] Present(ServerId[] servers)
    {
        var active = silos.ActiveNames(SiloRoles.Chunks);
        if (Array.TrueForAll(servers, server => active.Contains(server.Value))) return servers;
        ServerId[] present = [.. servers.Where(server => active.Contains(server.Value))];
        return present.Length == 0 ? servers : present;
    }

    private ChunkServerInfo[] Judged()
    {
        var (servers, active) = (known, silos.ActiveNames(SiloRoles.Chunks));
        return Array.TrueForAll(servers, server => !server.Live || active.Contains(server.Server.Value))
            ? servers
            : [.. servers.Select(server => server with { Live = server.Live && active.Contains(server.Server.Value) })];
    }

    private async Task RefreshAsync()
    {
        try
        {
            var servers = await grains.GetGrain<IClusterGrain>(0).ListChunkServersAsync();
            lock (gate)
            {
                known = servers;
                refreshedAt = time.GetTimestamp();
            }
        }
        finally
        {
            lock (gate) refreshing = null;
        }
    }
}
