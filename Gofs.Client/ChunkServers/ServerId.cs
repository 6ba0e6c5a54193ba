using Orleans;

namespace Gofs.ChunkServers;

/// <summary>Names a chunk server: the name of its silo, kept on each of its disks. Letters, digits, '-', '_' and '.'; at most 64.</summary>
/// <param name="Value">The name.</param>
[GenerateSerializer, Immutable, Alias("gofs.server-id")]
public readonly record struct ServerId([property: Id(0)] string Value)
{
    /// <inheritdoc/>
    public override string ToString() => Value;
}
