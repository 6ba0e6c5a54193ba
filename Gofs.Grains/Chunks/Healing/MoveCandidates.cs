using Gofs.Chunks;

namespace Gofs.Grains.Chunks.Healing;

/// <summary>
/// Some chunks of a table, any as likely as another, of which those to be moved are taken: a table has no list of what a server holds, and one for this alone
/// would cost memory for every replica. Filled anew by each sweep. Pure: used by one at a time.
/// </summary>
/// <param name="capacity">How many at most.</param>
/// <param name="random">Decides which.</param>
public sealed class MoveCandidates(int capacity, Random random)
{
    private readonly List<ChunkHandle> some = [];

    /// <summary>How many chunks the sweep has come to.</summary>
    public long Seen { get; private set; }

    /// <summary>A sweep begins.</summary>
    public void Clear()
    {
        some.Clear();
        Seen = 0;
    }

    /// <summary>The sweep has come to a chunk.</summary>
    public void See(ChunkHandle handle)
    {
        Seen++;
        if (some.Count < capacity)
        {
            some.Add(handle);
            return;
        }

        var place = random.NextInt64(Seen);
        if (place < some.Count) some[(int)place] = handle;
    }

    /// <summary>Takes out one that fits; false when none does.</summary>
    public bool TryTake(Predicate<ChunkHandle> fits, out ChunkHandle taken)
    {
        var first = some.Count == 0 ? 0 : random.Next(some.Count);
        for (var i = 0; i < some.Count; i++)
        {
            var place = (first + i) % some.Count;
            if (!fits(some[place])) continue;
            taken = some[place];
            some[place] = some[^1];
            some.RemoveAt(some.Count - 1);
            return true;
        }

        taken = default;
        return false;
    }
}
