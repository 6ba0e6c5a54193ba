namespace Gofs.Grains.ChunkServers;

/// <summary>
/// How fast a server copies, all its copies together: who is about to fetch bytes is told how long to wait, in the order in which they ask. After a
/// pause an eighth of a second's worth may come at once. While clients are quiet it is <see cref="QuietTimes"/> times as fast. Thread-safe.
/// </summary>
/// <param name="bytesPerSecond">How fast, asked each time: it may be set to something else.</param>
/// <param name="time">The clock.</param>
internal sealed class CopyRate(Func<long> bytesPerSecond, TimeProvider time)
{
    /// <summary>How many times as fast it is while no client is in its way.</summary>
    public const int QuietTimes = 8;

    private static readonly TimeSpan Burst = TimeSpan.FromSeconds(1) / 8;
    private readonly Lock gate = new();
    private readonly long start = time.GetTimestamp();

    /// <summary>When all that was asked for so far will have come, since the start.</summary>
    private TimeSpan spentUntil = -Burst;

    /// <summary>A rate that stays.</summary>
    public CopyRate(long bytesPerSecond, TimeProvider time)
        : this(() => bytesPerSecond, time)
    {
    }

    /// <summary>Counts bytes that are about to be fetched; answers how long to wait before.</summary>
    public TimeSpan Take(int bytes, bool isQuiet = false)
    {
        lock (gate)
        {
            var now = time.GetElapsedTime(start);
            var from = spentUntil < now - Burst ? now - Burst : spentUntil;
            spentUntil = from + TimeSpan.FromSeconds((double)bytes / bytesPerSecond() / (isQuiet ? QuietTimes : 1));
            return from > now ? from - now : TimeSpan.Zero;
        }
    }

    /// <summary>Waits until bytes may be fetched.</summary>
    public Task WaitAsync(int bytes, bool isQuiet, CancellationToken cancellation) =>
        Take(bytes, isQuiet) is { Ticks: > 0 } wait ? Task.Delay(wait, time, cancellation) : Task.CompletedTask;
}
