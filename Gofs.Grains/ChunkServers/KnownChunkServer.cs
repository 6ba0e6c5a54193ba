using Gofs.ChunkServers;
using Orleans;

namespace Gofs.Grains.ChunkServers;

/// <summary>What the cluster remembers for good of a chunk server: whom a registry that has just started, and a chunk table, have to wait for.</summary>
[GenerateSerializer, Immutable, Alias("gofs.cluster.known-server")]
public sealed record KnownChunkServer
{
    /// <summary>Who.</summary>
    [Id(0)] public ServerId Server { get; init; }

    /// <summary>The labels it had last.</summary>
    [Id(1)] public Dictionary<string, string> Labels { get; init; } = [];

    /// <summary>What an operator said of it.</summary>
    [Id(2)] public ServerMark Mark { get; init; }

    /// <summary>When a mark of maintenance ends.</summary>
    [Id(3)] public DateTimeOffset? MarkedUntil { get; init; }
}
