using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Cluster;
using Gofs.Grains.Control;
using Gofs.Namespaces;
using Orleans;
using Orleans.Runtime;

namespace Gofs.Grains.Maintenance.Fsck;

/// <summary>
/// What a check asks of others, in bounded pieces. A chunk table or a master that does not answer is asked again for a while: without it nothing can be
/// said. A chunk server that does not is itself something to say.
/// </summary>
internal sealed class FsckAsk(IGrainFactory grains, TimeProvider time, NamespaceInfo info)
{
    private const int Tries = 6;
    private const int MostReplicas = 128;
    private static readonly TimeSpan TableWithin = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan ServerWithin = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(2);

    /// <summary>The part of a chunk table behind a counter.</summary>
    public Task<ChunkTablePage> ListAsync(int shard, long after, int limit, CancellationToken cancellation) =>
        AgainAsync(() => Table(shard).ListAsync(after, limit, cancellation), cancellation);

    /// <summary>What the tables know of chunks.</summary>
    public async Task<Dictionary<ChunkHandle, ChunkTableRow>> DescribeAsync(IEnumerable<ChunkHandle> handles, CancellationToken cancellation)
    {
        var asked = handles.Distinct().GroupBy(handle => handle.Shard).Select(group => (group.Key, Handles: group.ToArray()));
        var answers = await Task.WhenAll(asked.Select(one =>
            AgainAsync(() => Table(one.Key).DescribeAsync(one.Handles, cancellation), cancellation)));
        return answers.SelectMany(rows => rows).ToDictionary(row => row.Handle);
    }

    /// <summary>How each replica of these rows is, in the order of their servers; null for those of servers that do not answer.</summary>
    public async Task<Dictionary<ChunkHandle, ReplicaState?[]>> CheckAsync(IEnumerable<ChunkTableRow> rows, CancellationToken cancellation)
    {
        var states = rows.ToDictionary(row => row.Handle, row => new ReplicaState?[row.Servers.Length]);
        var byServer = rows.SelectMany(row => row.Servers.Select((server, place) => (server, row, place))).GroupBy(one => one.server);
        await Task.WhenAll(byServer.Select(async group =>
        {
            foreach (var some in group.Chunk(MostReplicas))
            {
                ReplicaQuery[] queries = [.. some.Select(one => new ReplicaQuery(one.row.Handle, one.row.Version))];
                if (await CheckAsync(group.Key, queries, cancellation) is not { } answers) return;
                for (var i = 0; i < some.Length; i++) states[some[i].row.Handle][some[i].place] = answers[i];
            }
        }));
        return states;
    }

    /// <summary>What the master knows of a file now.</summary>
    public Task<InodeView> ViewAsync(long inode, CancellationToken cancellation) =>
        AgainAsync(() => Control.ViewInodeAsync(new(inode), cancellation), cancellation);

    /// <summary>Those of the chunks that nothing in the namespace refers to or can come to refer to.</summary>
    public Task<ChunkHandle[]> WhichAreGarbageAsync(IEnumerable<ChunkHandle> handles, CancellationToken cancellation)
    {
        CollectableChunk[] chunks = [.. handles.Select(handle => new CollectableChunk(handle, ChunkOwner.Unknown, time.GetUtcNow()))];
        return AgainAsync(() => Control.WhichAreGarbageAsync(chunks, cancellation), cancellation);
    }

    /// <summary>How the master is.</summary>
    public Task<NamespaceStatus> StatusAsync(CancellationToken cancellation) => AgainAsync(() => Tree.GetStatusAsync(cancellation), cancellation);

    /// <summary>Tells the namespace how long a closed file is.</summary>
    public Task TellLengthAsync(FsckFile file, CancellationToken cancellation) => AgainAsync(async () =>
    {
        await Tree.FileFlushedAsync(new(new(file.Inode), file.LengthBytes, file.Stream?.ModifiedAt ?? 0, Closed: false), cancellation);
        return 0;
    }, cancellation);

    /// <summary>Tells a chunk's table that a file refers to it.</summary>
    public Task ConfirmAsync(ChunkHandle handle, int goal, CancellationToken cancellation) => AgainAsync(async () =>
    {
        await Table(handle.Shard).ConfirmAsync([handle], goal, cancellation);
        return 0;
    }, cancellation);

