using System.Runtime.InteropServices;
using Gofs.Chunks;
using Gofs.ChunkServers;

namespace Gofs.Grains.Chunks;

/// <summary>
/// Where replicas are: volatile, built from chunk reports and writers' allocations. Sets of servers are shared between chunks, so a
/// chunk costs one reference.
/// </summary>
public sealed class ReplicaMap
{
    private readonly Dictionary<ChunkHandle, ServerId[]> places = [];
    private readonly Dictionary<ServerId, ServerId[]> singles = [];
    private readonly Dictionary<string, ServerId[]> sets = new(StringComparer.Ordinal);

    /// <summary>The servers that hold a chunk under the version that counts; the first is asked first.</summary>
    public ServerId[] Of(ChunkHandle handle) => places.GetValueOrDefault(handle) ?? [];

    /// <summary>A server holds a chunk.</summary>
    public void Add(ChunkHandle handle, ServerId server)
    {
        ref var servers = ref CollectionsMarshal.GetValueRefOrAddDefault(places, handle, out _);
        if (servers is not null && Array.IndexOf(servers, server) >= 0) return;
        servers = servers is null ? Single(server) : Shared([.. servers, server]);
    }

    /// <summary>Exactly these servers hold a chunk.</summary>
    public void Set(ChunkHandle handle, IEnumerable<ServerId> servers) => places[handle] = Shared([.. servers]);

    /// <summary>A server holds a chunk no more.</summary>
    public void Remove(ChunkHandle handle, ServerId server)
    {
        if (!places.TryGetValue(handle, out var servers)) return;
        var left = servers.Where(one => one != server).ToArray();
        if (left.Length == 0) places.Remove(handle);
        else places[handle] = Shared(left);
    }

    /// <summary>Nobody holds a chunk that the table wants.</summary>
    public void Forget(ChunkHandle handle) => places.Remove(handle);

    /// <summary>A server tells everything anew: what it held is forgotten.</summary>
    public void Forget(ServerId server)
    {
        foreach (var handle in places.Where(place => Array.IndexOf(place.Value, server) >= 0).Select(place => place.Key).ToArray())
            Remove(handle, server);
    }

    private ServerId[] Single(ServerId server) =>
        singles.TryGetValue(server, out var known) ? known : singles[server] = [server];

    private ServerId[] Shared(ServerId[] servers)
    {
        if (servers.Length == 1) return Single(servers[0]);
        var key = string.Join('\n', servers.Select(server => server.Value));
        if (sets.TryGetValue(key, out var known)) return known;
        return sets[key] = servers;
    }
}
