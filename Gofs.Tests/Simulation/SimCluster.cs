using System.Collections.Immutable;
using System.Reflection;
using Gofs.Cluster;
using Gofs.Files;
using Gofs.Grains.Control;
using Gofs.Grains.Namespaces.Standbys;
using Gofs.Namespaces;
using Gofs.Tests.Sdk.Fakes;
using Orleans;
using Orleans.Runtime;
using Orleans.Runtime.MembershipService.SiloMetadata;

namespace Gofs.Tests.Simulation;

/// <summary>
/// MetaServers with one namespace, on one database. In place of Orleans: a membership that declares silos dead as it is told to (also those that are not),
/// and a directory of the master's activation that may forget one that is there, so that another one starts beside it; some callers still have
/// the former one's address. That only one of them is ever believed must come from the EditLog, not from here.
/// </summary>
internal sealed class SimCluster
{
    public const string Namespace = "ns";
    private static readonly MethodInfo Typed = typeof(SimCluster).GetMethod(nameof(TypedAsync), BindingFlags.Static | BindingFlags.NonPublic)!;
    private readonly Func<string, SimSilo> start;
    private readonly List<SimActivation> masters = [];
    private SimActivation? master;
    private long version;
    private int generation;

    public SimCluster(SimWorld world, SimNetwork network, SimDatabase database, PlantedBug bug, int silos)
    {
        (World, Network, Database, Bug) = (world, network, database, bug);
        Silos = new(
            Fake.Of<IClusterMembershipService>((method, _) => method == "get_CurrentSnapshot" ? Members() : Fake.Unexpected(method)),
            Fake.Of<ISiloMetadataCache>((_, _) => Metadata));
        start = name => new(this, name, ++generation, bug == PlantedBug.ReadsNotFenced && name == "silo1" ? 0.02 : 1);
        for (var i = 1; i <= silos; i++) All.Add(start($"silo{i}"));
    }

    public SimWorld World { get; }

    public SimNetwork Network { get; }

    public SimDatabase Database { get; }

    public PlantedBug Bug { get; }

    public Silos Silos { get; }

    /// <summary>The last start of each silo.</summary>
    public List<SimSilo> All { get; } = [];

    /// <summary>Every master that is there, believed or not.</summary>
    public IReadOnlyList<SimActivation> Masters => masters;

    /// <summary>Looks at, and may change, what a master is asked.</summary>
    public Func<object?[], object?[]>? Asking { get; set; }

    private static SiloMetadata Metadata { get; } = MetaServers();

    /// <summary>A silo is started again; what of its former start is still there is killed.</summary>
    public void Restart(SimSilo silo)
    {
        silo.Process.Kill();
        silo.IsDeclaredDead = true;
        All[All.IndexOf(silo)] = start(silo.Process.Name);
        Changed();
        silo.Process.Note("starts again");
    }

    /// <summary>The others take a silo for dead.</summary>
    public void DeclareDead(SimSilo silo)
    {
        if (silo.IsDeclaredDead) return;
        silo.IsDeclaredDead = true;
        silo.Process.Note("is declared dead");
        Changed();
    }

    /// <summary>The directory forgets where the master is.</summary>
    public void Forget() => master = null;

    /// <summary>Grains as a process sees them.</summary>
    public IGrainFactory GrainsFor(SimProcess process) => Fake.OfMethods<IGrainFactory>((method, arguments) =>
        GetType().GetMethod(nameof(Proxy), BindingFlags.Instance | BindingFlags.NonPublic)!
            .MakeGenericMethod(method.GetGenericArguments()).Invoke(this, [process, arguments[0]!.ToString()]));

    private static SiloMetadata MetaServers()
    {
        var metadata = new SiloMetadata();
        typeof(SiloMetadata).GetProperty(nameof(metadata.Metadata))!
            .SetValue(metadata, ImmutableDictionary<string, string>.Empty.Add(Silos.RolesKey, nameof(SiloRoles.Meta)));
        return metadata;
    }

    private static async Task<T> TypedAsync<T>(Task<object?> task) => (T)(await task)!;

    private TGrain Proxy<TGrain>(SimProcess from, string key)
        where TGrain : class => Fake.OfMethods<TGrain>((method, arguments) =>
    {
        var answer = CallAsync(from, typeof(TGrain), key, method, arguments);
        return method.ReturnType == typeof(Task) ? answer : Typed.MakeGenericMethod(method.ReturnType.GetGenericArguments()).Invoke(null, [answer]);
    });

    private Task<object?> CallAsync(SimProcess from, Type type, string key, MethodInfo method, object?[] arguments)
    {
        if (type == typeof(IClusterGrain)) return Task.FromResult(Answer(method.Name));
        // Files without bytes have nothing to let go.
        if (type == typeof(IFileGrain)) return Task.FromResult<object?>(null);
        if (Target(type, key) is not { } target) return Task.FromException<object?>(new SiloUnavailableException($"{key} is not there"));
        // A caller's token stays with it.
        object?[] sent = [.. arguments.Select(argument => argument is CancellationToken ? CancellationToken.None : argument)];
        if (type == typeof(INamespaceGrain) && Asking is not null) sent = Asking(sent);
        if (Bug == PlantedBug.StandbySkipsGap && sent is [StandbyBatch batch, ..]) sent[0] = WithoutGap(target.Silo, batch);
        return Network.AskAsync(from, target.Lane, TimeSpan.FromSeconds(5), () => target.CallAsync(method, sent));
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
        var there = All.Where(silo => !silo.IsDeclaredDead).ToArray();
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

    private ClusterMembershipSnapshot Members() => new(
        All.ToImmutableDictionary(
            silo => silo.Address, silo => new ClusterMember(silo.Address, silo.IsDeclaredDead ? SiloStatus.Dead : SiloStatus.Active, silo.Process.Name)),
        new(version));

    private void Changed() => version++;
}
