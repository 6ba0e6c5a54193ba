using System.Globalization;
using Gofs.Chunks;

namespace Gofs.Tests.Cluster;

/// <summary>The files on the servers' disks, against what a namespace's chunk tables say is to be there.</summary>
internal sealed class ReplicaFiles(ClusterProcess cluster, GofsClient client, string name)
{
    private const int CountersAtOnce = 65_536;
    private const int HandlesAtOnce = 4096;

    /// <summary>
    /// What is on a disk and no replica that counts, with why it is still there, and what should be there and is not; empty when they agree. Whoever asks
    /// must know that all servers live and nobody writes.
    /// </summary>
    /// <param name="withDue">Whether that counts too which its table knows and takes away in some minutes: garbage, and replicas too many.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<IReadOnlyList<string>> DifferencesAsync(bool withDue, CancellationToken cancellation)
    {
        var info = (await client.ListNamespacesAsync(cancellation)).Single(one => one.Name == name);
        Dictionary<ChunkHandle, ChunkTableRow> rows = [];
        for (var shard = 0; shard < info.InitialConfig.ChunkTableShards; shard++)
        {
            var table = client.Grains.GetGrain<IChunkTableGrain>(ChunkTableKey.Of(info.Number, shard));
            for (var (after, isLast) = (0L, false); !isLast;)
            {
                var page = await table.ListAsync(after, CountersAtOnce, cancellation);
                foreach (var row in page.Rows) rows[row.Handle] = row;
                (after, isLast) = (page.Upto, page.IsLast);
            }
        }

        var found = Enumerable.Range(1, cluster.Silos).SelectMany(FilesOf).ToHashSet();
        var wanted = rows.Values.SelectMany(row => row.Servers.Select(server => (row.Handle, Server: server.Value))).ToHashSet();
        var surplus = found.Where(one => !wanted.Contains(one)).ToArray();
        var unreferred = await DescribeAsync(surplus.Select(one => one.Handle).Where(handle => !rows.ContainsKey(handle)), cancellation);
        return
        [
            .. rows.Values.Where(row => withDue ? row.Servers.Length != row.Goal : row.Servers.Length < row.Goal)
                .Select(row => $"{row.Handle} has {row.Servers.Length} replicas of {row.Goal}"),
            .. wanted.Except(found).Select(one => $"{one.Handle} is not on the disk of {one.Server}"),
            .. surplus.Where(one => withDue || !IsGarbage(unreferred.GetValueOrDefault(one.Handle)))
                .Select(one => unreferred.TryGetValue(one.Handle, out var row)
                ? string.Create(CultureInfo.InvariantCulture, $"{one.Handle} on {one.Server}: no file refers to it, to be collected at {row.CollectAt:O}")
                : $"{one.Handle} on {one.Server}: a replica that does not count"),
            .. Enumerable.Range(1, cluster.Silos).SelectMany(Strays),
        ];
    }

    private IEnumerable<(ChunkHandle Handle, string Server)> FilesOf(int silo) =>
        DiskReplica.Below(cluster.Folder(silo)).Select(replica => (replica.Handle, Masters.Text(silo)));

    private static bool IsGarbage(ChunkTableRow? row) => row is { IsReferred: false, WasGivenOut: true, CollectAt: not null };

    private IEnumerable<string> Strays(int silo) => Directory.GetFiles(cluster.Folder(silo), "*.copy", SearchOption.AllDirectories);

    private async Task<Dictionary<ChunkHandle, ChunkTableRow>> DescribeAsync(IEnumerable<ChunkHandle> handles, CancellationToken cancellation)
    {
        Dictionary<ChunkHandle, ChunkTableRow> all = [];
        foreach (var table in handles.Distinct().GroupBy(ChunkTableKey.Of))
        {
            foreach (var some in table.Chunk(HandlesAtOnce))
                foreach (var row in await client.Grains.GetGrain<IChunkTableGrain>(table.Key).DescribeAsync(some, cancellation)) all[row.Handle] = row;
        }

        return all;
    }
}
