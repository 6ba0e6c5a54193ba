using Gofs.Namespaces;

namespace Gofs.Ctl.Targets;

/// <summary>Goes through all below a directory, each before what is in it. Symlinks are not followed.</summary>
internal static class Walk
{
    /// <summary>Visits.</summary>
    /// <param name="list">Lists a directory.</param>
    /// <param name="top">The directory; not visited itself.</param>
    /// <param name="visit">What is done with each.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <param name="mostDepth">How many levels below the top are visited.</param>
    public static async Task BelowAsync(
        Func<GofsPath, CancellationToken, IAsyncEnumerable<Entry>> list, GofsPath top, Func<GofsPath, Entry, Task> visit,
        CancellationToken cancellation, int mostDepth = int.MaxValue)
    {
        if (mostDepth == 0) return;
        await foreach (var entry in list(top, cancellation))
        {
            var path = top.Append(entry.Name);
            await visit(path, entry);
            if (entry.Type == EntryType.Directory) await BelowAsync(list, path, visit, cancellation, mostDepth - 1);
        }
    }
}
