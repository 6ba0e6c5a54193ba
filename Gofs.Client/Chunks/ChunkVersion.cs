using Orleans;

namespace Gofs.Chunks;

/// <summary>
/// Moves with every lease grant on a chunk: a replica with an older version missed mutations and is stale
/// (GFS §4.5). The first is 1.
/// </summary>
/// <param name="Value">The version.</param>
[GenerateSerializer, Immutable, Alias("gofs.chunk-version")]
public readonly record struct ChunkVersion([property: Id(0)] int Value) : IComparable<ChunkVersion>
{
    private const int Owners = 16;

    /// <summary>The version of a chunk that was just allocated.</summary>
    public static ChunkVersion First => new(1);

    /// <summary>
    /// The next version that the owner of the chunk's table may offer: the first one after this with the remainder of the owner's epoch. So no two
    /// owners that follow each other offer the same: a server that took a version whose outcome its owner did not live to learn can't be
    /// mistaken for one that took the next owner's.
    /// </summary>
    /// <param name="epoch">The owner's epoch in the table's EditLog, not negative.</param>
    public ChunkVersion NextIn(long epoch)
    {
        var step = (int)((epoch - Value) % Owners);
        return new(checked(Value + (step > 0 ? step : step + Owners)));
    }

    /// <inheritdoc/>
    public int CompareTo(ChunkVersion other) => Value.CompareTo(other.Value);

    /// <summary>Whether <paramref name="left"/> is older.</summary>
    public static bool operator <(ChunkVersion left, ChunkVersion right) => left.Value < right.Value;

    /// <summary>Whether <paramref name="left"/> is newer.</summary>
    public static bool operator >(ChunkVersion left, ChunkVersion right) => left.Value > right.Value;

    /// <summary>Whether <paramref name="left"/> is not newer.</summary>
    public static bool operator <=(ChunkVersion left, ChunkVersion right) => left.Value <= right.Value;

    /// <summary>Whether <paramref name="left"/> is not older.</summary>
    public static bool operator >=(ChunkVersion left, ChunkVersion right) => left.Value >= right.Value;

    /// <inheritdoc/>
    public override string ToString() => $"v{Value}";
}
