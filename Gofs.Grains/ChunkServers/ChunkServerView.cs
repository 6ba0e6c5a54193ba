using Gofs.ChunkServers;
using Gofs.Cluster;
using Gofs.Grains.Control;
using Gofs.Internal;
using Orleans;

namespace Gofs.Grains.ChunkServers;

/// <summary>
/// This silo's view of the registry of chunk servers, for the chunk tables: at most a second old while somebody looks, so that
/// placing a chunk costs no call. A server whose silo the membership has as gone does not count as live, however fresh its heartbeat. A registry that
/// has just moved to another silo has heard only some of them since: what this view knew stays for the time a heartbeat counts.
/// </summary>
public sealed class ChunkServerView
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);
    private readonly IGrainFactory grains;
    private readonly Silos silos;
    private readonly TimeProvider time;
    private readonly OneForAll refresh;
    private readonly Lock gate = new();
    private readonly Dictionary<ServerId, (ChunkServerInfo Info, long At)> seen = [];
    private ChunkServerInfo[] known = [];
    private long refreshedAt;

    /// <summary>A view of the registry.</summary>
    public ChunkServerView(IGrainFactory grains, Silos silos, TimeProvider time, TaskScheduler pool)
    {
        (this.grains, this.silos, this.time) = (grains, silos, time);
        refresh = new(RefreshAsync, pool);
    }

    /// <summary>Whether the registry answered lately: what is not live in an older view may be so now.</summary>
    public bool IsFresh
    {
        get
        {
            lock (gate) return known.Length > 0 && time.GetElapsedTime(refreshedAt) < ChunkServerOptions.LiveTime;
        }
    }

    /// <summary>The chunk servers as they were when somebody looked last; none when that is long ago.</summary>
    public IReadOnlyList<ChunkServerInfo> Last => IsFresh ? Judged() : [];

    /// <summary>The chunk servers. Waits only while none is known to be live.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.Unavailable"/>: the registry does not answer.</exception>
    public async ValueTask<IReadOnlyList<ChunkServerInfo>> GetAsync(CancellationToken cancellation)
    {
        bool isKnown;
        lock (gate)
        {
            isKnown = Array.Exists(known, server => server.Live);
            if (isKnown && time.GetElapsedTime(refreshedAt) < Fresh) return Judged();
        }

        var running = refresh.RunAsync();
        if (!isKnown) await running.WaitAsync(cancellation);
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

    // A registry that has not heard a server since it started knows less of it than this view does.
    private bool CountsStill((ChunkServerInfo Info, long At) had, ChunkServerInfo now) =>
        had.Info.Live && now.Disks.Length == 0 && time.GetElapsedTime(had.At, refreshedAt) <= ChunkServerOptions.LiveTime;

    private ChunkServerInfo[] Judged()
    {
        var (servers, active) = (known, silos.ActiveNames(SiloRoles.Chunks));
        return Array.TrueForAll(servers, server => !server.Live || active.Contains(server.Server.Value))
            ? servers
            : [.. servers.Select(server => server with { Live = server.Live && active.Contains(server.Server.Value) })];
    }

    private async Task RefreshAsync()
    {
        var servers = await grains.GetGrain<IClusterGrain>(0).ListChunkServersAsync();
        lock (gate)
        {
            refreshedAt = time.GetTimestamp();
            foreach (var server in servers)
            {
                if (server.Live || !seen.TryGetValue(server.Server, out var had) || !CountsStill(had, server)) seen[server.Server] = (server, refreshedAt);
            }

            foreach (var (server, one) in seen)
            {
                if (time.GetElapsedTime(one.At, refreshedAt) > ChunkServerOptions.LiveTime) seen.Remove(server);
            }

            known = [.. seen.Values.Select(one => one.Info).OrderBy(info => info.Server.Value, StringComparer.Ordinal)];
        }
    }
}
