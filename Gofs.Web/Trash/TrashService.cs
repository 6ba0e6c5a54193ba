using Gofs.Cluster;
using Gofs.Namespaces;
using Gofs.Web.SignIn;

namespace Gofs.Web.Trash;

/// <summary>The trash through the SDK, which gives it oldest first.</summary>
internal sealed class TrashService(GofsClient client, Session session) : ITrash
{
    /// <inheritdoc/>
    public async Task<FoundItems> SearchAsync(string space, string text, int limit, CancellationToken cancellation)
    {
        Queue<TrashItem> newest = new(limit);
        var found = 0L;
        await foreach (var item in client.Namespace(space).ListTrashAsync(cancellation))
        {
            if (text.Length > 0 && !item.OriginalPath.ToString().Contains(text, StringComparison.OrdinalIgnoreCase)) continue;
            found++;
            if (newest.Count == limit) newest.Dequeue();
            newest.Enqueue(item);
        }

        return new([.. newest.Reverse()], found);
    }

    /// <inheritdoc/>
    public async Task RestoreAsync(string space, long item, GofsPath? to, CancellationToken cancellation) =>
        await (await session.AsAsync(ConsoleRole.Operator)).Namespace(space).RestoreAsync(item, to, cancellation);

    /// <inheritdoc/>
    public async Task<long> PurgeAsync(string space, long? item, CancellationToken cancellation) =>
        await (await session.AsAsync(ConsoleRole.Admin)).Namespace(space).PurgeTrashAsync(item, cancellation);
}
