using System.Reflection;
using Gofs.Grains.EditLogs;
using Gofs.Grains.Namespaces;
using Gofs.Namespaces;
using Orleans;

namespace Gofs.Tests.Simulation;

/// <summary>
/// One run of a namespace on three silos and one database, under faults that the seed chooses; then the faults stop, and everything must be well again.
/// What runs is the product's own: the namespace's grain, state and decisions, the standby's, its feed, the EditLog's grain base, streams, writer, loader and
/// Snapshots. What is simulated: Orleans (see <see cref="SimCluster"/>), the database, the network, the clock.
/// </summary>
internal sealed class NamespaceSimulation
{
    private static readonly TimeSpan FaultTime = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private readonly SimWorld world;
    private readonly SimNetwork network;
    private readonly SimDatabase database;
    private readonly SimCluster cluster;
    private readonly SimFaults<SimSilo> faults;
    private readonly NamespaceHistory history;
    private readonly List<NamespaceClient> clients = [];
    private readonly Dictionary<object, long> lookedAt = [];
    private bool faulty = true;

    private NamespaceSimulation(SimWorld world, PlantedBug bug)
    {
        this.world = world;
        network = new(world);
        database = new(world, bug);
        cluster = new(world, network, database, bug, silos: 3);
        faults = new(world, network, database, cluster.All, cluster.DeclareDead, cluster.Restart);
        history = new(world, database);
        if (bug == PlantedBug.OpIdIgnored) cluster.Asking = Disguise;
        world.AfterStep = Look;
        world.Hurry = world.Random.Next(100);
    }

    /// <summary>Runs; answers what happened.</summary>
    /// <exception cref="SimFailure">Something was wrong; the message has the seed and the end of the trace.</exception>
    public static SimResult Run(int seed, PlantedBug bug = PlantedBug.None) => SimRun.Of(seed, world => new NamespaceSimulation(world, bug).Run);

    private SimResult Run()
    {
        for (var i = 1; i <= 4; i++) clients.Add(new(cluster, history, $"client{i}"));
        NextFault();
        world.RunUntil(() => world.Now > FaultTime.Ticks, FaultTime * 2, "the faults end");
        Heal();
        var answered = clients.ConvertAll(client => client.Answered);
        world.RunUntil(() => clients.Zip(answered).All(one => one.First.Answered > one.Second + 2), Patience, "every client is answered again");
        foreach (var client in clients) client.Stops = true;
        world.RunUntil(() => clients.TrueForAll(client => client.Work.IsCompleted), Patience, "the clients end");
        world.RunUntil(IsSettled, Patience, "one master and its standby have everything");
        history.CheckStored();
        var left = world.Now;
        world.RunUntil(() => world.Now > left, Patience, "a last look");
        return new(world.Trace, world.Steps, world.Now, history.Number, history.Acknowledged);
    }

    // Every live state against the history, each once for each number it comes to.
    private void Look()
    {
        foreach (var client in clients) client.CheckWork();
        foreach (var master in cluster.Masters)
        {
            if (master.Grain is not NamespaceGrain grain || Inside.StateOf(grain) is not { } state || Inside.StreamOf(grain) is not { } stream) continue;
            if (stream.RaisedNumber == stream.DurableNumber) LookAt(grain, $"the master on {master.Silo.Process.Name}", state, stream.DurableNumber);
        }

        foreach (var silo in cluster.All)
        {
            if (silo.Process.IsDead || silo.Local.FindStandby(SimCluster.Namespace)?.Replica is not { Number: >= 0 } replica) continue;
            var (state, number) = replica.Read(static state => state);
            LookAt(replica, $"the standby on {silo.Process.Name}", state, number);
        }
    }

    private void LookAt(object whose, string name, NamespaceState state, long number)
    {
        if (lookedAt.TryGetValue(whose, out var last) && last == number) return;
        lookedAt[whose] = number;
        history.Check(name, state, number);
    }

