using Gofs.Cluster;
using Gofs.Grains.Placement;
using Orleans;
using Orleans.Concurrency;
using Orleans.Placement;

namespace Gofs.Grains.Namespaces.Standbys;

/// <summary>This silo's MetaServer, for the others.</summary>
[PinToSiloName, Reentrant, KeepAlive, Immovable]
internal sealed class MetaServerGrain(LocalMetaServer local) : Grain, IMetaServerGrain
{
    /// <inheritdoc/>
    public Task<MetaServerStanding> GetStandingAsync(string namespaceName, CancellationToken cancellation) =>
        Task.FromResult(local.StandingOf(namespaceName));

    /// <inheritdoc/>
    public Task<int> DrainAsync(CancellationToken cancellation) => local.DrainAsync(GrainFactory, cancellation);
}
