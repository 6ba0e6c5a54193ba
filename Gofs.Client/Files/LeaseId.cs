using Gofs.Internal;
using Orleans;

namespace Gofs.Files;

/// <summary>Names one writer lease on one file. Chosen by the client that asks, so that asking again is idempotent.</summary>
/// <param name="Value">128 random bits.</param>
[GenerateSerializer, Immutable, Alias("gofs.lease-id")]
public readonly record struct LeaseId([property: Id(0)] Guid Value)
{
    /// <summary>A new lease id.</summary>
    public static LeaseId New() => new(RandomBits.Next());

    /// <inheritdoc/>
    public override string ToString() => Value.ToString("N");
}