    private bool IsSettled() =>
        cluster.Masters.Count(master => master is { Grain: not null, Silo.Process.Runs: true }) == 1
        && cluster.All.Exists(silo => silo.Local.StandingOf(SimCluster.Namespace).WarmNumber == history.Number);

    private void NextFault() => world.After(world.UpTo(3000), () =>
    {
        if (!faulty) return;
        Fault();
        NextFault();
    });

    private void Fault()
    {
        var silo = world.One(cluster.All);
        switch (world.Random.Next(10))
        {
            case 0 or 1: Kill(silo); break;
            case 2 or 3: faults.Pause(silo, takenForDead: 700); break;
            case 4: faults.Cut(silo.Process.Name, world.One<string>(["db", .. cluster.All.Select(one => one.Process.Name)])); break;
            case 5: faults.Cut(world.One<string>(["db", "client1", "client2", .. cluster.All.Select(one => one.Process.Name)]), silo.Process.Name); break;
            case 6: faults.CrashDatabase(); break;
            case 7: faults.Disturb(); break;
            case 8:
                world.Note("faults", "the directory forgets the master");
                cluster.Forget();
                break;
            case 9: MakeSnapshot(silo); break;
        }
    }

    private void Kill(SimSilo silo)
    {
        if (silo.Process.IsDead) return;
        silo.Process.Note("is killed");
        silo.Process.Kill();
        world.After(world.UpTo(3000), () => cluster.DeclareDead(silo));
        world.After(world.UpTo(6000), () => faults.Restart(silo));
    }

    // What a standby does when its log has grown for long.
    private static void MakeSnapshot(SimSilo silo)
    {
        if (!silo.Process.Runs || silo.Local.FindStandby(SimCluster.Namespace)?.Replica is not { Number: > 0 } replica) return;
        var (epoch, number) = (replica.Epoch, replica.Number);
        silo.Process.Note($"the standby makes a Snapshot at {number} in epoch {epoch}");
        _ = silo.EditLog.Threads.RunLongAsync(() => SnapshotMaker.Make<NamespaceState, NamespaceEvent>(
            silo.EditLog, NamespaceHistory.Stream, epoch, number, silo.EditLog.SerializerOf<NamespaceEvent>(), () => replica.Number < 0));
    }

    private void Heal()
    {
        faulty = false;
        faults.Heal(mustRestart: silo => silo.Process.IsDead || silo.IsDeclaredDead);
    }

    private object?[] Disguise(object?[] arguments) => arguments is [INamespaceRequest[] requests, ..]
        ? [Array.ConvertAll(requests, Disguise), .. arguments[1..]]
        : arguments;

    private INamespaceRequest Disguise(INamespaceRequest request)
    {
        if (new NamespaceWatch(history, request).OpId is not { } really) return request;
        var disguise = new OpId(new Guid(world.Random.Next(), 0, 0, new byte[8]));
        history.Disguise(disguise, really);
        return request switch
        {
            MakeDirectory one => one with { OpId = disguise },
            PutFile one => one with { OpId = disguise },
            MakeSymlink one => one with { OpId = disguise },
            Rename one => one with { OpId = disguise },
            Remove one => one with { OpId = disguise },
            SetAttributes one => one with { OpId = disguise },
            SetExtendedAttribute one => one with { OpId = disguise },
            _ => request,
        };
    }

    /// <summary>What a grain keeps to itself.</summary>
    private static class Inside
    {
        private static readonly FieldInfo State = Field("state");
        private static readonly FieldInfo Stream = Field("stream");

        public static NamespaceState? StateOf(Grain grain) => (NamespaceState?)State.GetValue(grain);

        public static EditLogStream? StreamOf(Grain grain) => (EditLogStream?)Stream.GetValue(grain);

        private static FieldInfo Field(string name) =>
            typeof(EditLogGrain<NamespaceState, NamespaceEvent>).GetField(name, BindingFlags.Instance | BindingFlags.NonPublic)!;
    }
}

/// <summary>What a run came to.</summary>
internal sealed record SimResult(IReadOnlyList<string> Trace, long Steps, long Ticks, long Records, int Acknowledged);
