using Gofs.Cluster;

namespace Gofs.Web.Live;

/// <summary>Looks through the SDK.</summary>
internal sealed class ClusterSource(GofsClient client, TimeProvider time) : IClusterSource
{
    /// <summary>A master that takes longer is said not to answer; the others are shown.</summary>
    private static readonly TimeSpan MasterLimit = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    public async Task<ClusterView> LookAsync(CancellationToken cancellation)
    {
        var (servers, silos, spaces) =
            (client.ListChunkServersAsync(cancellation), client.ListSilosAsync(cancellation), client.ListNamespacesAsync(cancellation));
        await Task.WhenAll(servers, silos, spaces);
        var views = await Task.WhenAll((await spaces).Select(space => LookAtAsync(space, cancellation)));
        return new(time.GetUtcNow(), await servers, await silos, views);
    }

    private async Task<NamespaceView> LookAtAsync(NamespaceInfo space, CancellationToken cancellation)
    {
        using var patience = new CancellationTokenSource(MasterLimit, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation);
        try
        {
            return new(space, await client.Namespace(space.Name).GetStatusAsync(both.Token), null);
        }
        catch (GofsException failed)
        {
            return new(space, null, failed.Detail);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new(space, null, $"its master has not answered for {MasterLimit.TotalSeconds:0} s");
        }
    }
}
