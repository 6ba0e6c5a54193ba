using Gofs.Namespaces;

namespace Gofs.Web.Trash;

/// <summary>The trash through the SDK, which gives it oldest first.</summary>
internal sealed class TrashService(GofsClient client) : ITrash
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
    public Task RestoreAsync(string space, long item, GofsPath? to, CancellationToken cancellation) =>
        client.Namespace(space).RestoreAsync(item, to, cancellation);

    /// <inheritdoc/>
    public Task<long> PurgeAsync(string space, long? item, CancellationToken cancellation) =>
        client.Namespace(space).PurgeTrashAsync(item, cancellation);
}
