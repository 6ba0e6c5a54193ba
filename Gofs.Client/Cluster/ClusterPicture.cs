using Gofs.ChunkServers;
using Gofs.Namespaces;

namespace Gofs.Cluster;

/// <summary>A cluster as it was seen at one moment, from figures that are there anyway: what <see cref="Doctor"/> judges.</summary>
/// <param name="At">When, by the clock of whoever looked.</param>
/// <param name="Silos">The silos that are not dead.</param>
/// <param name="ChunkServers">The chunk servers the cluster knows, silent ones too.</param>
/// <param name="Namespaces">The namespaces.</param>
public sealed record ClusterPicture(
    DateTimeOffset At, IReadOnlyList<SiloInfo> Silos, IReadOnlyList<ChunkServerInfo> ChunkServers, IReadOnlyList<NamespacePicture> Namespaces)
{
    /// <summary>How chunks stand to their goals; null where nobody counts them.</summary>
    public HealingPicture? Healing { get; init; }

    /// <summary>Silos that serve names.</summary>
    internal int MetaServers => Silos.Count(silo => silo.Serves(SiloRoles.Meta));

    /// <summary>Chunk servers that are live.</summary>
    internal int LiveServers => ChunkServers.Count(server => server.Live);
}

/// <summary>A namespace in a picture.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Status">How its master is; null when it did not answer.</param>
/// <param name="Failure">Why not; empty when it did.</param>
public sealed record NamespacePicture(string Name, NamespaceStatus? Status, string Failure);

/// <summary>How the chunks of a cluster stand to their goals.</summary>
/// <param name="UnderGoal">Chunks with fewer good replicas than wanted, endangered and missing ones too.</param>
/// <param name="Endangered">Of those, with one replica left.</param>
/// <param name="Missing">Of those, with none.</param>
/// <param name="Since">Since when there are any, if that is known.</param>
/// <param name="Doing">What is being done: how many are being copied, and when that is expected to end.</param>
public sealed record HealingPicture(long UnderGoal, long Endangered, long Missing, DateTimeOffset? Since, string Doing);
