using Gofs.Chunks;
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
    /// <summary>How the chunks of all namespaces are, against how many replicas they are to have.</summary>
    public HealingStatus Healing { get; init; } = new();

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
