using Gofs.ChunkServers;
using Gofs.Grains.ChunkServers;
using Gofs.Grains.EditLogs;
using Gofs.Grains.Namespaces.Standbys;
using Orleans.Runtime;

namespace Gofs.Silo.Hosting.Metrics;

/// <summary>
/// Whether a silo does what it is there for, as a supervisor or a load balancer asks. It looks at this silo only: that the cluster is well is the
/// console's and <c>gofsctl doctor</c>'s to say.
/// </summary>
internal sealed class SiloHealth(ISiloStatusOracle membership, LocalMetaServer masters, EditLogServices editLog, IChunkStore? store)
{
    /// <summary>How long the EditLog's store may take for one transaction.</summary>
    public static readonly TimeSpan LongestCommit = TimeSpan.FromSeconds(5);

    /// <summary>Of a started silo.</summary>
    public static SiloHealth Of(IServiceProvider services) => new(
        services.GetRequiredService<ISiloStatusOracle>(), services.GetRequiredService<LocalMetaServer>(), services.GetRequiredService<EditLogServices>(),
        services.GetService<IChunkStore>());

    /// <summary>Why it is not ready; empty when it is.</summary>
    public IReadOnlyList<string> Faults() => Judge(membership.CurrentStatus, masters.IsDraining, editLog.BusyFor, store?.GetDisks());

    /// <summary>Judges it.</summary>
    /// <param name="status">How the cluster's membership has it.</param>
    /// <param name="isDraining">Whether its masters move away.</param>
    /// <param name="busy">For how long the EditLog's store has been at one transaction.</param>
    /// <param name="disks">Its disks; null of a silo that is no chunk server.</param>
    public static IReadOnlyList<string> Judge(SiloStatus status, bool isDraining, TimeSpan busy, IReadOnlyList<DiskStatus>? disks)
    {
        List<string> faults = [];
        if (status != SiloStatus.Active) faults.Add($"the silo is {status} in the cluster, not Active");
        if (isDraining) faults.Add("its masters are moving to other silos");
        if (busy > LongestCommit) faults.Add($"the EditLog's store has not answered for {busy.TotalSeconds:0} s");
        if (disks is { Count: > 0 } && disks.All(disk => disk.Fault is not null))
            faults.Add($"none of its {disks.Count} disks is in service: {disks[0].Fault}");
        return faults;
    }
}
