using Gofs.Cluster;
using Gofs.Grains.Control;
using Orleans;
using Orleans.Concurrency;

namespace Gofs.Grains.Cluster;

/// <summary>Answers where it is asked: a stateless worker on every silo.</summary>
[StatelessWorker(1), Reentrant]
internal sealed class SilosGrain(Silos silos) : Grain, ISilosGrain
{
    /// <inheritdoc/>
    public Task<SiloInfo[]> GetSilosAsync() => Task.FromResult(silos.All().Select(silo => silo.Info).ToArray());
}
