namespace Gofs.Internal;

/// <summary>Where bytes of a long record stand.</summary>
/// <param name="OffsetBytes">Where in the file they begin, behind the head.</param>
/// <param name="Length">How many they are.</param>
/// <param name="Crc">Their CRC32C.</param>
internal readonly record struct PartPlace(long OffsetBytes, int Length, uint Crc);

/// <summary>
/// Puts the parts of long records together, as a reader comes by them: it remembers where each part stands, not its bytes, so that a record whose
/// appender died costs next to nothing, and says so when a record's last part is there. Parts of a record come in order (<see cref="RecordPart"/>); one that
/// is there already, or of a record whose beginning is not known, is passed over. Pure.
/// <para>
/// Bounded: of more than <see cref="MostOpen"/> records, or <see cref="MostPlaces"/> parts of them, the record that has had no part for longest is given up.
/// </para>
/// </summary>
internal sealed class RecordJoiner
{
    /// <summary>Records that may be open at once.</summary>
    public const int MostOpen = 65_536;

    /// <summary>Parts that may be remembered, of all of them.</summary>
    public const int MostPlaces = 262_144;

    private readonly Dictionary<(ulong Appender, ulong Sequence), LinkedListNode<OpenRecord>> open = [];
    private readonly LinkedList<OpenRecord> byAge = new();
    private int places;

    /// <summary>How many records have some of their parts.</summary>
    public int Open => open.Count;

    /// <summary>Whether a record has some of its parts.</summary>
    public bool IsOpen(ulong appender, ulong sequence) => open.ContainsKey((appender, sequence));

    /// <summary>Where all of a record stands; null when some of it is not known.</summary>
    public IReadOnlyList<PartPlace>? PlacesOf(ulong appender, ulong sequence) =>
        open.TryGetValue((appender, sequence), out var node) && node.Value.Joined == node.Value.Total ? node.Value.Places : null;

    /// <summary>Notes a part, whose bytes begin at a place in the file; answers whether it was the last one. Then it is to be taken and removed.</summary>
    public bool Add(in RecordPart part, long offsetBytes)
    {
        var key = (part.Appender, part.Sequence);
        if (!open.TryGetValue(key, out var node))
        {
            if (part.Offset != 0) return false;
            open[key] = node = new(new(key, part.Total));
        }
        else
        {
            if (part.Offset != node.Value.Joined || part.Total != node.Value.Total) return false;
            byAge.Remove(node);
        }

        byAge.AddLast(node);
        node.Value.Add(new(offsetBytes, part.Length, part.Crc));
        places++;
        while (open.Count > MostOpen || places > MostPlaces) Remove(byAge.First!);
        return node.Value.Joined == part.Total;
    }

    /// <summary>Forgets a record: it was given out.</summary>
    public void Remove(ulong appender, ulong sequence)
    {
        if (open.TryGetValue((appender, sequence), out var node)) Remove(node);
    }

    /// <summary>Forgets what stands at a place or behind it: it is read again.</summary>
    public void ForgetFrom(long offsetBytes)
    {
        for (var node = byAge.First; node is not null;)
        {
            var next = node.Next;
            places -= node.Value.CutFrom(offsetBytes);
            if (node.Value.Places.Count == 0) Remove(node);
            node = next;
        }
    }

    private void Remove(LinkedListNode<OpenRecord> node)
    {
        byAge.Remove(node);
        open.Remove(node.Value.Key);
        places -= node.Value.Places.Count;
    }

    private sealed class OpenRecord((ulong, ulong) key, int total)
    {
        private readonly List<PartPlace> places = [];

        public (ulong Appender, ulong Sequence) Key => key;

        public int Total => total;

        public int Joined { get; private set; }

        public List<PartPlace> Places => places;

        public void Add(PartPlace place)
        {
            places.Add(place);
            Joined += place.Length;
        }

        public int CutFrom(long offsetBytes)
        {
            var before = places.Count;
            while (places.Count > 0 && places[^1].OffsetBytes >= offsetBytes)
            {
                Joined -= places[^1].Length;
                places.RemoveAt(places.Count - 1);
            }

            return before - places.Count;
        }
    }
}
