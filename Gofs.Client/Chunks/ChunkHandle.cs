using Orleans;

namespace Gofs.Chunks;

/// <summary>
/// Names one chunk for ever: never reused. 16 bits of namespace number, 8 bits of chunk table shard and 40 bits of
/// counter, so that whoever holds a handle knows the table that answers for it without asking anybody.
/// </summary>
/// <param name="Value">The 64 bits; 0 is no chunk (a hole: reads as zeros).</param>
[GenerateSerializer, Immutable, Alias("gofs.chunk-handle")]
public readonly record struct ChunkHandle([property: Id(0)] ulong Value)
{
    /// <summary>The largest counter a shard can give out.</summary>
    public const long MaxCounter = (1L << 40) - 1;

    /// <summary>No chunk: a hole in a file.</summary>
    public static ChunkHandle None => default;

    /// <summary>The namespace's number.</summary>
    public int NamespaceNumber => (int)(Value >> 48);

    /// <summary>The shard of the namespace's chunk table.</summary>
    public int Shard => (int)(Value >> 40) & 0xFF;

    /// <summary>The counter within the shard.</summary>
    public long Counter => (long)(Value & MaxCounter);

    /// <summary>Puts a handle together.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A part does not fit its bits.</exception>
    public static ChunkHandle Create(int namespaceNumber, int shard, long counter)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(namespaceNumber, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(namespaceNumber, 0xFFFF);
        ArgumentOutOfRangeException.ThrowIfLessThan(shard, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(shard, 0xFF);
        ArgumentOutOfRangeException.ThrowIfLessThan(counter, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(counter, MaxCounter);
        return new((ulong)namespaceNumber << 48 | (ulong)shard << 40 | (ulong)counter);
    }

    /// <summary>Sixteen hexadecimal digits, as logs and file names show it.</summary>
    public override string ToString() => Value.ToString("x16");
}
