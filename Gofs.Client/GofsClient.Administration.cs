using Gofs.Cluster;
using Gofs.Internal;
using Gofs.Namespaces;

namespace Gofs;

/// <summary>Settings of the cluster, and what administrators did.</summary>
public sealed partial class GofsClient
{
    /// <summary>Every setting of the cluster as it is in force, and where it comes from.</summary>
    public async Task<IReadOnlyList<SettingInForce>> ListSettingsAsync(CancellationToken cancellation = default)
    {
        var set = await context.Retry.RunAsync("", context.Cluster, static (at, token) => at.GetSettingsAsync(-1, token), cancellation);
        var silos = await ListSilosAsync(cancellation);
        return SettingsInForce.All(set ?? ClusterSettings.None, silos, await GetDefaultConfigAsync(cancellation));
    }

    /// <summary>
    /// Changes settings of the cluster, all of these or none. They are kept, go before what silos were started with, and are in force on every silo
    /// within some seconds; one that can't be told keeps what it has until it can.
    /// </summary>
    /// <param name="changes">What to set, or with a null value to unset.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="GofsException"><see cref="GofsError.InvalidArgument"/>: the message has every fault.</exception>
    public Task<ClusterSettings> ChangeSettingsAsync(IReadOnlyCollection<SettingChange> changes, CancellationToken cancellation = default) =>
        context.Caller.AsksAsync(() => context.Retry.RunAsync(
            "", (context.Cluster, Changes: changes.ToArray()), static (at, token) => at.Cluster.ChangeSettingsAsync(at.Changes, token), cancellation));

    /// <summary>
    /// What administrators did to the cluster and to its namespaces, the latest last. Who it was is what their programs said: nobody signs in.
    /// </summary>
    /// <param name="most">How many at most, 1 to 1,000: the last ones. So many are remembered of the cluster and of each namespace.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="GofsException"><see cref="GofsError.InvalidArgument"/>; what keeps a namespace from answering.</exception>
    public async Task<IReadOnlyList<AuditEntry>> ListAuditAsync(int most = AuditEntry.Most, CancellationToken cancellation = default)
    {
        if (most is < 1 or > AuditEntry.Most) throw new GofsException(GofsError.InvalidArgument, $"1 to {AuditEntry.Most} acts are listed, not {most}");
        List<AuditEntry> all =
            [.. await context.Retry.RunAsync("", (context.Cluster, most), static (at, token) => at.Cluster.ListAuditAsync(at.most, token), cancellation)];
        foreach (var one in await ListNamespacesAsync(cancellation)) all.AddRange(await ListAuditAsync(one.Name, most, cancellation));
        return [.. all.OrderBy(entry => entry.At).TakeLast(most)];
    }

    private async Task<AuditEntry[]> ListAuditAsync(string name, int most, CancellationToken cancellation)
    {
        try
        {
            return await Namespace(name).ListAuditAsync(most, cancellation);
        }
        catch (GofsException removed) when (removed.Error == GofsError.NamespaceNotFound)
        {
            return []; // since it was listed; that is recorded of the cluster
        }
    }
}
