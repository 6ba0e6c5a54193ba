using Gofs.Chunks;
using Gofs.Grains.EditLogs;
using Gofs.Namespaces;
using Gofs.Silo.ChunkServer.Storage;
using Gofs.Transport;

namespace Gofs.Tests.Simulation;

/// <summary>
/// Files under faults. What runs is the product's own: file grains, chunk tables with their leases, versions and healing, chunk servers with record append and
/// copying, the chunk store with its journal, the EditLog, and the SDK's pipelines that write, append and read. What is simulated: Orleans, the database, the
/// network, the clocks, the disks, and a namespace that has the files (see <see cref="SimNamespace"/>).
/// </summary>
internal sealed class ChunkSimulation
{
    private static readonly TimeSpan FaultTime = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private static readonly InodeNumber[] Appended = [new(11), new(12)];
    private static readonly InodeNumber[] Written = [new(21), new(22)];
    private readonly SimWorld world;
    private readonly SimNetwork network;
    private readonly SimDatabase database;
    private readonly SimChunkCluster cluster;
    private readonly SimFaults<SimChunkSilo> faults;
    private readonly AppendHistory appends;
    private readonly WriteHistory writes;
    private readonly List<FileClient> clients = [];
    private readonly Dictionary<StreamId, long> epochs = [];
    private readonly PlantedBug bug;
    private int clientNumber;
    private bool faulty = true;

    private ChunkSimulation(SimWorld world, PlantedBug bug)
    {
        (this.world, this.bug) = (world, bug);
        network = new(world);
        database = new(world, bug) { Committed = CheckEpoch };
        cluster = new(world, network, database, bug, silos: 4);
        faults = new(world, network, database, cluster.All, cluster.DeclareDead, cluster.Restart);
        (appends, writes) = (new(world), new(world));
        world.AfterStep = Look;
        world.Hurry = world.Random.Next(100);
    }

    /// <summary>Runs; answers what happened.</summary>
    /// <exception cref="SimFailure">Something was wrong; the message has the seed and the end of the trace.</exception>
    public static SimResult Run(int seed, PlantedBug bug = PlantedBug.None) => SimRun.Of(seed, world => new ChunkSimulation(world, bug).Run);

    private SimResult Run()
    {
        for (var i = 0; i < 2; i++) clients.Add(NextAppender());
        for (var i = 0; i < 2; i++) clients.Add(NextWriter(i));
        clients.Add(NextReader());
        NextFault();
        world.RunUntil(() => world.Now > FaultTime.Ticks, FaultTime * 2, "the faults end");
        Heal();
        var done = clients.ConvertAll(client => client.Done);
        world.RunUntil(() => clients.Zip(done).All(one => one.First.Done > one.Second + 1), Patience, "every client is served again");
        foreach (var client in clients) client.Stops = true;
        world.RunUntil(() => clients.TrueForAll(client => client.Work.IsCompleted), Patience, "the clients end");
        world.RunUntil(() => cluster.Names.AllClosed, Patience, "every file is settled");
        var audit = new ReplicaAudit(cluster);
        WaitFor(audit.Fault);
        CheckAll(audit);
        // What was found to have rotted may have been given up.
        WaitFor(audit.Fault);
        return new(world.Trace, world.Steps, world.Now, writes.Flushes, appends.Acknowledged);
    }

    // Looked at once a second: it is much to look at.
    private void WaitFor(Func<string?> look)
    {
        var end = world.Now + Patience.Ticks;
        while (look() is { } fault)
        {
            if (world.Now > end) throw new SimFailure($"not healed within {Patience.TotalSeconds} s: {fault}");
            var next = world.Now + TimeSpan.TicksPerSecond;
            world.RunUntil(() => world.Now > next, TimeSpan.FromMinutes(1), "time goes on");
        }
    }

    private void CheckAll(ReplicaAudit audit)
    {
        var reader = NextReader();
        reader.Stops = true;
        world.RunUntil(() => reader.Work.IsCompleted, Patience, "the last reader is there");
        Dictionary<InodeNumber, long> lengths = [];
        var reading = new SimLane(reader.Process, LaneKind.Turns).Do(async () =>
        {
            foreach (var file in Appended.Concat(Written)) lengths[file] = await reader.ReadAsync(file);
            foreach (var file in Appended) await CheckAppendedAsync(audit, file, reader.Process.Clock);
            foreach (var file in Written) await CheckWrittenAsync(audit, file, reader.Process.Clock);
        });
        world.RunUntil(() => reading.IsCompleted, Patience, "all is read");
        if (reading.Exception?.InnerException is { } failed) throw new SimFailure($"at the end: {failed.Message}");
        // One who asked to append, and went, may count as appending for a while yet.
        WaitFor(() => lengths.Where(file => cluster.Names.LengthOf(file.Key) != file.Value)
            .Select(file => $"file {file.Key.Value} has {file.Value} bytes, and the namespace says {cluster.Names.LengthOf(file.Key)}").FirstOrDefault());
    }

    // Whoever is asked, all replicas of what is appended to are the same.
    private Task CheckAppendedAsync(ReplicaAudit audit, InodeNumber file, TimeProvider time)
    {
        var records = appends.Expect(file);
        Dictionary<long, byte[]> firsts = [];
        return audit.ShowReplicasAsync(file, time, (offset, bytes, server) =>
        {
            appends.CheckBytes(file, records, offset, bytes);
            if (firsts.TryAdd(offset, bytes)) return;
            var same = bytes.AsSpan().CommonPrefixLength(firsts[offset]);
            if (same < bytes.Length || same < firsts[offset].Length)
                world.Wrong($"file {file.Value}: from {offset + same} on {server} has other bytes than others: {bytes.Length} and not {firsts[offset].Length}");
        });
    }

