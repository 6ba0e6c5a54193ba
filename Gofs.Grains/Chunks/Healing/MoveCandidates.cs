using Gofs.Chunks;

namespace Gofs.Grains.Chunks.Healing;

/// <summary>
/// Some chunks of a table, any as likely as another, of which those to be moved are taken, the longest first as far as lengths were asked for: a table has
/// no list of what a server holds nor of lengths, and one for this alone would cost memory for every replica. Filled anew by each sweep. Pure: used by one
/// at a time.
/// </summary>
/// <param name="capacity">How many at most.</param>
/// <param name="random">Decides which.</param>
public sealed class MoveCandidates(int capacity, Random random)
{
    private const long NotKnown = -1;
    private readonly List<(ChunkHandle Handle, long Bytes)> some = [];

    /// <summary>How many chunks the sweep has come to.</summary>
    public long Seen { get; private set; }

    /// <summary>The longest of those whose length is known; 0 when none is.</summary>
    public long LongestBytes => some.Select(one => one.Bytes).Append(0).Max();

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
            some.Add((handle, NotKnown));
            return;
        }

        var place = random.NextInt64(Seen);
        if (place < some.Count) some[(int)place] = (handle, NotKnown);
    }

    /// <summary>Some that fit and whose lengths were not asked for yet, the first of them any.</summary>
    /// <param name="most">How many at most.</param>
    /// <param name="fits">Which do.</param>
    public ChunkHandle[] NotMeasured(int most, Predicate<ChunkHandle> fits) =>
        [.. FromAny().Where(one => one.Bytes == NotKnown && fits(one.Handle)).Select(one => one.Handle).Take(most)];

    /// <summary>A chunk's length was asked for. What is not a candidate any more is no matter.</summary>
    public void Measure(ChunkHandle handle, long bytes)
    {
        var place = some.FindIndex(one => one.Handle == handle);
        if (place >= 0) some[place] = (handle, bytes);
    }

    /// <summary>Takes out the longest that fits, of those that are as long any; false when none fits.</summary>
    public bool TryTakeLongest(Predicate<ChunkHandle> fits, out ChunkHandle taken)
    {
        (ChunkHandle Handle, long Bytes)? longest = null;
        foreach (var one in FromAny())
        {
            if ((longest is null || one.Bytes > longest.Value.Bytes) && fits(one.Handle)) longest = one;
        }

        taken = longest?.Handle ?? default;
        return longest is { } found && some.Remove(found);
    }

    private IEnumerable<(ChunkHandle Handle, long Bytes)> FromAny()
    {
        var first = some.Count == 0 ? 0 : random.Next(some.Count);
        for (var i = 0; i < some.Count; i++) yield return some[(first + i) % some.Count];
    }
}
