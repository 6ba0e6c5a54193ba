using Gofs.Cluster;
using Gofs.Files;
using Gofs.Namespaces;
using Gofs.Web.SignIn;

namespace Gofs.Web.Browse;

/// <summary>The tree through the SDK.</summary>
internal sealed class TreeService(GofsClient client, Session session) : ITree
{
    /// <inheritdoc/>
    public Task<Entry> StatAsync(string space, GofsPath path, CancellationToken cancellation) =>
        client.Namespace(space).StatAsync(path, followLast: false, cancellation);

    /// <inheritdoc/>
    public Task<ListPage> ListAsync(string space, GofsPath directory, byte[]? after, int limit, CancellationToken cancellation) =>
        client.Namespace(space).ListPageAsync(directory, after, limit, cancellation);

    /// <inheritdoc/>
    public Task<TreeCount> CountAsync(string space, GofsPath path, CancellationToken cancellation) =>
        client.Namespace(space).CountAsync(path, cancellation);

    /// <inheritdoc/>
    public Task<FileLayout> LayoutAsync(string space, GofsPath path, int firstIndex, int count, CancellationToken cancellation) =>
        client.Namespace(space).GetLayoutAsync(path, firstIndex, count, cancellation);

    /// <inheritdoc/>
    public Task<FileLeases> LeasesAsync(string space, InodeNumber inode, CancellationToken cancellation) =>
        client.Namespace(space).GetLeasesAsync(inode, cancellation);

    /// <inheritdoc/>
    public async Task<byte[]> BeginningAsync(string space, GofsPath path, int bytes, CancellationToken cancellation)
    {
        await using var file = await client.Namespace(space).OpenAsync(path, FileMode.Open, FileAccess.Read, cancellation: cancellation);
        var read = new byte[Math.Min(bytes, file.Length)];
        var count = await file.ReadAtAsync(0, read, cancellation);
        return read[..count];
    }

    /// <inheritdoc/>
    public Task<string[]> ExtendedAttributesAsync(string space, GofsPath path, CancellationToken cancellation) =>
        client.Namespace(space).ListExtendedAttributesAsync(path, cancellation);

    /// <inheritdoc/>
    public async Task MakeDirectoryAsync(string space, GofsPath path, CancellationToken cancellation) =>
        await (await ToChangeAsync(space)).CreateDirectoryAsync(path, cancellation: cancellation);

    /// <inheritdoc/>
    public async Task MoveAsync(string space, GofsPath from, GofsPath to, CancellationToken cancellation) =>
        await (await ToChangeAsync(space)).RenameAsync(from, to, noReplace: true, cancellation);

    /// <inheritdoc/>
    public async Task CloneAsync(string space, GofsPath from, GofsPath to, CancellationToken cancellation) =>
        await (await ToChangeAsync(space)).CloneAsync(from, to, cancellation);

    /// <inheritdoc/>
    public async Task SetGoalAsync(string space, GofsPath path, int goal, CancellationToken cancellation) =>
        await (await ToChangeAsync(space)).SetGoalAsync(path, goal, cancellation: cancellation);

    /// <inheritdoc/>
    public async Task RemoveAsync(string space, GofsPath path, CancellationToken cancellation) =>
        await (await ToChangeAsync(space)).RemoveAsync(path, recursive: true, cancellation: cancellation);

    private async Task<GofsNamespace> ToChangeAsync(string space) => (await session.AsAsync(ConsoleRole.Operator)).Namespace(space);
}
