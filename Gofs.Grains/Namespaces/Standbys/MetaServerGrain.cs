using Gofs.Cluster;
using Gofs.Grains.EditLogs;
using Gofs.Grains.Placement;
using Orleans;
using Orleans.Concurrency;
using Orleans.Placement;

namespace Gofs.Grains.Namespaces.Standbys;

/// <summary>This silo's MetaServer, for the others.</summary>
[PinToSiloName, Reentrant, KeepAlive, Immovable]
internal sealed class MetaServerGrain(LocalMetaServer local, EditLogServices services) : Grain, IMetaServerGrain
{
    /// <inheritdoc/>
    public Task<MetaServerStanding> GetStandingAsync(string namespaceName, CancellationToken cancellation) =>
        Task.FromResult(local.StandingOf(namespaceName));

    /// <inheritdoc/>
    public Task<int> DrainAsync(CancellationToken cancellation) => local.DrainAsync(GrainFactory, cancellation);

    /// <inheritdoc/>
    public Task<string[]> BeginDrainAsync(CancellationToken cancellation) => Task.FromResult<string[]>([.. local.BeginDrain()]);

    /// <inheritdoc/>
    public Task EndDrainAsync(CancellationToken cancellation)
    {
        local.EndDrain();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<double> MeasureStoreAsync(int recordsPerCommit, CancellationToken cancellation) =>
        recordsPerCommit is >= 1 and <= 4096
            ? StoreCeiling.MeasureAsync(services, recordsPerCommit, cancellation)
            : throw new GofsException(GofsError.InvalidArgument, $"a commit has 1 to 4,096 records, not {recordsPerCommit}");
}
