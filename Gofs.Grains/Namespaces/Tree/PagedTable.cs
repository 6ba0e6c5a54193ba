namespace Gofs.Grains.Namespaces.Tree;

/// <summary>
/// Rows of a struct by a growing number, in pages: no array ever doubles, and a page whose rows were all given back is given back
/// itself. So ten million rows are a few hundred objects to the garbage collector.
/// </summary>
/// <typeparam name="T">The row.</typeparam>
internal sealed class PagedTable<T>
    where T : struct
{
    private const int PageBits = 13;
    private const int PageRows = 1 << PageBits;
    private readonly List<T[]?> pages = [];
    private readonly List<int> used = [];

    /// <summary>The row of a number that was added.</summary>
    public ref T this[long number] => ref pages[(int)(number >> PageBits)]![number & (PageRows - 1)];

    /// <summary>Whether the number's page exists; a row in it may still be an empty one.</summary>
    public bool HasPage(long number) => number >= 0 && number >> PageBits < pages.Count && pages[(int)(number >> PageBits)] is not null;

    /// <summary>Puts a row at a number where there is none.</summary>
    public void Add(long number, in T row)
    {
        var page = (int)(number >> PageBits);
        while (pages.Count <= page)
        {
            pages.Add(null);
            used.Add(0);
        }

        var rows = pages[page] ??= new T[PageRows];
        rows[number & (PageRows - 1)] = row;
        used[page]++;
    }

    /// <summary>Takes the row of a number away.</summary>
    public void Remove(long number)
    {
        var page = (int)(number >> PageBits);
        if (--used[page] == 0) pages[page] = null;
        else pages[page]![number & (PageRows - 1)] = default;
    }
}
