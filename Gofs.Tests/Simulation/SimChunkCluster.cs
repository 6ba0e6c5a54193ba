using System.Reflection;
using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Cluster;
using Gofs.Files;
using Gofs.Grains.Control;
using Gofs.Namespaces;
using Gofs.Tests.EndToEnd;
using Gofs.Transport;
using Orleans;
using Orleans.Runtime;

namespace Gofs.Tests.Simulation;

/// <summary>
/// Silos that are chunk servers and hold files and chunk tables, on one database. In place of Orleans: a membership, and a directory of activations that may
/// forget one that is there, so that another starts beside it; some callers still have the former one's address. A chunk server is where its disk is.
/// </summary>
internal sealed class SimChunkCluster
{
    // Orleans tells who waits that a silo is dead; here it only takes long. A copy may take as long as that.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly HashSet<string> Noted =
    [
        nameof(IChunkServerGrain.OfferVersionAsync), nameof(IChunkServerGrain.TruncateAsync), nameof(IChunkServerGrain.InstallReplicaAsync),
        nameof(IChunkTableGrain.RecoverAsync), nameof(IChunkTableControlGrain.RecoverOwnAsync), nameof(IChunkTableGrain.GrantVersionAsync),
        nameof(IFileGrain.JoinAppendAsync), nameof(IFileGrain.RecoverAppendAsync), nameof(IFileGrain.NextAppendChunkAsync), nameof(IFileGrain.LeaveAppendAsync),
    ];

    private static readonly bool NotesAll = TestSetting.Number("GOFS_TEST_NOTES", 0) != 0;

    private readonly SimMembership<SimChunkSilo> membership = new(SiloRoles.Meta | SiloRoles.Chunks);
    private readonly Dictionary<string, SimMachine> machines = [];
    private readonly SortedDictionary<string, List<SimActivation>> grains = new(StringComparer.Ordinal);
    private readonly HashSet<string> forgotten = new(StringComparer.Ordinal);
    private readonly SimRegistry registry;
    private readonly ChunkBugs bugs;
    private int generation;

    public SimChunkCluster(SimWorld world, SimNetwork network, SimDatabase database, PlantedBug bug, int silos)
    {
        (World, Network, Database, Bug) = (world, network, database, bug);
        bugs = new(this);
        registry = new(world, Silos, TimeSpan.FromSeconds(8));
        Names = new(world, network, CallAsync);
        for (var i = 1; i <= silos; i++)
        {
            machines[$"silo{i}"] = new(world, $"silo{i}", bug);
            All.Add(Start($"silo{i}"));
        }
    }

    /// <summary>Signs the right to read and write.</summary>
    public static ClusterKey Key { get; } = new("a secret of the simulation"u8);

    public SimWorld World { get; }

    public SimNetwork Network { get; }

    public SimDatabase Database { get; }

    public PlantedBug Bug { get; }

    public SimNamespace Names { get; }

    public Silos Silos => membership.Silos;

    /// <summary>The last start of each silo.</summary>
    public List<SimChunkSilo> All => membership.All;

    /// <summary>How many of 1,000 calls to a grain go to one that may be a former activation of it, when there is one.</summary>
    public int Misled { get; set; } = 100;

    /// <summary>The activation of a file that callers are sent to.</summary>
    public SimActivation FileOf(InodeNumber file) => grains[$"file {FileKey.Of(SimNamespace.Number, file)}"][^1];

    /// <summary>The directory forgets where a file's grain is.</summary>
    public void Forget(InodeNumber file) => forgotten.Add($"file {FileKey.Of(SimNamespace.Number, file)}");

    /// <summary>A silo's process is started again, on its disk as it is.</summary>
    public void Restart(SimChunkSilo silo)
    {
        silo.Process.Kill();
        silo.Machine.Disk.IsBroken = false;
        silo.Machine.Disk.Restart();
        membership.Restart(silo, Start);
    }

    /// <summary>The others take a silo for dead.</summary>
    public void DeclareDead(SimChunkSilo silo) => membership.DeclareDead(silo);

    /// <summary>The directory forgets where some grain is.</summary>
    public void ForgetOne()
    {
        if (Placed() is not { Length: > 0 } placed) return;
        var key = World.One(placed);
        World.Note("faults", $"the directory forgets {key}");
        forgotten.Add(key);
    }

    /// <summary>Some grain is deactivated.</summary>
    public void DeactivateOne()
    {
        if (Placed() is not { Length: > 0 } placed) return;
        var key = World.One(placed);
        World.Note("faults", $"{key} is deactivated");
        grains[key][^1].Deactivate();
    }

