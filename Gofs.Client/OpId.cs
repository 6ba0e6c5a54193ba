using Gofs.Internal;
using Orleans;

namespace Gofs;

/// <summary>
/// Names one attempt of a client to change something, so that a retry after an unknown outcome gets the first
/// attempt's answer instead of a second effect. 128 random bits, chosen by the client.
/// </summary>
/// <param name="Value">The bits.</param>
[GenerateSerializer, Immutable, Alias("gofs.op-id")]
public readonly record struct OpId([property: Id(0)] Guid Value)
{
    /// <summary>A new op-id, never used before.</summary>
    public static OpId New() => new(RandomBits.Next());

    /// <inheritdoc/>
    public override string ToString() => Value.ToString("N");
}
