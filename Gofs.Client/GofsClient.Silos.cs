using Gofs.Cluster;

namespace Gofs;

/// <summary>The silos.</summary>
public sealed partial class GofsClient
{
    private static readonly TimeSpan JoinLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan JoinPause = TimeSpan.FromMilliseconds(200);

    /// <summary>The silos that are not dead, by name.</summary>
    public Task<SiloInfo[]> ListSilosAsync(CancellationToken cancellation = default) =>
        context.Retry.RunAsync("", context.Grains.GetGrain<ISilosGrain>(0, null), static (silos, _) => silos.GetSilosAsync(), cancellation);

    /// <summary>
    /// Begins to drain a silo: it takes no master any more, until <see cref="EndDrainAsync"/> or until it restarts. Answers the namespaces whose
    /// masters are there now; each is moved with <see cref="GofsNamespace.FailoverAsync"/>. Asked again, it answers which are left. File grains,
    /// chunk tables and chunks stay where they are.
    /// </summary>
    /// <exception cref="GofsException"><see cref="GofsError.SiloNotFound"/>: no active MetaServer has that name.</exception>
    public async Task<IReadOnlyList<string>> BeginDrainAsync(string silo, CancellationToken cancellation = default)
    {
        var server = await MetaServerAsync(silo, cancellation);
        return await context.Retry.RunAsync(silo, server, static (at, token) => at.BeginDrainAsync(token), cancellation);
    }

    /// <summary>The silo takes masters again. Those that were moved stay where they are.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.SiloNotFound"/>: no active MetaServer has that name.</exception>
    public async Task EndDrainAsync(string silo, CancellationToken cancellation = default)
    {
        var server = await MetaServerAsync(silo, cancellation);
        await context.Retry.RunAsync(silo, server, static (at, token) => at.EndDrainAsync(token), cancellation);
    }

    // The others know that a silo is there a moment before they know what it does: one that was just restarted is waited for.
    private async Task<IMetaServerGrain> MetaServerAsync(string silo, CancellationToken cancellation)
    {
        ArgumentException.ThrowIfNullOrEmpty(silo);
        var began = context.Time.GetTimestamp();
        while (true)
        {
            var silos = await ListSilosAsync(cancellation);
            var serving = silos.Where(one => one.Serves(SiloRoles.Meta)).Select(one => one.Name).ToArray();
            if (serving.Contains(silo)) return context.Grains.GetGrain<IMetaServerGrain>(silo, null);
            if (silos.All(one => one.IsActive && one.Roles != SiloRoles.None) || context.Time.GetElapsedTime(began) > JoinLimit)
                throw new GofsException(GofsError.SiloNotFound, $"no active MetaServer has that name; there are {string.Join(", ", serving)}", silo);
            await Task.Delay(JoinPause, context.Time, cancellation);
        }
    }
}
