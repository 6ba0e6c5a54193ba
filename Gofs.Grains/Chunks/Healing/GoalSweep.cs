using Gofs.Chunks;

namespace Gofs.Grains.Chunks.Healing;

/// <summary>
/// Walks the chunks of a table to find those that are not as they should be: some in each turn, all of them soon after the table has started, when a
/// server's standing has changed, and once in a while besides. Chunks that come while a round is under way are new and have what they were
/// allocated with; the next round sees them. Pure; used by one at a time.
/// </summary>
public sealed class GoalSweep
{
    /// <summary>Chunks looked at in one turn: a few milliseconds.</summary>
    public const int AtOnce = 20_000;

    /// <summary>Time between rounds when nothing has changed.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(60);

    private ChunkHandle[] handles = [];
    private int next;
    private long changesSeen = -1;
    private TimeSpan begunAt;

    /// <summary>Rounds that have ended.</summary>
    public int Rounds { get; private set; }

    /// <summary>Whether some chunks of a round are yet to be looked at.</summary>
    public bool IsUnderWay => next < handles.Length;

    /// <summary>Whether a round is to be begun.</summary>
    /// <param name="now">The time.</param>
    /// <param name="changes">How often standings have changed. A change while a round is under way begins another after it.</param>
    public bool IsDue(TimeSpan now, long changes) =>
        next == handles.Length && (changesSeen < 0 || changes != changesSeen || now - begunAt >= Every);

    /// <summary>Begins a round.</summary>
    public void Begin(IEnumerable<ChunkHandle> chunks, TimeSpan now, long changes)
    {
        handles = [.. chunks];
        next = 0;
        (begunAt, changesSeen) = (now, changes);
        if (handles.Length == 0) Rounds++;
    }

    /// <summary>The next chunks to look at; none when no round is under way. Some may be no more.</summary>
    public ReadOnlySpan<ChunkHandle> Take(int limit = AtOnce)
    {
        if (next == handles.Length) return [];
        var some = handles.AsSpan(next, Math.Min(limit, handles.Length - next));
        next += some.Length;
        if (next == handles.Length)
        {
            Rounds++;
            (handles, next) = ([], 0);
        }

        return some;
    }
}