    /// <summary>Grains as a process sees them.</summary>
    public IGrainFactory GrainsFor(SimProcess process) => SimCalls.GrainsFor(process, CallAsync);

    private SimChunkSilo Start(string name) => new(this, machines[name], name, ++generation, 1 + ((World.Random.NextDouble() - 0.5) / 50));

    private string[] Placed() => [.. grains.Where(one => one.Value.Count > 0).Select(one => one.Key)];

    private Task<object?> CallAsync(SimProcess from, Type type, string key, MethodInfo method, object?[] sent)
    {
        if (type == typeof(IClusterGrain)) return Network.AskAsync(from, registry.Lane, Patience, () => Task.FromResult(registry.Answer(method.Name, sent)));
        if (type == typeof(INamespaceGrain) || type == typeof(INamespaceControlGrain))
            return Network.AskAsync(from, Names.Lane, Patience, () => Task.FromResult(Names.Answer(method.Name, sent)));
        if (Target(type, key) is not { } target) return Task.FromException<object?>(new SiloUnavailableException($"{type.Name} {key} is not there"));
        // What is on its way is bytes of its own.
        for (var i = 0; i < sent.Length; i++)
        {
            if (sent[i] is ChunkWrite write) sent[i] = write with { Data = write.Data.ToArray() };
        }

        return bugs.Send(method.Name, () => Network.AskAsync(
            from, target.Lane, Patience, () => NoteAsync(target, method.Name, sent, bugs.CarryOutAsync(target, method, sent))));
    }

    // What moves versions and lengths is worth a line; with GOFS_TEST_NOTES=1 all is.
    private static async Task<object?> NoteAsync(SimActivation target, string method, object?[] sent, Task<object?> call)
    {
        if (!NotesAll && !Noted.Contains(method)) return await call;
        var what = $"{method} {string.Join(", ", sent.Where(one => one is not CancellationToken).Select(Describe))}";
        try
        {
            var answer = await call;
            target.Silo.Process.Note($"{what}: {Describe(answer)}");
            return answer;
        }
        catch (Exception failed)
        {
            target.Silo.Process.Note($"{what}: {failed.Message}");
            throw;
        }
    }

    private static string Describe(object? one) => one switch
    {
        ChunkLocation location => $"{location.Version} on {string.Join(' ', location.Servers)}",
        ChunkPlacement placed => $"chunk {placed.Handle} {placed.Version} on {string.Join(' ', placed.Servers)}",
        ServerId[] servers => $"[{string.Join(' ', servers)}]",
        AppendLease lease => Describe(lease.Chunk),
        RecoverAppend recover => $"{recover.Index} {recover.Version} without {Describe(recover.Without)} from {recover.AcknowledgedBytes}",
        ChunkWrite write => $"{write.Handle} {write.Version} {write.OffsetBytes}+{write.Data.Length}{(write.Durable ? " durable" : "")}",
        CommitLength commit => $"{commit.LengthBytes} {(commit.Close ? "closed " : "")}{string.Join(' ', commit.NewChunks)}",
        ChunkReport { First: var first } report => $"{report.Server}{(first ? " from the first" : "")} has {Describe(report.Present)}, not {Describe(report.Gone)}",
        ReplicaReport replica => $"{replica.Handle} {replica.Version}",
        WriterLease given => $"{given.LengthBytes} {Describe(given.Tail)}",
        Array many => $"[{string.Join(' ', many.Cast<object?>().Select(Describe))}]",
        null => "done",
        _ => one.ToString()!,
    };

    private SimActivation? Target(Type type, string key)
    {
        if (type == typeof(IChunkServerGrain) || type == typeof(IChunkCopyGrain))
            return All.Find(silo => silo.Process.Name == key) is { IsDeclaredDead: false } silo ? silo.ChunkServer : null;
        var isFile = type == typeof(IFileGrain) || type == typeof(IFileControlGrain);
        var id = $"{(isFile ? "file" : "table")} {key}";
        if (!grains.TryGetValue(id, out var there)) grains[id] = there = [];
        there.RemoveAll(static one => one.IsGone || one.Silo.Process.IsDead);
        if (there.Count > 1 && World.Chance(Misled)) return World.One(there);
        if (!forgotten.Contains(id) && there is [.., { Silo.IsDeclaredDead: false } known]) return known;
        var silos = membership.There;
        if (silos.Length == 0) return null;
        var where = World.One(silos);
        where.Process.Note($"gets {id}");
        forgotten.Remove(id);
        var started = isFile ? where.StartFile(key, static _ => { }) : where.StartTable(key, static _ => { });
        there.Add(started);
        return started;
    }
}