    // Of bytes that were not flushed some replicas may have others.
    private Task CheckWrittenAsync(ReplicaAudit audit, InodeNumber file, TimeProvider time)
    {
        var expected = writes.Expect(file);
        return audit.ShowReplicasAsync(file, time, (offset, bytes, server) => writes.CheckBytes(file, expected, offset, bytes, $" on {server}"));
    }

    private AppendingClient NextAppender() => new(cluster, appends, Appended, $"append{++clientNumber}", Drift());

    private WritingClient NextWriter(int which) => new(
        cluster, writes, Written, $"write{++clientNumber}", bug == PlantedBug.LeaseNotExpired && which == 0 ? 0.02 : Drift());

    private ReadingClient NextReader() => new(cluster, appends, writes, [.. Appended, .. Written], Appended.Contains, $"read{++clientNumber}");

    private double Drift() => 1 + ((world.Random.NextDouble() - 0.5) / 50);

    private void Look()
    {
        foreach (var client in clients) client.CheckWork();
    }

    private void CheckEpoch(SimCommit commit, StreamHead head)
    {
        var last = epochs.GetValueOrDefault(commit.Stream);
        if (commit.Claim == StreamClaim.None && commit.Epoch != last)
            world.Wrong($"epoch {commit.Epoch} commits to {commit.Stream} while {last} is the last taken");
        if (commit.Claim != StreamClaim.None && head.Epoch <= last) world.Wrong($"epoch {head.Epoch} of {commit.Stream} was taken after {last}");
        epochs[commit.Stream] = head.Epoch;
    }

    private void NextFault() => world.After(world.UpTo(2500), () =>
    {
        if (!faulty) return;
        Fault();
        NextFault();
    });

    private void Fault()
    {
        var silo = world.One(cluster.All);
        switch (world.Random.Next(16))
        {
            case 0: End(silo, "is killed"); break;
            case 1 or 2: CutPower(silo); break;
            case 3 or 4: faults.Pause(silo, takenForDead: 500); break;
            case 5: faults.Cut(silo.Process.Name, Anybody()); break;
            case 6: faults.Cut(Anybody(), silo.Process.Name); break;
            case 7: faults.Disturb(); break;
            case 8: cluster.ForgetOne(); break;
            case 9: cluster.DeactivateOne(); break;
            case 10: faults.CrashDatabase(); break;
            case 11 or 12: Rot(); break;
            case 13: BreakDisk(silo); break;
            case 14: KillClient(); break;
            case 15:
                silo.Machine.SlowSync = world.Chance(500) ? 1500 : 4;
                silo.Process.Note($"takes up to {silo.Machine.SlowSync} ms for a sync");
                break;
        }
    }

    private string Anybody() => world.One<string>([
        "db", "ns", "cluster", .. clients.Select(client => client.Process.Name), .. cluster.All.Select(one => one.Process.Name)]);

    private void End(SimChunkSilo silo, string how)
    {
        if (silo.Process.IsDead) return;
        silo.Process.Note(how);
        silo.Process.Kill();
        world.After(world.UpTo(2000), () => cluster.DeclareDead(silo));
        world.After(world.UpTo(8000), () => faults.Restart(silo));
    }

    private void CutPower(SimChunkSilo silo)
    {
        SimChunkSilo[] which = world.Chance(150) ? [.. cluster.All] : [silo];
        foreach (var one in which)
        {
            End(one, "is on a machine that loses its power");
            one.Machine.CutPower();
        }
    }

    // What is on the disk: bytes that are only in memory nothing protects. And on one disk only, so that another replica is good as long as there is one.
    private void Rot()
    {
        var disk = cluster.All[0].Machine.Disk;
        var all = SimReplica.On(disk).Where(one => one.LengthBytes > 0 && one.IsSynced(disk) && OthersHave(one.Handle) >= 2).ToArray();
        if (all.Length == 0 || disk.IsOff) return;
        var rotten = world.One(all);
        var offset = rotten.OffsetBytes + world.Random.Next(rotten.LengthBytes);
        disk.FlipBit(rotten.Path, offset, world.Random.Next(8));
        world.Note("silo1", $"{rotten.Handle} in {rotten.Path} rots at {offset}");
        world.After(world.UpTo(100), () => Scrub(rotten.Handle));
    }

    private int OthersHave(ChunkHandle handle)
    {
        if (cluster.All[0].ReplicaOf(handle) is not { } replica) return 0;
        return cluster.All.Skip(1).Count(silo => silo.Process.Runs && silo.VersionOf(replica.Handle) == replica.Version);
    }

    // At once, so that what has rotted is not the last replica that is left when the others have failed.
    private void Scrub(ChunkHandle handle)
    {
        if (cluster.All[0] is { Process.Runs: true, Store: not null } silo) silo.Scrub(handle);
        else world.After(TimeSpan.FromMilliseconds(500), () => Scrub(handle));
    }

    private void BreakDisk(SimChunkSilo silo)
    {
        if (silo.Machine.Disk.IsBroken) return;
        silo.Process.Note("has a disk that does not answer any more");
        silo.Machine.Disk.IsBroken = true;
        world.After(world.UpTo(6000), () => faults.Restart(silo));
    }

    private void KillClient()
    {
        var which = world.Random.Next(clients.Count - 1);
        var client = clients[which];
        client.Process.Note("is killed");
        client.Process.Kill();
        clients[which] = client is AppendingClient ? NextAppender() : NextWriter(1);
    }

    private void Heal()
    {
        faulty = false;
        foreach (var silo in cluster.All) silo.Machine.SlowSync = 4;
        faults.Heal(mustRestart: silo => silo.Process.IsDead || silo.IsDeclaredDead || silo.Machine.Disk.IsBroken || silo.Machine.Disk.IsOff);
    }
}
