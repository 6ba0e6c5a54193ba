using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Internal;

namespace Gofs.Grains.ChunkServers;

/// <summary>What a chunk server tells whoever checks it: how its replicas are, and which it has.</summary>
internal sealed partial class ChunkServerGrain
{
    private const int MostChecked = 256;
    private const int MostListed = 16_384;

    /// <inheritdoc/>
    public async Task<ReplicaState[]> CheckReplicasAsync(ReplicaQuery[] replicas, CancellationToken cancellation)
    {
        if (replicas.Length is < 1 or > MostChecked)
            throw new GofsException(GofsError.InvalidArgument, $"1 to {MostChecked} replicas are looked at together, not {replicas.Length}");
        var states = new ReplicaState[replicas.Length];
        var damages = store.GetBadChecksumBlocks().Select(one => one.Handle).Concat(scrubbed.GetDamagedReplicas().Select(one => one.Handle))
            .CountBy(handle => handle).ToDictionary();
        // One after the other: whoever reads and writes comes first.
        for (var i = 0; i < replicas.Length; i++) states[i] = await CheckAsync(replicas[i], damages.GetValueOrDefault(replicas[i].Handle), cancellation);
        return states;
    }

    /// <inheritdoc/>
    public async Task<ReplicaPage> ListReplicasAsync(int namespaceNumber, int shard, long after, int limit, CancellationToken cancellation)
    {
        if (limit is < 1 or > MostListed) throw new GofsException(GofsError.InvalidArgument, $"1 to {MostListed} replicas are listed at once, not {limit}");
        var page = await pool.RunAsync(
            () => store.GetAll(namespaceNumber, shard).Where(replica => replica.Handle.Counter > after).OrderBy(replica => replica.Handle.Counter)
                .Take(limit + 1).ToArray(),
            cancellation);
        return page.Length > limit ? new(page[..limit], IsLast: false) : new(page, IsLast: true);
    }

    private async Task<ReplicaState> CheckAsync(ReplicaQuery replica, int damages, CancellationToken cancellation)
    {
        try
        {
            return new(await store.CheckAsync(replica.Handle, replica.Version, cancellation), null, "") { Damages = damages };
        }
        catch (GofsException bad)
        {
            return new(0, bad.Error, bad.Detail);
        }
    }
}
