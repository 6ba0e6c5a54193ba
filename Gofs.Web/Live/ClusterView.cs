using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Cluster;
using Gofs.Namespaces;

namespace Gofs.Web.Live;

/// <summary>A namespace as one look at the cluster found it.</summary>
/// <param name="Info">As the cluster's list has it.</param>
/// <param name="Status">How its master is, or null when it did not answer.</param>
/// <param name="Failure">Why it did not, or null.</param>
public sealed record NamespaceView(NamespaceInfo Info, NamespaceStatus? Status, string? Failure)
{
    /// <summary>Its name.</summary>
    public string Name => Info.Name;
}

/// <summary>One look at the cluster.</summary>
/// <param name="At">When it was taken.</param>
/// <param name="Servers">The chunk servers, by id.</param>
/// <param name="Silos">The silos, by name.</param>
/// <param name="Namespaces">The namespaces, by name.</param>
public sealed record ClusterView(
    DateTimeOffset At, IReadOnlyList<ChunkServerInfo> Servers, IReadOnlyList<SiloInfo> Silos, IReadOnlyList<NamespaceView> Namespaces)
{
    /// <summary>How the replicas of all chunks are; null before the chunk tables were asked. Some seconds old.</summary>
    public HealingStatus? Healing { get; init; }

    /// <summary>How far the drains of chunk servers are. Some seconds old.</summary>
    public IReadOnlyDictionary<ServerId, ServerReplicas> Drains { get; init; } = new Dictionary<ServerId, ServerReplicas>();

    /// <summary>The disks that can be written to.</summary>
    public IEnumerable<DiskStatus> DisksInService => Servers.Where(server => server.Live).SelectMany(server => server.Disks).Where(disk => disk.Fault is null);

    /// <summary>Room on them.</summary>
    public long TotalBytes => DisksInService.Sum(disk => disk.TotalBytes);

    /// <summary>Room left on them.</summary>
    public long FreeBytes => DisksInService.Sum(disk => disk.FreeBytes);
}
