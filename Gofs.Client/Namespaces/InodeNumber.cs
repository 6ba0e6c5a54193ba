using Orleans;

namespace Gofs.Namespaces;

/// <summary>Names a file, directory or symlink in its namespace, whatever its path: never reused. The root is 1.</summary>
/// <param name="Value">1 to 2^40 - 1.</param>
[GenerateSerializer, Immutable, Alias("gofs.inode")]
public readonly record struct InodeNumber([property: Id(0)] long Value)
{
    /// <summary>The largest number.</summary>
    public const long MaxValue = (1L << 40) - 1;

    /// <summary>The root directory.</summary>
    public static InodeNumber Root => new(1);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
