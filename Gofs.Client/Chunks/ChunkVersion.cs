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
    /// <summary>The version of a chunk that was just allocated.</summary>
    public static ChunkVersion First => new(1);

    /// <summary>The version after this one.</summary>
    public ChunkVersion Next => new(checked(Value + 1));

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
