using Gofs.Grains.ChunkServers;

namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>
/// Replicas found damaged as a whole, until they are given up or are no more. What does not fit is found again by the next pass. Thread-safe.
/// </summary>
internal sealed class DamagedReplicas
{
    /// <summary>The most that are remembered.</summary>
    public const int Most = 4096;

    private readonly Lock gate = new();
    private readonly HashSet<DamagedReplica> known = [];

    /// <summary>How many are known.</summary>
    public int Count
    {
        get
        {
            lock (gate) return known.Count;
        }
    }

    /// <summary>Notes one; true when it was not known.</summary>
    public bool Add(DamagedReplica damaged)
    {
        lock (gate) return known.Count < Most && known.Add(damaged);
    }

    /// <summary>One is given up, or is right.</summary>
    public void Remove(DamagedReplica damaged)
    {
        lock (gate) known.Remove(damaged);
    }

    /// <summary>All of them.</summary>
    public IReadOnlyList<DamagedReplica> All()
    {
        lock (gate) return [.. known];
    }
}
