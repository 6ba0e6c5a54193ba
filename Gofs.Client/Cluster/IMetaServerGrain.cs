using Orleans;
using Orleans.Concurrency;

namespace Gofs.Cluster;

/// <summary>What a silo is to one namespace.</summary>
/// <param name="WarmNumber">EditLog number of its standby; -1 when it has none that is warm.</param>
/// <param name="IsDraining">Whether it is going to stop and takes no master any more.</param>
[GenerateSerializer, Immutable, Alias("gofs.meta.standing")]
public readonly record struct MetaServerStanding([property: Id(0)] long WarmNumber, [property: Id(1)] bool IsDraining);

/// <summary>The MetaServer part of one silo (key: the silo's name; it lives there or nowhere).</summary>
[Alias("gofs.IMetaServerGrain")]
public interface IMetaServerGrain : IGrainWithStringKey
{
    /// <summary>What this silo is to a namespace; asked by whoever has to place its master.</summary>
    [AlwaysInterleave, Alias("GetStanding")]
    Task<MetaServerStanding> GetStandingAsync(string namespaceName, CancellationToken cancellation = default);

    /// <summary>
    /// Moves every master of this silo to its standby and takes none any more (until the silo restarts); answers how many moved. For a
    /// silo that is going to stop.
    /// </summary>
    [AlwaysInterleave, Alias("Drain")]
    Task<int> DrainAsync(CancellationToken cancellation = default);

    /// <summary>
    /// Takes no master any more, until <see cref="EndDrainAsync"/> or until the silo restarts; answers the namespaces whose masters are here now. They
    /// stay until somebody moves them (<see cref="Namespaces.INamespaceGrain.MoveMasterAsync"/>). Asked again, it answers which are left.
    /// </summary>
    [AlwaysInterleave, Alias("BeginDrain")]
    Task<string[]> BeginDrainAsync(CancellationToken cancellation = default);

    /// <summary>Takes masters again. Those that were moved stay where they are.</summary>
    [AlwaysInterleave, Alias("EndDrain")]
    Task EndDrainAsync(CancellationToken cancellation = default);

    /// <summary>
    /// For benchmarks: records a second that this silo's EditLog store takes in for good, <paramref name="recordsPerCommit"/> (1 to 4,096) in a
    /// commit, measured for a second.
    /// </summary>
    [AlwaysInterleave, Alias("MeasureStore")]
    Task<double> MeasureStoreAsync(int recordsPerCommit, CancellationToken cancellation = default);
}
