namespace Gofs.Grains.ChunkServers;

/// <summary>
/// How fast a server copies, all its copies together: who is about to fetch bytes is told how long to wait, in the order in which they ask; what is urgent
/// waits for what is urgent only, and the others that much longer. After a pause an eighth of a second's worth may come at once. Thread-safe.
/// </summary>
/// <param name="bytesPerSecond">How fast, asked each time: it may be set to something else.</param>
/// <param name="time">The clock.</param>
internal sealed class CopyRate(Func<long> bytesPerSecond, TimeProvider time)
{
    private static readonly TimeSpan Burst = TimeSpan.FromSeconds(1) / 8;
    private readonly Lock gate = new();
    private readonly long start = time.GetTimestamp();

    /// <summary>When all that was asked for so far will have come, since the start.</summary>
    private TimeSpan spentUntil = -Burst;

    /// <summary>The same of what was urgent.</summary>
    private TimeSpan urgentUntil = -Burst;

    /// <summary>A rate that stays.</summary>
    public CopyRate(long bytesPerSecond, TimeProvider time)
        : this(() => bytesPerSecond, time)
    {
    }

    /// <summary>How fast.</summary>
    public long BytesPerSecond => bytesPerSecond();

    /// <summary>Counts bytes that are about to be fetched; answers how long to wait before.</summary>
    /// <param name="bytes">How many.</param>
    /// <param name="share">At which multiple of the rate.</param>
    /// <param name="isUrgent">Whether it goes before what is not.</param>
    public TimeSpan Take(int bytes, double share = 1, bool isUrgent = false)
    {
        lock (gate)
        {
            var now = time.GetElapsedTime(start);
            var takes = TimeSpan.FromSeconds(bytes / (bytesPerSecond() * share));
            var from = Later(isUrgent ? urgentUntil : spentUntil, now - Burst);
            if (isUrgent) urgentUntil = from + takes;
            spentUntil = Later(spentUntil, now - Burst) + takes;
            return from > now ? from - now : TimeSpan.Zero;
        }
    }

    /// <summary>Waits until bytes may be fetched.</summary>
    public Task WaitAsync(int bytes, double share, bool isUrgent, CancellationToken cancellation) =>
        Take(bytes, share, isUrgent) is { Ticks: > 0 } wait ? Task.Delay(wait, time, cancellation) : Task.CompletedTask;

    private static TimeSpan Later(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
