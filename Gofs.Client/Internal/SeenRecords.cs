namespace Gofs.Internal;

/// <summary>
/// Which records a reader has given out, so that none is given out twice. Of each appender it keeps the number up to which all were seen and those
/// above; of <see cref="MostAppenders"/> at most: then the one that was seen longest ago is forgotten. Pure.
/// </summary>
internal sealed class SeenRecords
{
    /// <summary>Appenders that are remembered.</summary>
    public const int MostAppenders = 65_536;

    /// <summary>Of one appender, records above a gap that are remembered; a larger gap counts as seen.</summary>
    public const int MostAbove = 4096;

    private readonly Dictionary<ulong, LinkedListNode<Appender>> known = [];
    private readonly LinkedList<Appender> byAge = new();

    /// <summary>Notes a record; false when it was noted before.</summary>
    public bool Add(ulong appender, ulong sequence)
    {
        if (known.TryGetValue(appender, out var node)) byAge.Remove(node);
        else known[appender] = node = new(new(appender));
        byAge.AddLast(node);
        if (known.Count > MostAppenders)
        {
            known.Remove(byAge.First!.Value.Id);
            byAge.RemoveFirst();
        }

        return node.Value.Add(sequence);
    }

    /// <summary>Whether a record was noted.</summary>
    public bool Has(ulong appender, ulong sequence) => known.TryGetValue(appender, out var node) && node.Value.Has(sequence);

    private sealed class Appender(ulong id)
    {
        private readonly SortedSet<ulong> above = [];
        private ulong upto;

        public ulong Id => id;

        public bool Has(ulong sequence) => sequence <= upto || above.Contains(sequence);

        public bool Add(ulong sequence)
        {
            if (sequence <= upto || !above.Add(sequence)) return false;
            if (above.Count > MostAbove) upto = above.Min - 1;
            while (above.Count > 0 && above.Min == upto + 1) above.Remove(++upto);
            return true;
        }
    }
}
