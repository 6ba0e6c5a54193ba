using System.Runtime.CompilerServices;
using Gofs.Files;
using Gofs.Namespaces;

namespace Gofs;

/// <summary>Files that are open for writing, who has them, and how they are taken away.</summary>
public sealed partial class GofsNamespace
{
    /// <summary>The files that are open for writing, by inode.</summary>
    public async IAsyncEnumerable<OpenFile> ListOpenFilesAsync([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        OpenFile[] page;
        var after = default(InodeNumber);
        do
        {
            page = await context.Retry.RunAsync(
                Name, (tree, after), static (at, token) => at.tree.ListOpenFilesAsync(at.after, PageEntries, token), cancellation);
            foreach (var file in page) yield return file;
            if (page.Length > 0) after = page[^1].Inode;
        }
        while (page.Length == PageEntries);
    }

    /// <summary>Who has a file open for writing, and where they write.</summary>
    public Task<FileLeases> GetLeasesAsync(InodeNumber inode, CancellationToken cancellation = default) => opener.GetLeasesAsync(inode, cancellation);

    /// <summary>
    /// Takes a file away from whoever writes it: what was flushed stays, what was not is lost, and the writer's next call is refused
    /// (<see cref="GofsError.LeaseExpired"/>). A file that was to take its name when it is whole goes with all that was written. Clients that append
    /// records and live join again. Nothing happens to a file that is not open.
    /// </summary>
    public Task BreakLeaseAsync(InodeNumber inode, CancellationToken cancellation = default) => context.Caller.AsksAsync(() =>
        context.Retry.RunAsync(Name, (tree, inode), static (at, token) => at.tree.BreakLeaseAsync(at.inode, token), cancellation));
}
