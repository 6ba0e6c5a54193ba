using Gofs.Chunks;
using Gofs.ChunkServers;

namespace Gofs.Grains.Chunks;

/// <summary>
/// Replicas that were left out when a chunk went on to another version, or that turned out to be stale, and whose servers have yet to be told to delete
/// them. A server tells everything only when it or the table starts, so what nobody remembers here would take room until then, also after the file is
/// gone. Volatile: the table's next owner is told everything. What does not fit is found then, too. Pure; used by one at a time.
/// </summary>
/// <param name="capacity">The most chunks it holds.</param>
public sealed class LeftReplicas(int capacity)
{
    private readonly Dictionary<ChunkHandle, HashSet<ServerId>> left = [];

    /// <summary>A server has a replica that does not count.</summary>
    public void Note(ChunkHandle handle, ServerId server)
    {
        if (!left.TryGetValue(handle, out var servers))
        {
            if (left.Count >= capacity) return;
            left[handle] = servers = [];
        }

        servers.Add(server);
    }

    /// <summary>A server's replica counts again, or is no more.</summary>
    public void Forget(ChunkHandle handle, ServerId server)
    {
        if (left.TryGetValue(handle, out var servers) && servers.Remove(server) && servers.Count == 0) left.Remove(handle);
    }

    /// <summary>The servers that have one of a chunk.</summary>
    public IEnumerable<ServerId> Of(ChunkHandle handle) => left.TryGetValue(handle, out var servers) ? servers : [];

    /// <summary>Some that can be deleted now.</summary>
    /// <param name="limit">The most.</param>
    /// <param name="canDelete">Whether the server is there and the chunk does without.</param>
    public (ChunkHandle Handle, ServerId Server)[] Due(int limit, Func<ChunkHandle, ServerId, bool> canDelete) =>
        [.. left.SelectMany(one => one.Value.Select(server => (one.Key, server))).Where(one => canDelete(one.Key, one.server)).Take(limit)];
}
