using Gofs.Chunks;
using Gofs.Grains.ChunkServers;

namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>
/// Checksum blocks that were found bad, until they are repaired or are no more. What does not fit is forgotten: whoever reads it next finds it
/// again. Thread-safe.
/// </summary>
internal sealed class BadChecksumBlocks
{
    /// <summary>Under this key a failure's data say which checksum block of its chunk is bad.</summary>
    public const string IndexKey = "gofs.bad-checksum-block";

    /// <summary>The most that are remembered.</summary>
    public const int Most = 4096;

    private readonly Lock gate = new();
    private readonly HashSet<BadChecksumBlock> known = [];

    /// <summary>How many are known.</summary>
    public int Count
    {
        get
        {
            lock (gate) return known.Count;
        }
    }

    /// <summary>Notes one; true when it was not known.</summary>
    public bool Add(BadChecksumBlock bad)
    {
        lock (gate) return known.Count < Most && known.Add(bad);
    }

    /// <summary>One is right again, or is no more.</summary>
    public void Remove(BadChecksumBlock bad)
    {
        lock (gate) known.Remove(bad);
    }

    /// <summary>All of them.</summary>
    public IReadOnlyList<BadChecksumBlock> All()
    {
        lock (gate) return [.. known];
    }
}
