using Gofs.Cluster;

namespace Gofs.Internal;

/// <summary>
/// The number behind a namespace's name, asked for once: part of every file grain's key. A namespace that is removed and made
/// again gets a new one, so whoever finds that files are gone calls <see cref="RefreshAsync"/>.
/// </summary>
internal sealed class NamespaceNumber(ClientContext context, string name)
{
    private volatile NamespaceInfo? info;
    private volatile int number;

    /// <summary>The number as last heard; 0 before.</summary>
    public int Known => number;

    /// <summary>What an answer of the namespace said.</summary>
    public void Learn(int known) => number = known;

    /// <summary>The number, from memory when it is known.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.NamespaceNotFound"/>.</exception>
    public ValueTask<int> GetAsync(CancellationToken cancellation)
    {
        var known = number;
        return known != 0 ? new(known) : new(RefreshAsync(cancellation));
    }

    /// <summary>The namespace as the cluster's list has it, from memory when it is the one with the number last heard.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.NamespaceNotFound"/>.</exception>
    public async ValueTask<NamespaceInfo> GetInfoAsync(CancellationToken cancellation)
    {
        if (info is { } known && known.Number == number) return known;
        await RefreshAsync(cancellation);
        return info!;
    }

    /// <summary>The number, asked for again.</summary>
    public async Task<int> RefreshAsync(CancellationToken cancellation)
    {
        var found = await context.Retry.RunAsync(
            name, (context.Cluster, name), static (at, token) => at.Cluster.FindNamespaceAsync(at.name, token), cancellation)
            ?? throw new GofsException(GofsError.NamespaceNotFound, "there is no such namespace", name);
        info = found;
        number = found.Number;
        return found.Number;
    }
}
