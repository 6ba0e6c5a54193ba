namespace Gofs.Grains.Namespaces.Tree;

/// <summary>
/// The bytes of all names, in pages of 1 MiB; a name never crosses pages. Room of names given back is used again by names of the same
/// length.
/// </summary>
internal sealed class NameArena
{
    private const int PageBits = 20;
    private const int PageBytes = 1 << PageBits;
    private readonly List<byte[]> pages = [];
    private readonly Stack<uint>?[] free = new Stack<uint>?[256];
    private int used = PageBytes;

    /// <summary>The name at a place.</summary>
    public ReadOnlySpan<byte> Get(uint place, int length) => pages[(int)(place >> PageBits)].AsSpan((int)(place & (PageBytes - 1)), length);

    /// <summary>Stores a name of 1 to 255 bytes; answers its place.</summary>
    public uint Add(ReadOnlySpan<byte> name)
    {
        if (free[name.Length] is not { Count: > 0 } room || !room.TryPop(out var place))
        {
            if (used + name.Length > PageBytes)
            {
                pages.Add(GC.AllocateUninitializedArray<byte>(PageBytes));
                used = 0;
            }

            place = ((uint)(pages.Count - 1) << PageBits) + (uint)used;
            used += name.Length;
        }

        name.CopyTo(pages[(int)(place >> PageBits)].AsSpan((int)(place & (PageBytes - 1))));
        return place;
    }

    /// <summary>Gives a name's room back.</summary>
    public void Remove(uint place, int length) => (free[length] ??= new()).Push(place);
}
