namespace Gofs.Ctl.Bench;

/// <summary>How long operations took, in order.</summary>
internal sealed class Latencies
{
    private readonly TimeSpan[] sorted;

    /// <summary>Of these.</summary>
    public Latencies(IEnumerable<TimeSpan> took) => sorted = [.. took.Order()];

    /// <summary>How many there were.</summary>
    public int Count => sorted.Length;

    /// <summary>What half of them took at most.</summary>
    public TimeSpan Median => At(50);

    /// <summary>What 99 of 100 took at most.</summary>
    public TimeSpan Worst1Percent => At(99);

    private TimeSpan At(int percent) => sorted.Length == 0 ? TimeSpan.Zero : sorted[Math.Min(sorted.Length - 1, sorted.Length * percent / 100)];
}
