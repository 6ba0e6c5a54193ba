using Gofs.Ctl.Targets;
using Gofs.Namespaces;

namespace Gofs.Ctl.Shell;

/// <summary>Names from the silo, kept a second, asked for no longer than a second, at most <see cref="MostNames"/> of a directory.</summary>
internal sealed class RemoteNames(Session session, TimeProvider time) : IRemoteNames
{
    private const int MostNames = 20_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(1);
    private readonly Dictionary<(string Namespace, GofsPath Directory), (long At, IReadOnlyList<NameInDirectory> Names)> kept = [];
    private (long At, IReadOnlyList<string> Names)? namespaces;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> NamespacesAsync(CancellationToken cancellation)
    {
        if (namespaces is { } known && time.GetElapsedTime(known.At) < KeptFor) return known.Names;
        var names = await AskAsync<string>(async (client, token) => [.. (await client.ListNamespacesAsync(token)).Select(one => one.Name)], cancellation);
        namespaces = (time.GetTimestamp(), names);
        return names;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<NameInDirectory>> NamesAsync(string namespaceName, GofsPath directory, CancellationToken cancellation)
    {
        if (kept.TryGetValue((namespaceName, directory), out var known) && time.GetElapsedTime(known.At) < KeptFor) return known.Names;
        kept.Clear();
        var names = await AskAsync<NameInDirectory>(async (client, token) =>
        {
            List<NameInDirectory> found = [];
            await foreach (var entry in client.Namespace(namespaceName).ListAsync(directory, token))
            {
                found.Add(new(PathText.Decode(entry.Name), entry.Type == EntryType.Directory));
                if (found.Count == MostNames) break;
            }

            return found;
        }, cancellation);
        kept[(namespaceName, directory)] = (time.GetTimestamp(), names);
        return names;
    }

    private async Task<IReadOnlyList<T>> AskAsync<T>(
        Func<GofsClient, CancellationToken, Task<IReadOnlyList<T>>> ask, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(Patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            return await ask(await session.ConnectAsync(both.Token), both.Token);
        }
        catch (Exception failed) when (failed is GofsException or OperationCanceledException)
        {
            return [];
        }
    }
}
