namespace Gofs.Grains.ChunkServers;

/// <summary>
/// Holds scrub to its rate: who is about to read is told how long to wait before. Nothing is saved up in a pause, so it never reads faster than that; waits
/// too short for a clock are put off until they are worth it. Pure; not thread-safe.
/// </summary>
public sealed class ScrubPace
{
    private static readonly TimeSpan WorthWaiting = TimeSpan.FromMilliseconds(10);

    /// <summary>When what was read so far is paid for.</summary>
    private TimeSpan paidUntil;

    /// <summary>Counts bytes that are about to be read; answers how long to wait before.</summary>
    /// <param name="bytes">How many.</param>
    /// <param name="bytesPerSecond">The rate.</param>
    /// <param name="now">By a clock that only goes forward.</param>
    public TimeSpan Take(long bytes, long bytesPerSecond, TimeSpan now)
    {
        var from = paidUntil > now ? paidUntil : now;
        paidUntil = from + TimeSpan.FromSeconds((double)bytes / bytesPerSecond);
        return from - now >= WorthWaiting ? from - now : TimeSpan.Zero;
    }
}
