using System.Collections.Immutable;
using Gofs.ChunkServers;

namespace Gofs.Internal;

/// <summary>
/// Chunk servers that did not answer this client a moment ago: for ten seconds others are preferred. By then the cluster knows too, or they answer again.
/// </summary>
internal sealed class Suspects(TimeProvider time)
{
    private static readonly TimeSpan For = TimeSpan.FromSeconds(10);

    // Nearly always empty, and looked at by every read and write: so it is replaced, never locked.
    private ImmutableDictionary<ServerId, long> since = ImmutableDictionary<ServerId, long>.Empty;

    /// <summary>Whether there is any.</summary>
    public bool Any => !Volatile.Read(ref since).IsEmpty;

    /// <summary>It did not answer.</summary>
    public void Add(ServerId server)
    {
        var now = time.GetTimestamp();
        ImmutableInterlocked.AddOrUpdate(ref since, server, now, (_, _) => now);
    }

    /// <summary>It answered after all.</summary>
    public void Remove(ServerId server) => ImmutableInterlocked.TryRemove(ref since, server, out _);

    /// <summary>How long ago it did not answer.</summary>
    public TimeSpan AgeOf(ServerId server) => Volatile.Read(ref since).TryGetValue(server, out var at) ? time.GetElapsedTime(at) : TimeSpan.MaxValue;

    /// <summary>Whether it is one.</summary>
    public bool Contains(ServerId server)
    {
        var age = AgeOf(server);
        if (age >= For && age < TimeSpan.MaxValue) Remove(server);
        return age < For;
    }

    /// <summary>Those of some servers that are.</summary>
    public ServerId[] Among(ServerId[] servers) => Any ? Array.FindAll(servers, Contains) : [];
}
