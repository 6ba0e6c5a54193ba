namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>
/// Damages that were found, until they are mended or are no more. What does not fit is forgotten: whoever reads it next finds it again. Thread-safe.
/// </summary>
/// <typeparam name="TDamage">Names one damage.</typeparam>
internal sealed class KnownDamages<TDamage>
    where TDamage : notnull
{
    /// <summary>The most that are remembered.</summary>
    public const int Most = 4096;

    private readonly Lock gate = new();
    private readonly HashSet<TDamage> known = [];

    /// <summary>How many are known.</summary>
    public int Count
    {
        get
        {
            lock (gate) return known.Count;
        }
    }

    /// <summary>Notes one; true when it was not known.</summary>
    public bool Add(TDamage damage)
    {
        lock (gate) return known.Count < Most && known.Add(damage);
    }

    /// <summary>One is mended, given up, or is no more.</summary>
    public void Remove(TDamage damage)
    {
        lock (gate) known.Remove(damage);
    }

    /// <summary>All of them.</summary>
    public IReadOnlyList<TDamage> All()
    {
        lock (gate) return [.. known];
    }
}
