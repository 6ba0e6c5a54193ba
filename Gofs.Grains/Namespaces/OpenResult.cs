namespace Gofs.Grains.Namespaces;

/// <summary>What opening a file answered, in the one number that <see cref="OpResults"/> keeps.</summary>
/// <param name="Inode">The file.</param>
/// <param name="Created">Whether it was made.</param>
/// <param name="WasOpen">Whether it was open already.</param>
internal readonly record struct OpenResult(long Inode, bool Created, bool WasOpen)
{
    /// <summary>The number.</summary>
    public long Value => (Inode << 2) | (WasOpen ? 2L : 0) | (Created ? 1L : 0);

    /// <summary>Takes the number apart.</summary>
    public static OpenResult Of(long value) => new(value >> 2, (value & 1) != 0, (value & 2) != 0);
}
