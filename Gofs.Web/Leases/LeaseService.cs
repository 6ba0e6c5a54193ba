using Gofs.Cluster;
using Gofs.Files;
using Gofs.Namespaces;
using Gofs.Web.SignIn;

namespace Gofs.Web.Leases;

/// <summary>Leases through the SDK: the names are the namespace's, and only of those that are shown is the file's grain asked who has it.</summary>
internal sealed class LeaseService(GofsClient client, Session session) : ILeases
{
    /// <summary>More open files than this are not looked through.</summary>
    private const int MostRead = 20_000;

    private const int AskedAtOnce = 16;

    /// <inheritdoc/>
    public async Task<LeasedFiles> ListAsync(string space, string search, int most, CancellationToken cancellation)
    {
        var tree = client.Namespace(space);
        List<OpenFile> open = [];
        await foreach (var file in tree.ListOpenFilesAsync(cancellation).Take(MostRead).WithCancellation(cancellation))
        {
            if (search.Length == 0 || (file.Path?.ToString().Contains(search, StringComparison.OrdinalIgnoreCase) ?? false)) open.Add(file);
        }

        List<LeasedFile> shown = [];
        foreach (var some in open.OrderBy(file => file.OpenedAt).Take(most).Chunk(AskedAtOnce))
            shown.AddRange(await Task.WhenAll(some.Select(file => AskAsync(tree, file, cancellation))));
        return new(shown, open.Count);
    }

    /// <inheritdoc/>
    public async Task BreakAsync(string space, OpenFile file, CancellationToken cancellation) =>
        await (await session.AsAsync(ConsoleRole.Operator)).Namespace(space).BreakLeaseAsync(file.Inode, cancellation);

    private static async Task<LeasedFile> AskAsync(GofsNamespace tree, OpenFile file, CancellationToken cancellation)
    {
        try
        {
            return new(file, await tree.GetLeasesAsync(file.Inode, cancellation));
        }
        catch (GofsException)
        {
            // The page says of this one that it is not known; the others are shown.
            return new(file, null);
        }
    }
}
