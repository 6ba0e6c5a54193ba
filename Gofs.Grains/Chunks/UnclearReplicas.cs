using Gofs.Chunks;
using Gofs.ChunkServers;

namespace Gofs.Grains.Chunks;

/// <summary>
/// Replicas that were reported while some server had not told what it has, and of which it could not be said then whether they count
/// (<see cref="AheadWorth.Unknown"/>): they are judged when all have told. Newer word of the same replica is worth more, be it a report or that it has
/// taken a version. Pure; used by one at a time.
/// </summary>
public sealed class UnclearReplicas
{
    private readonly Dictionary<(ChunkHandle Handle, ServerId Server), ChunkVersion> unclear = [];

    /// <summary>A replica was reported that can't be judged yet.</summary>
    public void Note(ChunkHandle handle, ServerId server, ChunkVersion version) => unclear[(handle, server)] = version;

    /// <summary>There is newer word of a replica.</summary>
    public void Forget(ChunkHandle handle, ServerId server) => unclear.Remove((handle, server));

    /// <summary>A server tells everything anew.</summary>
    public void Forget(ServerId server)
    {
        foreach (var one in unclear.Keys.Where(one => one.Server == server).ToArray()) unclear.Remove(one);
    }

    /// <summary>Takes out all of them, to be judged now.</summary>
    public IReadOnlyList<(ChunkHandle Handle, ServerId Server, ChunkVersion Version)> TakeAll()
    {
        if (unclear.Count == 0) return [];
        (ChunkHandle, ServerId, ChunkVersion)[] all = [.. unclear.Select(one => (one.Key.Handle, one.Key.Server, one.Value))];
        unclear.Clear();
        return all;
    }
}
