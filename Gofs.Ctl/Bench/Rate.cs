namespace Gofs.Ctl.Bench;

/// <summary>How many operations a second, and how long one took.</summary>
internal sealed record Rate(double PerSecond, TimeSpan Median, TimeSpan Worst1Percent)
{
    /// <summary>Does an operation <paramref name="count"/> times, so many at once.</summary>
    public static async Task<Rate> MeasureAsync(int count, int atOnce, Func<int, Task> one, CancellationToken cancellation)
    {
        var time = TimeProvider.System;
        var took = new TimeSpan[count];
        var next = -1;
        var started = time.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Math.Min(atOnce, count)).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref next) is var i && i < count)
            {
                cancellation.ThrowIfCancellationRequested();
                var begun = time.GetTimestamp();
                await one(i);
                took[i] = time.GetElapsedTime(begun);
            }
        }, cancellation)));
        var seconds = time.GetElapsedTime(started).TotalSeconds;
        var latencies = new Latencies(took);
        return new(count / seconds, latencies.Median, latencies.Worst1Percent);
    }
}
