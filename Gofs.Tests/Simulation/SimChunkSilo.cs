using System.Buffers;
using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Files;
using Gofs.Grains.Chunks;
using Gofs.Grains.ChunkServers;
using Gofs.Grains.Control;
using Gofs.Grains.Files;
using Gofs.Grains.Settings;
using Gofs.Silo.ChunkServer.Storage;
using Gofs.Tests.ChunkServers;
using Gofs.Transport;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Runtime;

namespace Gofs.Tests.Simulation;

/// <summary>
/// One start of a silo that is a chunk server, and on which file grains and chunk tables may live. All of it is the product's own, down to the disk: grains,
/// chunk store and its journal, record append, copying. What it asks other silos goes over grain calls.
/// </summary>
internal sealed class SimChunkSilo : SimHost
{
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(10);
    private readonly SimChunkCluster cluster;
    private readonly SimLane pool;
    private readonly NamespaceSettings settings;
    private readonly ChunkServerView servers;
    private readonly ChunkTokens tokens;
    private readonly LocalChunkTables tables = new();
    private readonly SetOptions<ChunkServerOptions> options;

    public SimChunkSilo(SimChunkCluster cluster, SimMachine machine, string name, int generation, double rate)
        : base(cluster.World, cluster.Network, cluster.Database, cluster.Bug, name, generation, rate, cluster.World.UpTo(1000))
    {
        (this.cluster, Machine) = (cluster, machine);
        Grains = cluster.GrainsFor(Process);
        pool = new(Process, LaneKind.Turns);
        settings = new(Grains, Process.Clock, pool);
        servers = new(Grains, cluster.Silos, Process.Clock, pool);
        tokens = new(SimChunkCluster.Key, Process.Clock);
        options = new(new() { DeadTime = TimeSpan.FromSeconds(8), Rebalances = false });
        Opening = pool.Do(OpenAsync);
    }

    public SimMachine Machine { get; }

    /// <inheritdoc/>
    public override IGrainFactory Grains { get; }

    /// <summary>Ends when the chunk store is open.</summary>
    public Task Opening { get; }

    /// <summary>The chunk store, when it is open.</summary>
    public ChunkStore? Store { get; private set; }

    /// <summary>The chunk server's grain, when there is one.</summary>
    public SimActivation? ChunkServer { get; private set; }

    /// <summary>A file grain begins here, whatever there is elsewhere.</summary>
    public SimActivation StartFile(string key, Action<SimActivation> gone) =>
        new(this, GrainId.Create("file", key), () => new FileGrain(EditLog, settings, tokens, Process.Clock), gone);

    /// <summary>A chunk table begins here, whatever there is elsewhere.</summary>
    public SimActivation StartTable(string key, Action<SimActivation> gone) => new(
        this, GrainId.Create("chunktable", key),
        () => new ChunkTableGrain(EditLog, settings, servers, tokens, tables, options, Process.Clock, Logs.CreateLogger<ChunkTableGrain>()), gone);

    /// <summary>The version of a chunk's replica here; null: there is none.</summary>
    public ChunkVersion? VersionOf(ChunkHandle handle) => Replica(replica => replica.Handle == handle)?.Version;

    /// <summary>Its replica of a chunk; null: there is none.</summary>
    public ReplicaReport? ReplicaOf(ChunkHandle handle) => Replica(replica => replica.Handle == handle);

    /// <summary>Reads a chunk through, as a scrub does: what has rotted is found, and repaired with what others have.</summary>
    public void Scrub(ChunkHandle handle) => pool.Do(() => ScrubAsync(handle));

    private async Task ScrubAsync(ChunkHandle handle)
    {
        if (ReplicaOf(handle) is not { } replica) return;
        try
        {
            await Store!.ReadAsync(replica.Handle, replica.Version, 0, new byte[SimNamespace.Config.ChunkSizeBytes], CancellationToken.None);
        }
        catch (GofsException)
        {
            // The store has told of it, which is what it was read for.
        }
    }

    private ReplicaReport? Replica(Func<ReplicaReport, bool> isIt)
    {
        for (var shard = 0; Store is { } store && shard < SimNamespace.Config.ChunkTableShards; shard++)
        {
            foreach (var replica in store.GetAll(SimNamespace.Number, shard))
            {
                if (isIt(replica)) return replica;
            }
        }

        return null;
    }

    private async Task OpenAsync()
    {
        var store = await ChunkStore.OpenAsync(
            new()
            {
                ClusterId = "c", ServerId = Process.Name, DiskFolders = ["d"], ReserveBytes = 0, OpenFiles = 4,
                Threads = Machine.ThreadsFor(Process), OpenDisk = _ => Machine.Disk.Mount(), FlushTimeout = TimeSpan.FromSeconds(8),
                JournalLimitBytes = 6000, JournalFirstBytes = 96 << 10, JournalFileBytes = 128 << 10, JournalFiles = 2, PackCells = 16,
            },
            Process.Clock, Logs.CreateLogger("store"), CancellationToken.None);
        Store = store;
        ChunkServer = new(this, GrainId.Create("chunkserver", Process.Name), () => MakeChunkServer(store), static _ => { });
    }

    private ChunkServerGrain MakeChunkServer(ChunkStore store)
    {
        var clients = new ClientUse(Process.Clock);
        var transport = new GrainTransport(Grains, Process.Clock, CallTimeout, CallTimeout);
        var means = new CopyMeans(
            store, server => Grains.GetGrain<IChunkServerGrain>(server.Value), transport, new(1L << 30, Process.Clock), Process.Clock)
        {
            Clients = clients, Pool = pool,
        };
        return new(
            store, store, new(store, options, Process.Clock, Logs.CreateLogger<Scrubber>()), new(means, Logs.CreateLogger<ReplicaCopies>()),
            new RecordAppends(store, ArrayPool<byte>.Shared, pool), clients, Grains, Details, Options.Create(options.CurrentValue), Process.Clock, pool,
            Logs.CreateLogger<ChunkServerGrain>());
    }
}
