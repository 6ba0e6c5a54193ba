using Orleans;
using Orleans.Concurrency;

namespace Gofs.Cluster;

/// <summary>What a silo does.</summary>
[Flags]
public enum SiloRoles
{
    /// <summary>Nothing that is known.</summary>
    None = 0,

    /// <summary>MetaServer: masters, standbys, files, chunk tables.</summary>
    Meta = 1,

    /// <summary>Chunk server.</summary>
    Chunks = 2,

    /// <summary>Console.</summary>
    Console = 4,
}

/// <summary>A silo as the cluster's membership has it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Address">Where other silos reach it.</param>
/// <param name="Gateway">"host:port" where clients reach it; empty when that is not known.</param>
/// <param name="Roles">What it does.</param>
/// <param name="Status">Active, Joining, ShuttingDown, Stopping or Dead.</param>
[GenerateSerializer, Immutable, Alias("gofs.cluster.silo")]
public sealed record SiloInfo(
    [property: Id(0)] string Name,
    [property: Id(1)] string Address,
    [property: Id(2)] string Gateway,
    [property: Id(3)] SiloRoles Roles,
    [property: Id(4)] string Status)
{
    /// <summary>What it was started with of what can be set for the cluster (<see cref="ClusterSetting"/>): KEY=VALUE, separated by blanks.</summary>
    [Id(5)] public string OwnSettings { get; init; } = "";

    /// <summary>Whether it serves.</summary>
    public bool IsActive => Status == "Active";

    /// <summary>Whether it is active and has a role.</summary>
    internal bool Serves(SiloRoles role) => IsActive && Roles.HasFlag(role);
}

/// <summary>
/// The cluster's silos. Any key: each activation answers from the membership of the silo it is on, so whichever silo is asked, the
/// answer is there without another call.
/// </summary>
[Alias("gofs.ISilosGrain")]
public interface ISilosGrain : IGrainWithIntegerKey
{
    /// <summary>The silos, by name.</summary>
    [AlwaysInterleave, Alias("GetSilos")]
    Task<SiloInfo[]> GetSilosAsync();
}