    /// <summary>Tells a chunk's table how many replicas a file wants of it.</summary>
    public Task SetGoalAsync(ChunkHandle handle, InodeNumber inode, int goal, CancellationToken cancellation) => AgainAsync(async () =>
    {
        await Shares(handle.Shard).SetGoalsAsync([new(handle, inode.Value)], goal, cancellation);
        return 0;
    }, cancellation);

    /// <summary>Tells a chunk's table that a file is among those that refer to it.</summary>
    public Task ShareAsync(ChunkHandle handle, InodeNumber inode, CancellationToken cancellation) => AgainAsync(async () =>
    {
        await Shares(handle.Shard).ShareAsync([new(handle, inode.Value, inode.Value)], cancellation);
        return 0;
    }, cancellation);

    /// <summary>Tells a chunk's table that a file is not among those that refer to it.</summary>
    public Task ReleaseAsync(ChunkHandle handle, InodeNumber inode, CancellationToken cancellation) => AgainAsync(async () =>
    {
        await Shares(handle.Shard).ReleaseReferencesAsync([new(handle, inode.Value)], cancellation);
        return 0;
    }, cancellation);

    /// <summary>Tells a chunk's table that no file refers to it.</summary>
    public Task ReleaseAsync(ChunkHandle handle, CancellationToken cancellation) => AgainAsync(async () =>
    {
        await Table(handle.Shard).ReleaseAsync([handle], cancellation);
        return 0;
    }, cancellation);

    /// <summary>The chunk servers, by id.</summary>
    public Task<ChunkServerInfo[]> ServersAsync(CancellationToken cancellation) =>
        AgainAsync(() => grains.GetGrain<IClusterGrain>(0).ListChunkServersAsync(cancellation), cancellation);

    /// <summary>The replicas a server has of one chunk table, behind a counter; null when it does not answer.</summary>
    public Task<ReplicaPage?> ListAsync(ServerId server, int shard, long after, int limit, CancellationToken cancellation) =>
        OrNullAsync<ReplicaPage>(() => Server(server).ListReplicasAsync(info.Number, shard, after, limit, cancellation), cancellation);

    /// <summary>Deletes a replica; false when its server does not.</summary>
    public async Task<bool> DeleteAsync(ServerId server, ChunkHandle handle, CancellationToken cancellation) =>
        await OrNullAsync<string>(async () =>
        {
            await Server(server).DeleteAsync([handle], cancellation);
            return "deleted";
        }, cancellation) is not null;

    private INamespaceGrain Tree => grains.GetGrain<INamespaceGrain>(info.Name);

    private INamespaceControlGrain Control => grains.GetGrain<INamespaceControlGrain>(info.Name);

    private IChunkTableGrain Table(int shard) => grains.GetGrain<IChunkTableGrain>(ChunkTableKey.Of(info.Number, shard));

    private IChunkTableControlGrain Shares(int shard) => grains.GetGrain<IChunkTableControlGrain>(ChunkTableKey.Of(info.Number, shard));

    private IChunkServerGrain Server(ServerId server) => grains.GetGrain<IChunkServerGrain>(server.Value);

    private Task<ReplicaState[]?> CheckAsync(ServerId server, ReplicaQuery[] replicas, CancellationToken cancellation) =>
        OrNullAsync<ReplicaState[]>(() => Server(server).CheckReplicasAsync(replicas, cancellation), cancellation);

    private async Task<T?> OrNullAsync<T>(Func<Task<T>> call, CancellationToken cancellation) where T : class
    {
        try
        {
            return await call().WaitAsync(ServerWithin, time, cancellation);
        }
        catch (Exception silent) when (silent is GofsException or TimeoutException or OrleansException)
        {
            // Whoever asked says that the server does not answer.
            return null;
        }
    }

    private async Task<T> AgainAsync<T>(Func<Task<T>> call, CancellationToken cancellation)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await call().WaitAsync(TableWithin, time, cancellation);
            }
            catch (Exception silent) when (tries < Tries && IsPassing(silent))
            {
                await Task.Delay(Between, time, cancellation);
            }
        }
    }

    private static bool IsPassing(Exception failed) =>
        failed is TimeoutException or OrleansException or GofsException { Error: GofsError.Unavailable or GofsError.Timeout or GofsError.Busy };
}
