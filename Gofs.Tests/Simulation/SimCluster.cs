using System.Reflection;
using Gofs.Cluster;
using Gofs.Files;
using Gofs.Grains.Control;
using Gofs.Grains.Namespaces.Standbys;
using Gofs.Internal;
using Gofs.Namespaces;
using Gofs.Tests.Sdk.Fakes;
using Orleans;
using Orleans.Runtime;

namespace Gofs.Tests.Simulation;

/// <summary>
/// MetaServers with one namespace, on one database. In place of Orleans: a membership that declares silos dead as it is told to (also those that are not),
/// and a directory of the master's activation that may forget one that is there, so that another one starts beside it; some callers still have
/// the former one's address. That only one of them is ever believed must come from the EditLog, not from here.
/// </summary>
internal sealed class SimCluster
{
    public const string Namespace = "ns";
    private static readonly TimeSpan LongPatience = TimeSpan.FromSeconds(5);
    private readonly SimMembership<SimSilo> membership = new(SiloRoles.Meta);
    private readonly Func<string, SimSilo> start;
    private readonly List<SimActivation> masters = [];
    private readonly Dictionary<SimProcess, SimSilo> gateways = [];
    private SimActivation? master;
    private int generation;

    public SimCluster(SimWorld world, SimNetwork network, SimDatabase database, PlantedBug bug, int silos)
    {
        (World, Network, Database, Bug) = (world, network, database, bug);
        start = name => new(this, name, ++generation, bug == PlantedBug.ReadsNotFenced && name == "silo1" ? 0.02 : 1);
        for (var i = 1; i <= silos; i++) All.Add(start($"silo{i}"));
    }

    public SimWorld World { get; }

    public SimNetwork Network { get; }

    public SimDatabase Database { get; }

    public PlantedBug Bug { get; }

    public Silos Silos => membership.Silos;

    /// <summary>The last start of each silo.</summary>
    public List<SimSilo> All => membership.All;

    /// <summary>Every master that is there, believed or not.</summary>
    public IReadOnlyList<SimActivation> Masters => masters;

    /// <summary>Looks at, and may change, what a master is asked.</summary>
    public Func<object?[], object?[]>? Asking { get; set; }

    /// <summary>A silo is started again; what of its former start is still there is killed.</summary>
    public void Restart(SimSilo silo) => membership.Restart(silo, start);

    /// <summary>The others take a silo for dead.</summary>
    public void DeclareDead(SimSilo silo) => membership.DeclareDead(silo);

    /// <summary>The directory forgets where the master is.</summary>
    public void Forget() => master = null;

    /// <summary>Grains as a silo sees them.</summary>
    public IGrainFactory GrainsFor(SimProcess silo) => SimCalls.GrainsFor(silo, CallAsync);

    /// <summary>Grains as a client sees them: through one silo, until that does not answer.</summary>
    public IGrainFactory GrainsForClient(SimProcess client) => SimCalls.GrainsFor(client, AskGatewayAsync);

    // What stands in a gateway when that stands still arrives after it was asked again through another one.
    private async Task<object?> AskGatewayAsync(SimProcess client, Type type, string key, MethodInfo method, object?[] sent)
    {
        if (!gateways.TryGetValue(client, out var gateway) || gateway.IsDeclaredDead)
        {
            if (membership.There is not [_, ..] there) throw new SiloUnavailableException("no silo is there");
            gateways[client] = gateway = World.One(there);
        }

        var again = AskedAgain.Current;
        try
        {
            return await Network.AskAsync(client, gateway.Gateway, World.UpTo(World.Chance(300) ? 100 : 2000), async () =>
            {
                if (again) AskedAgain.Mark();
                return await CallAsync(gateway.Process, type, key, method, sent);
            });
        }
        catch (TimeoutException)
        {
            gateways.Remove(client);
            throw;
        }
    }

    private Task<object?> CallAsync(SimProcess from, Type type, string key, MethodInfo method, object?[] sent) =>
        SendAsync(from, type, key, method, sent, isForwarded: false);

    private Task<object?> SendAsync(SimProcess from, Type type, string key, MethodInfo method, object?[] sent, bool isForwarded)
    {
        if (type == typeof(IClusterGrain)) return Task.FromResult(Answer(method.Name));
        // Files without bytes have nothing to let go.
        if (type == typeof(IFileGrain)) return Task.FromResult<object?>(null);
        if (Target(type, key) is not { } target) return Task.FromException<object?>(new SiloUnavailableException($"{key} is not there"));
        if (type == typeof(INamespaceGrain) && Asking is not null && !isForwarded) sent = Asking(sent);
        var again = AskedAgain.Current && Bug != PlantedBug.RefusalForgotten;
        if (Bug == PlantedBug.StandbySkipsGap && sent is [StandbyBatch batch, ..]) sent[0] = WithoutGap((SimSilo)target.Silo, batch);
        return Network.AskAsync(from, target.Lane, LongPatience, CallItAsync);

        async Task<object?> CallItAsync()
        {
            if (again) AskedAgain.Mark();
            // What comes to a master that ends goes on to the next one, however long ago it was sent.
            return type == typeof(INamespaceGrain) && target.IsEnding && !isForwarded
                ? await SendAsync(target.Silo.Process, type, key, method, sent, isForwarded: true)
                : await target.CallAsync(method, sent);
        }
    }

    private static StandbyBatch WithoutGap(SimSilo silo, StandbyBatch batch) =>
        silo.Local.FindStandby(Namespace)?.Replica.Number is >= 0 and var number && batch.FirstNumber > number + 1
            ? batch with { FirstNumber = number + 1 }
            : batch;

    private object? Answer(string method) => method == nameof(IClusterGrain.FindNamespaceAsync)
        ? new NamespaceInfo(Namespace, 1, NamespaceConfig.Default, World.UtcNow)
        : Fake.Unexpected(method);

    private SimActivation? Target(Type type, string key)
    {
        if (type == typeof(INamespaceGrain)) return Master();
        var name = key[(key.IndexOf('@', StringComparison.Ordinal) + 1)..];
        if (All.Find(silo => silo.Process.Name == name) is not { IsDeclaredDead: false } silo) return null;
        return type == typeof(IMetaServerGrain) ? silo.MetaServer : silo.Standby;
    }

    // Most callers know where the master is; some know where it was.
    private SimActivation? Master()
    {
        masters.RemoveAll(static one => one.IsGone || one.Silo.Process.IsDead);
        if (masters.Count > 1 && World.Chance(200)) return World.One(masters);
        if (master is { IsGone: false, Silo.IsDeclaredDead: false } known) return known;
        return master = Place();
    }

    // Where the standby is warmest; now and then anywhere.
    private SimActivation? Place()
    {
        var there = membership.There;
        if (there.Length == 0) return null;
        var silo = World.Chance(200) ? World.One(there) : there.MaxBy(one => one.Local.StandingOf(Namespace).WarmNumber)!;
        silo.Process.Note("gets the master");
        var started = silo.StartMaster(gone =>
        {
            masters.Remove(gone);
            if (master == gone) master = null;
        });
        masters.Add(started);
        return started;
    }
}
