using Gofs.Namespaces;

namespace Gofs.Web.Browse;

/// <summary>
/// A directory by row numbers, though it is fetched by names: the first name of each page is learned once, on the way there, and a few pages are
/// kept, so that a directory of any size costs a circuit a few pages. Under change rows may shift; a page is never mixed of two answers.
/// Not thread-safe: one circuit's.
/// </summary>
internal sealed class DirectoryPages(Func<byte[]?, int, CancellationToken, Task<ListPage>> fetch)
{
    /// <summary>Entries of a page.</summary>
    public const int PageEntries = 500;

    private const int MaxPages = 12;

    /// <summary>For each page the name it begins behind; the first begins at the first name.</summary>
    private readonly List<byte[]?> starts = [null];
    private readonly Dictionary<int, Entry[]> pages = [];
    private readonly Queue<int> order = [];
    private int? rows;

    /// <summary>How many entries there are, once the last page was seen.</summary>
    public int? Rows => rows;

    /// <summary>Entries from a row on, up to so many.</summary>
    public async Task<IReadOnlyList<Entry>> GetAsync(int row, int count, CancellationToken cancellation)
    {
        List<Entry> found = new(count);
        while (found.Count < count)
        {
            var page = (row + found.Count) / PageEntries;
            var entries = await PageAsync(page, cancellation);
            var from = row + found.Count - (page * PageEntries);
            if (from >= entries.Length) break;
            found.AddRange(entries.AsSpan(from, Math.Min(count - found.Count, entries.Length - from)));
        }

        return found;
    }

    private async Task<Entry[]> PageAsync(int page, CancellationToken cancellation)
    {
        if (pages.TryGetValue(page, out var known)) return known;
        while (starts.Count <= page)
        {
            if (rows is not null) return [];
            await FetchAsync(starts.Count - 1, cancellation);
        }

        return await FetchAsync(page, cancellation);
    }

    private async Task<Entry[]> FetchAsync(int page, CancellationToken cancellation)
    {
        if (pages.TryGetValue(page, out var known)) return known;
        var got = await fetch(starts[page], PageEntries, cancellation);
        if (!got.More) rows = (page * PageEntries) + got.Entries.Length;
        else if (starts.Count == page + 1) starts.Add(got.Entries[^1].Name);
        if (pages.TryAdd(page, got.Entries)) order.Enqueue(page);
        while (order.Count > MaxPages) pages.Remove(order.Dequeue());
        return got.Entries;
    }
}
