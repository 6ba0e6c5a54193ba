using Gofs.Namespaces;

namespace Gofs.Web.Namespaces;

/// <summary>
/// What directories hold, through the SDK. A master walks a tree in short steps, so that others are served meanwhile; of a directory with very many
/// directories the first by name are looked at.
/// </summary>
internal sealed class UsageService(GofsClient client) : IUsage
{
    private const int MostDirectories = 200;
    private const int MostEntries = 20_000;
    private const int PageEntries = 1000;
    private const int AskedAtOnce = 8;

    /// <inheritdoc/>
    public async Task<DirectoryUsage> ReadAsync(string space, GofsPath directory, CancellationToken cancellation)
    {
        var tree = client.Namespace(space);
        var all = await tree.CountAsync(directory, cancellation);
        var (directories, isCut) = await ListAsync(tree, directory, cancellation);
        List<(GofsPath Path, TreeCount Count)> counted = [];
        foreach (var some in directories.Chunk(AskedAtOnce))
            counted.AddRange(await Task.WhenAll(some.Select(async path => (path, await tree.CountAsync(path, cancellation)))));
        return new(all, [.. counted.OrderByDescending(one => one.Count.LengthBytes).ThenBy(one => one.Path.ToString(), StringComparer.Ordinal)], isCut);
    }

    private static async Task<(List<GofsPath> Directories, bool IsCut)> ListAsync(GofsNamespace tree, GofsPath directory, CancellationToken cancellation)
    {
        List<GofsPath> found = [];
        byte[]? after = null;
        for (var seen = 0; seen < MostEntries;)
        {
            var page = await tree.ListPageAsync(directory, after, PageEntries, cancellation);
            foreach (var entry in page.Entries.Where(entry => entry.Type == EntryType.Directory))
            {
                if (found.Count == MostDirectories) return (found, true);
                found.Add(directory.Append(entry.Name));
            }

            if (!page.More || page.Entries.Length == 0) return (found, false);
            (seen, after) = (seen + page.Entries.Length, page.Entries[^1].Name);
        }

        return (found, true);
    }
}
