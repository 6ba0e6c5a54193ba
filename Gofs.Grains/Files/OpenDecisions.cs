namespace Gofs.Grains.Files;

/// <summary>Whether the namespace still counts a file as open, for whom it opened it.</summary>
internal static class OpenDecisions
{
    /// <summary>
    /// An open is believed for so long without asking; so far apart may the clocks of silos be. Less than the time after which a namespace asks whether
    /// an open file is still written to.
    /// </summary>
    public static readonly TimeSpan Believed = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Whether an open stands for sure: it was made a moment ago, and nobody has closed the file since. Times are nanoseconds since 1970 UTC.
    /// </summary>
    /// <param name="openedAt">When, by the namespace's clock; 0 when it does not say.</param>
    /// <param name="now">The time here.</param>
    /// <param name="closedAt">When the file was last closed, by the clock here.</param>
    public static bool IsStillOpen(long openedAt, long now, long closedAt) =>
        IsRecent(openedAt, now) && openedAt - closedAt > Believed.Ticks * 100;

    /// <summary>Whether an open was made a moment ago: what the namespace said then is believed.</summary>
    /// <param name="openedAt">When, by the namespace's clock; 0 when it does not say.</param>
    /// <param name="now">The time here.</param>
    public static bool IsRecent(long openedAt, long now) => openedAt > 0 && Math.Abs(now - openedAt) < Believed.Ticks * 100;
}
