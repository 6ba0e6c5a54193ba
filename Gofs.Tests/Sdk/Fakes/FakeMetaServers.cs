using Gofs.Cluster;
using Gofs.Internal;
using Gofs.Namespaces;
using Orleans;

namespace Gofs.Tests.Sdk.Fakes;

/// <summary>A cluster of MetaServers with the master of one namespace and what standbys the test gives it.</summary>
internal sealed class FakeMetaServers
{
    /// <summary>Every call of the master.</summary>
    public Func<string, object?[], object?> Master { get; set; } = (method, _) => Fake.Unexpected(method);

    /// <summary>Every call of a silo's standby.</summary>
    public Func<string, string, object?[], object?> Standby { get; set; } = (_, method, _) => Fake.Unexpected(method);

    /// <summary>How far each silo's standby is; -1: it has none.</summary>
    public Dictionary<string, long> Standings { get; } = [];

    /// <summary>How often the silos were asked for.</summary>
    public int Looks { get; private set; }

    /// <summary>A client of them.</summary>
    public GofsClient Client(TimeProvider time) => new(new ClientContext(
        Fake.OfMethods<IGrainFactory>((method, arguments) => Grain(method.GetGenericArguments()[0].Name, arguments)),
        new GofsClientOptions(), time, new FakeTransport(), seed: 1));

    private object? Grain(string kind, object?[] arguments) => kind switch
    {
        nameof(INamespaceGrain) => Fake.Of<INamespaceGrain>((method, with) => Master(method, with)),
        nameof(INamespaceStandbyGrain) => Fake.Of<INamespaceStandbyGrain>(
            (method, with) => Standby(StandbyKey.Parse((string)arguments[0]!).Silo, method, with)),
        nameof(IMetaServerGrain) => Fake.Of<IMetaServerGrain>(
            (_, _) => Task.FromResult(new MetaServerStanding(Standings[(string)arguments[0]!], IsDraining: false))),
        nameof(ISilosGrain) => Fake.Of<ISilosGrain>((_, _) => Silos()),
        _ => Fake.Unexpected(kind),
    };

    private Task<SiloInfo[]> Silos()
    {
        Looks++;
        return Task.FromResult<SiloInfo[]>([.. Standings.Keys.Select(name => new SiloInfo(name, "", "", SiloRoles.Meta, "Active"))]);
    }
}
