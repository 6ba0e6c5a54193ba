using Gofs.ChunkServers;
using Gofs.Cluster;
using Orleans;

namespace Gofs.Grains.ChunkServers;

/// <summary>
/// This silo's view of the registry of chunk servers, for the chunk tables: at most a second old while somebody looks, so that
/// placing a chunk costs no call.
/// </summary>
public sealed class ChunkServerView(IGrainFactory grains, TimeProvider time)
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
            if (known.Length > 0 && time.GetElapsedTime(refreshedAt) < Fresh) return known;
            refreshing ??= Task.Run(RefreshAsync, CancellationToken.None);
            running = refreshing;
            if (known.Length > 0) return known;
        }

        await running.WaitAsync(cancellation);
        return known;
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
