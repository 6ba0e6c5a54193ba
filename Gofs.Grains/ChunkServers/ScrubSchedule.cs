namespace Gofs.Grains.ChunkServers;

/// <summary>
/// When scrub reads, and how fast. A pass begins every half of the time within which every replica is to be read, and is spread over that half: so a
/// replica that is read late in one pass and early in the next, or that came after its place in the order was passed, has still been read in time. Pure.
/// </summary>
/// <param name="within">Within what time every replica is to be read; zero: never by itself.</param>
/// <param name="mostBytesPerSecond">The most it reads.</param>
public sealed class ScrubSchedule(TimeSpan within, long mostBytesPerSecond)
{
    /// <summary>A replica counts as so many bytes at least: opening its file is work too.</summary>
    public const int LeastBytes = 16 << 10;

    /// <summary>It reads at least so much a second, else a pass over little would last for days.</summary>
    private const long LeastBytesPerSecond = 1 << 20;

    /// <summary>When the next pass begins; null: none does by itself. Now or earlier: it is due.</summary>
    public DateTimeOffset? NextAt(ScrubPass? last, DateTimeOffset now)
    {
        if (within == TimeSpan.Zero) return null;
        return last is null ? now : last.StartedAt + (within / 2);
    }

    /// <summary>How many bytes a second a pass is to read now, so that it ends in time.</summary>
    /// <param name="pass">Which.</param>
    /// <param name="leftBytes">What it has yet to read.</param>
    /// <param name="now">When that is asked.</param>
    public long BytesPerSecond(ScrubPass pass, long leftBytes, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(pass);
        var left = pass.StartedAt + (within / 2) - now;
        if (pass.IsHurried || left <= TimeSpan.Zero) return mostBytesPerSecond;
        return Math.Min(mostBytesPerSecond, Math.Max(LeastBytesPerSecond, (long)(leftBytes / left.TotalSeconds)));
    }

    /// <summary>Whether some replica was not read for longer than it is to be.</summary>
    public bool IsOverdue(ScrubPass? pass, DateTimeOffset now) => within > TimeSpan.Zero && pass is not null && now - pass.StartedAt > within;
}
