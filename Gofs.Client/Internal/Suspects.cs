using System.Collections.Concurrent;
using Gofs.ChunkServers;

namespace Gofs.Internal;

/// <summary>
/// Chunk servers that did not answer this client a moment ago: for ten seconds others are preferred. By then the cluster knows too, or they answer again.
/// </summary>
internal sealed class Suspects(TimeProvider time)
{
    private static readonly TimeSpan For = TimeSpan.FromSeconds(10);
    private readonly ConcurrentDictionary<ServerId, long> since = new();

    /// <summary>Whether there is any.</summary>
    public bool Any => !since.IsEmpty;

    /// <summary>It did not answer.</summary>
    public void Add(ServerId server) => since[server] = time.GetTimestamp();

    /// <summary>It answered after all.</summary>
    public void Remove(ServerId server) => since.TryRemove(server, out _);

    /// <summary>How long ago it did not answer.</summary>
    public TimeSpan AgeOf(ServerId server) => since.TryGetValue(server, out var at) ? time.GetElapsedTime(at) : TimeSpan.MaxValue;

    /// <summary>Whether it is one.</summary>
    public bool Contains(ServerId server)
    {
        if (!since.TryGetValue(server, out var at)) return false;
        if (time.GetElapsedTime(at) < For) return true;
        since.TryRemove(new(server, at));
        return false;
    }

    /// <summary>Those of some servers that are.</summary>
    public ServerId[] Among(ServerId[] servers) => Any ? Array.FindAll(servers, Contains) : [];
}
