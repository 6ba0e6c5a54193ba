namespace Gofs.Grains.Namespaces;

/// <summary>Whose clone a file is that has no chunk list of its own yet.</summary>
/// <param name="Origin">Inode of the file it was cloned from, which may be such a clone itself.</param>
/// <param name="WasOpen">Whether somebody had that open.</param>
internal readonly record struct PendingClone(long Origin, bool WasOpen);

/// <summary>Clones whose chunk lists are still their origins': an outbox. Neither of the two is changed or forgotten before it is settled.</summary>
internal sealed class PendingClones
{
    private readonly Dictionary<long, PendingClone> clones = [];
    private readonly Dictionary<long, List<long>> byOrigin = [];
    private readonly Dictionary<long, int> openOrigins = [];

    /// <summary>How many.</summary>
    public int Count => clones.Count;

    /// <summary>All of them by inode.</summary>
    public IEnumerable<KeyValuePair<long, PendingClone>> All => clones;

    /// <summary>Whose clones they are.</summary>
    public IEnumerable<long> Origins => byOrigin.Keys;

    /// <summary>Of these, the ones that were open: what is flushed of them until then is their clones' too.</summary>
    public IEnumerable<long> OpenOrigins => openOrigins.Keys;

    /// <summary>Whether a file is one of them, or the origin of one.</summary>
    public bool Has(long inode) => clones.ContainsKey(inode) || byOrigin.ContainsKey(inode);

    /// <summary>Whether a file is one of them, and whose.</summary>
    public bool TryGet(long inode, out PendingClone clone) => clones.TryGetValue(inode, out clone);

    /// <summary>Those of a file.</summary>
    public IReadOnlyList<long> Of(long origin) => byOrigin.GetValueOrDefault(origin) ?? [];

    /// <summary>A file was cloned.</summary>
    public void Add(long clone, PendingClone origin)
    {
        clones.Add(clone, origin);
        if (!byOrigin.TryGetValue(origin.Origin, out var its)) byOrigin[origin.Origin] = its = [];
        its.Add(clone);
        if (origin.WasOpen) openOrigins[origin.Origin] = openOrigins.GetValueOrDefault(origin.Origin) + 1;
    }

    /// <summary>A clone has its own chunk list; false when that was known.</summary>
    public bool Remove(long clone)
    {
        if (!clones.Remove(clone, out var origin)) return false;
        var its = byOrigin[origin.Origin];
        its.Remove(clone);
        if (its.Count == 0) byOrigin.Remove(origin.Origin);
        if (origin.WasOpen && --openOrigins[origin.Origin] == 0) openOrigins.Remove(origin.Origin);
        return true;
    }
}
