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
    private readonly Dictionary<(ChunkHandle Handle, ServerId Server), DateTimeOffset> expected = [];
    private readonly Dictionary<ChunkHandle, ServerId[]> writable = [];

    /// <summary>The servers that hold a chunk under the version that counts; the first is asked first.</summary>
    public ServerId[] Of(ChunkHandle handle) => places.GetValueOrDefault(handle) ?? [];

    /// <summary>A chunk was allocated on these servers: they will hold it when its writer has written it.</summary>
    public void Expect(ChunkHandle handle, ServerId[] servers, DateTimeOffset now)
    {
        places[handle] = Shared(servers);
        foreach (var server in servers) expected[(handle, server)] = now;
    }

    /// <summary>A server holds a chunk.</summary>
    public void Add(ChunkHandle handle, ServerId server)
    {
        expected.Remove((handle, server));
        ref var servers = ref CollectionsMarshal.GetValueRefOrAddDefault(places, handle, out _);
        if (servers is not null && Array.IndexOf(servers, server) >= 0) return;
        servers = servers is null ? Single(server) : Shared([.. servers, server]);
    }

    /// <summary>Exactly these servers hold a chunk, and whoever writes it under the version that counts writes to all of them.</summary>
    public void Set(ChunkHandle handle, IEnumerable<ServerId> servers)
    {
        foreach (var server in Of(handle)) expected.Remove((handle, server));
        writable[handle] = places[handle] = Shared([.. servers]);
    }

    /// <summary>
    /// Whether another writer may be sent to the servers that hold a chunk: all that have the version are among them. One that is not (it tells everything
    /// anew just now, say) would count again later, and miss what was written meanwhile.
    /// </summary>
    public bool HasAllWritable(ChunkHandle handle) => writable.TryGetValue(handle, out var all) && all.All(server => Array.IndexOf(Of(handle), server) >= 0);

    /// <summary>Whether a server is among those that took the version that counts; null: it is not known who did.</summary>
    public bool? WasAmongAll(ChunkHandle handle, ServerId server) => writable.TryGetValue(handle, out var all) ? Array.IndexOf(all, server) >= 0 : null;

    /// <summary>Whether it is known that a server alone took the version that counts.</summary>
    public bool WasAlone(ChunkHandle handle, ServerId server) => writable.TryGetValue(handle, out var all) && all is [var only] && only == server;

    /// <summary>Which servers have the version that counts is not known for sure, or the chunk is no more.</summary>
    public void Forget(ChunkHandle handle) => writable.Remove(handle);

    /// <summary>A server holds a chunk no more.</summary>
    public void Remove(ChunkHandle handle, ServerId server)
    {
        expected.Remove((handle, server));
        if (!places.TryGetValue(handle, out var servers)) return;
        var left = servers.Where(one => one != server).ToArray();
        if (left.Length == 0) places.Remove(handle);
        else places[handle] = Shared(left);
    }

    /// <summary>
    /// A server tells everything anew: what it held is forgotten. Not what it is expected to hold <paramref name="since"/> a time: that may have been
    /// written after the server gathered what it tells.
    /// </summary>
    public void Forget(ServerId server, DateTimeOffset since)
    {
        var told = places.Where(place => Array.IndexOf(place.Value, server) >= 0).Select(place => place.Key);
        foreach (var handle in told.Where(handle => !expected.TryGetValue((handle, server), out var at) || at < since).ToArray()) Remove(handle, server);
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
