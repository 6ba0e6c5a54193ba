using Gofs.ChunkServers;
using Gofs.Cluster;
using Gofs.Grains.ChunkServers;
using Gofs.Grains.Control;
using Gofs.Tests.Sdk.Fakes;

namespace Gofs.Tests.Simulation;

/// <summary>The cluster's grain as chunk servers and chunk tables see it: the registry is the product's own, what it remembers is never lost here.</summary>
internal sealed class SimRegistry(SimWorld world, Silos silos, TimeSpan deadTime)
{
    private readonly ServerRegistry registry = new(deadTime, world.UtcNow);
    private readonly List<KnownChunkServer> known = [];

    public SimLane Lane { get; } = new(new(world, "cluster"), LaneKind.Turns);

    private TimeSpan Now => TimeSpan.FromTicks(world.Now);

    /// <summary>Answers a call.</summary>
    public object? Answer(string method, object?[] arguments) => method switch
    {
        nameof(IClusterGrain.FindNamespaceByNumberAsync) =>
            new NamespaceInfo(SimNamespace.Name, SimNamespace.Number, SimNamespace.Config, DateTimeOffset.UnixEpoch),
        nameof(IClusterGrain.HeartbeatAsync) => Hear((Heartbeat)arguments[0]!),
        nameof(IClusterGrain.ListChunkServersAsync) => registry.List(known, silos.ActiveNames(SiloRoles.Chunks), Now, world.UtcNow),
        _ => Fake.Unexpected(method),
    };

    private HeartbeatAnswer Hear(Heartbeat beat)
    {
        registry.Hear(beat, Now, world.UtcNow);
        foreach (var one in registry.News(known))
        {
            known.RemoveAll(had => had.Server == one.Server);
            known.Add(one);
        }

        return new([SimNamespace.Number], [SimNamespace.Config.ChunkTableShards], []);
    }
}
