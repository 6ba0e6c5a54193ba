using System.Buffers.Binary;
using Gofs.Internal;
using Orleans;

namespace Gofs.Files;

/// <summary>
/// Names one lease on one file. Chosen by the client that asks. One half names who holds it, the other counts how often he has asked: each asking has a name
/// of its own, so that one that arrives late, where another activation of the file's grain knows nothing of what came of the others, is known for what it is.
/// </summary>
/// <param name="Value">128 random bits, the second half of which <see cref="Next"/> counts on.</param>
[GenerateSerializer, Immutable, Alias("gofs.lease-id")]
public readonly record struct LeaseId([property: Id(0)] Guid Value)
{
    private const int Half = 8;

    /// <summary>A new holder's.</summary>
    public static LeaseId New() => new(RandomBits.Next());

    /// <summary>The same holder's, when he asks again.</summary>
    public LeaseId Next()
    {
        Span<byte> bits = stackalloc byte[2 * Half];
        Value.TryWriteBytes(bits);
        BinaryPrimitives.WriteUInt64BigEndian(bits[Half..], unchecked(BinaryPrimitives.ReadUInt64BigEndian(bits[Half..]) + 1));
        return new(new Guid(bits));
    }

    /// <summary>Whether both are one holder's. <see langword="default"/> is nobody's.</summary>
    public bool IsOfSameHolder(LeaseId other) => this == other || (Parts().Holder is not 0 and var holder && holder == other.Parts().Holder);

    /// <summary>Whether both are one holder's, and he asked with this one later.</summary>
    public bool IsLaterThan(LeaseId other)
    {
        var (mine, others) = (Parts(), other.Parts());
        return IsOfSameHolder(other) && unchecked((long)(mine.Count - others.Count)) > 0;
    }

    /// <inheritdoc/>
    public override string ToString() => Value.ToString("N");

    private (ulong Holder, ulong Count) Parts()
    {
        Span<byte> bits = stackalloc byte[2 * Half];
        Value.TryWriteBytes(bits);
        return (BinaryPrimitives.ReadUInt64BigEndian(bits), BinaryPrimitives.ReadUInt64BigEndian(bits[Half..]));
    }
}
