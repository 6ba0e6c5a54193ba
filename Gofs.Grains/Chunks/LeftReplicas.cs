using Gofs.Chunks;
using Gofs.ChunkServers;

namespace Gofs.Grains.Chunks;

/// <summary>
/// Replicas that were left out when a chunk went on to another version, or that turned out to be stale, and whose servers have yet to be told to delete
/// them. A server tells everything only when it or the table starts, so what nobody remembers here would take room until then, also after the file is
/// gone. Volatile: the table's next owner is told everything. What does not fit is found then, too. Pure; used by one at a time.
/// <para>
/// One is kept while fewer replicas count than there are to be, for <see cref="KeepTime"/> at most: those that count may have rotted where it has not
/// (<see cref="ChunkServers.ChunkServerGrain"/> repairs with it what is still the same), and a new one, made in its place, takes its room anyway.
/// </para>
/// </summary>
/// <param name="capacity">The most chunks it holds.</param>
public sealed class LeftReplicas(int capacity)
{
    /// <summary>How long one is kept for a chunk with fewer replicas than there are to be: then its room is worth more.</summary>
    public static readonly TimeSpan KeepTime = TimeSpan.FromMinutes(10);

    private readonly Dictionary<ChunkHandle, Dictionary<ServerId, (DateTimeOffset At, ChunkVersion Version)>> left = [];

    /// <summary>
    /// Whether so many replicas are enough to do without one that was left out: as many as the file wants, or as there are servers, those too that are
    /// away, for what has rotted in a single one that counts is lost.
    /// </summary>
    /// <param name="counting">Live servers that have one that counts.</param>
    /// <param name="goal">How many the file wants.</param>
    /// <param name="registered">How many servers there are; 0: nobody knows now.</param>
    public static bool AreEnough(int counting, int goal, int registered) => registered > 0 && counting >= Math.Max(1, Math.Min(goal, registered));

    /// <summary>A server has a replica that does not count.</summary>
    /// <param name="handle">The chunk.</param>
    /// <param name="server">The server.</param>
    /// <param name="now">The time.</param>
    /// <param name="version">Its version, where that may be above the one that counts.</param>
    public void Note(ChunkHandle handle, ServerId server, DateTimeOffset now, ChunkVersion version = default)
    {
        if (!left.TryGetValue(handle, out var servers))
        {
            if (left.Count >= capacity) return;
            left[handle] = servers = [];
        }

        var (at, highest) = servers.GetValueOrDefault(server, (now, default));
        servers[server] = (at, version > highest ? version : highest);
    }

    /// <summary>Below which version the replica that a server has is one that does not count.</summary>
    /// <param name="handle">The chunk.</param>
    /// <param name="server">The server.</param>
    /// <param name="counts">The version that counts.</param>
    public ChunkVersion Below(ChunkHandle handle, ServerId server, ChunkVersion counts) =>
        left.TryGetValue(handle, out var servers) && servers.TryGetValue(server, out var one) && one.Version >= counts ? one.Version.Next : counts;

    /// <summary>A server's replica counts again, or is no more.</summary>
    public void Forget(ChunkHandle handle, ServerId server)
    {
        if (left.TryGetValue(handle, out var servers) && servers.Remove(server) && servers.Count == 0) left.Remove(handle);
    }

    /// <summary>The servers that have one of a chunk.</summary>
    public IEnumerable<ServerId> Of(ChunkHandle handle) => left.TryGetValue(handle, out var servers) ? servers.Keys : [];

    /// <summary>Some that can be deleted now.</summary>
    /// <param name="limit">The most.</param>
    /// <param name="now">The time.</param>
    /// <param name="canDelete">Whether the server is there and the chunk does without, by its handle, the server, and whether it was kept long enough.</param>
    public (ChunkHandle Handle, ServerId Server)[] Due(int limit, DateTimeOffset now, Func<ChunkHandle, ServerId, bool, bool> canDelete) =>
        [.. left.SelectMany(one => one.Value.Select(kept => (Handle: one.Key, Server: kept.Key, IsOld: now - kept.Value.At >= KeepTime)))
            .Where(one => canDelete(one.Handle, one.Server, one.IsOld)).Take(limit).Select(one => (one.Handle, one.Server))];
}
