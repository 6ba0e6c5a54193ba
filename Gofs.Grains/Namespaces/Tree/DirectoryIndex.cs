namespace Gofs.Grains.Namespaces.Tree;

/// <summary>
/// The entries of one directory in the order of their names' bytes: runs of at most 512 entry ids, so that an insertion moves
/// little however large the directory is, and a name is a stable place to go on from.
/// </summary>
internal sealed class DirectoryIndex
{
    private const int MostInRun = 512;
    private readonly List<Run> runs = [];

    /// <summary>How many entries.</summary>
    public int Count { get; private set; }

    /// <summary>The entry with a name, or -1.</summary>
    public int Find(EntryTable entries, ReadOnlySpan<byte> name)
    {
        var run = RunOf(entries, name);
        if (run < 0) return -1;
        var at = runs[run].Search(entries, name);
        return at >= 0 ? runs[run].Ids[at] : -1;
    }

    /// <summary>Puts in an entry whose name is not there.</summary>
    public void Add(EntryTable entries, int id)
    {
        var name = entries.NameOf(id);
        Count++;
        if (runs.Count == 0)
        {
            runs.Add(new());
            runs[0].Insert(0, id);
            return;
        }

        var index = RunOf(entries, name);
        var run = runs[index];
        var at = ~run.Search(entries, name);
        if (run.Used == MostInRun)
        {
            // At the very end a new run: names that arrive in order (a Snapshot, a copied tree) fill runs to the brim.
            var right = new Run();
            runs.Insert(index + 1, right);
            if (at < MostInRun || index + 2 < runs.Count) run.MoveHalfTo(right);
            if (at > run.Used || right.Used == 0)
            {
                at -= run.Used;
                run = right;
            }
        }

        run.Insert(at, id);
    }

    /// <summary>Takes out the entry with a name; answers it, or -1.</summary>
    public int Remove(EntryTable entries, ReadOnlySpan<byte> name)
    {
        var index = RunOf(entries, name);
        if (index < 0) return -1;
        var run = runs[index];
        var at = run.Search(entries, name);
        if (at < 0) return -1;
        var id = run.Ids[at];
        run.RemoveAt(at);
        Count--;
        if (run.Used == 0) runs.RemoveAt(index);
        return id;
    }

    /// <summary>Collects at most <paramref name="limit"/> entries after a name (empty: from the first); answers whether more follow.</summary>
    public bool After(EntryTable entries, ReadOnlySpan<byte> name, int limit, List<int> into)
    {
        var index = name.Length == 0 ? 0 : Math.Max(0, RunOf(entries, name));
        var at = 0;
        if (name.Length > 0 && runs.Count > 0)
        {
            at = runs[index].Search(entries, name);
            at = at >= 0 ? at + 1 : ~at;
        }

        for (; index < runs.Count; index++, at = 0)
        {
            for (; at < runs[index].Used; at++)
            {
                if (into.Count == limit) return true;
                into.Add(runs[index].Ids[at]);
            }
        }

        return false;
    }

    /// <summary>All entries in order. The directory must not change meanwhile.</summary>
    public IEnumerable<int> All()
    {
        foreach (var run in runs)
        {
            for (var at = 0; at < run.Used; at++) yield return run.Ids[at];
        }
    }

    // The last run whose first name is not after the one looked for.
    private int RunOf(EntryTable entries, ReadOnlySpan<byte> name)
    {
        var (low, high) = (0, runs.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) >> 1;
            if (entries.NameOf(runs[middle].Ids[0]).SequenceCompareTo(name) <= 0) low = middle + 1;
            else high = middle - 1;
        }

        return high < 0 && runs.Count > 0 ? 0 : high;
    }

    private sealed class Run
    {
        public int[] Ids { get; private set; } = new int[4];

        public int Used { get; private set; }

        public int Search(EntryTable entries, ReadOnlySpan<byte> name)
        {
            var (low, high) = (0, Used - 1);
            while (low <= high)
            {
                var middle = (low + high) >> 1;
                var order = entries.NameOf(Ids[middle]).SequenceCompareTo(name);
                if (order == 0) return middle;
                if (order < 0) low = middle + 1;
                else high = middle - 1;
            }

            return ~low;
        }

        public void Insert(int at, int id)
        {
            if (Used == Ids.Length) Resize(Math.Min(MostInRun, Used * 2));
            Array.Copy(Ids, at, Ids, at + 1, Used - at);
            Ids[at] = id;
            Used++;
        }

        public void RemoveAt(int at)
        {
            Used--;
            Array.Copy(Ids, at + 1, Ids, at, Used - at);
        }

        public void MoveHalfTo(Run right)
        {
            var half = Used / 2;
            right.Ids = new int[MostInRun];
            Array.Copy(Ids, half, right.Ids, 0, Used - half);
            right.Used = Used - half;
            Used = half;
        }

        private void Resize(int size)
        {
            var larger = new int[size];
            Array.Copy(Ids, larger, Used);
            Ids = larger;
        }
    }
}
