namespace Gofs.Internal;

/// <summary>Random numbers for spreading things out (delays, first replica), from a seed, for many threads at once.</summary>
internal sealed class Jitter(ulong seed)
{
    private long calls;

    /// <summary>The next 64 bits (splitmix64 over a counter).</summary>
    public ulong Next()
    {
        var z = seed + ((ulong)Interlocked.Increment(ref calls) * 0x9E3779B97F4A7C15);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>At least 0, below 1.</summary>
    public double NextDouble() => (Next() >> 11) * (1.0 / (1UL << 53));
}
