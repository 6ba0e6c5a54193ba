using Gofs.Chunks;
using Gofs.Files;
using Gofs.Grains.Control;
using Gofs.Grains.Namespaces;
using Gofs.Namespaces;
using Gofs.Tests.Sdk.Fakes;
using Orleans;
using Orleans.Runtime;

namespace Gofs.Tests.Simulation;

/// <summary>
/// A namespace as files and their clients see it, with a few files that are there already: their lengths, their open flags, and that it asks about those that
/// are open for longer than a lease lives. It never dies; the one that does is in <see cref="NamespaceSimulation"/>.
/// </summary>
internal sealed class SimNamespace
{
    public const string Name = "ns";
    public const int Number = 1;
    private readonly SimWorld world;
    private readonly IGrainFactory grains;
    private readonly SortedDictionary<long, File> files = [];
    private readonly ToldFiles told = new();
    private long lastFlag;

    public SimNamespace(SimWorld world, SimNetwork network, SimCall call)
    {
        this.world = world;
        Network = network;
        var process = new SimProcess(world, "ns");
        Lane = new(process, LaneKind.Turns);
        grains = SimCalls.GrainsFor(process, call);
        _ = Lane.Do(SettleOpenAsync);
    }

    /// <summary>Its settings: small chunks, so that they are full soon.</summary>
    public static NamespaceConfig Config { get; } = NamespaceConfig.Default with
    {
        ChunkSizeBytes = 192 << 10, Goal = 3, MinReplicas = 1, LeaseTime = TimeSpan.FromSeconds(5), ChunkTableShards = 2,
    };

    public SimLane Lane { get; }

    /// <summary>Whether no file is open.</summary>
    public bool AllClosed => files.Values.All(file => file.Flag == 0);

    private SimNetwork Network { get; }

    /// <summary>How long it says a file is.</summary>
    public long LengthOf(InodeNumber file) => Of(file.Value).LengthBytes;

    /// <summary>A client opens a file for writing.</summary>
    public Task<OpenedFile> OpenAsync(SimProcess client, InodeNumber inode) => Network.AskAsync(client, Lane, TimeSpan.FromSeconds(5), () =>
    {
        var file = Of(inode.Value);
        var wasOpen = file.Flag != 0;
        file.Flag = NextFlag();
        return Task.FromResult(new OpenedFile(EntryOf(inode, file), Created: false, Number, Config)
        {
            WasOpen = wasOpen, OpenedAt = file.Flag, IsPrepared = true,
        });
    });

    /// <summary>Answers a call.</summary>
    public object? Answer(string method, object?[] arguments) => method switch
    {
        nameof(INamespaceGrain.GetConfigAsync) => Config,
        nameof(INamespaceGrain.FileFlushedAsync) => Flush((FileFlushed)arguments[0]!),
        nameof(INamespaceControlGrain.GetGoalAsync) => Config.Goal,
        nameof(INamespaceControlGrain.PrepareToWriteAsync) => Prepare(Of(((InodeNumber)arguments[0]!).Value), (bool)arguments[1]!),
        nameof(INamespaceControlGrain.GetWholeFileAsync) => default(WholeFile),
        // That none is collected costs only room.
        nameof(INamespaceControlGrain.WhichAreGarbageAsync) => Array.Empty<ChunkHandle>(),
        _ => Fake.Unexpected(method),
    };

    private long NextFlag() => lastFlag = Math.Max(lastFlag + 1, (world.UtcNow - DateTimeOffset.UnixEpoch).Ticks * 100);

    private WholeFile Prepare(File file, bool again)
    {
        if (again || file.Flag == 0) file.Flag = NextFlag();
        return default;
    }

    private object? Flush(FileFlushed flushed)
    {
        Lane.Process.Note($"{flushed}");
        if (!told.IsNews(flushed.Inode, flushed.EditLogNumber)) return null;
        var file = Of(flushed.Inode.Value);
        (file.LengthBytes, file.ModifiedAt) = (flushed.LengthBytes, flushed.ModifiedAt);
        if (flushed.Closed && (flushed.OpenedAt == 0 || flushed.OpenedAt == file.Flag)) file.Flag = 0;
        else if (!flushed.Closed && flushed.OpenedAt > file.Flag) file.Flag = flushed.OpenedAt;
        return null;
    }

    private async Task SettleOpenAsync()
    {
        while (true)
        {
            await Task.Delay(Config.LeaseTime, Lane.Process.Clock);
            foreach (var (inode, file) in files.Where(one => one.Value.Flag != 0).ToArray()) await SettleAsync(inode, file);
            for (var shard = 0; shard < Config.ChunkTableShards; shard++) await WakeAsync(shard);
        }
    }

    // As the cluster's grain does: a table that is nowhere heals nothing.
    private async Task WakeAsync(int shard)
    {
        try
        {
            await grains.GetGrain<IChunkTableGrain>(ChunkTableKey.Of(Number, shard)).GetHealingAsync();
        }
        catch (Exception unknown) when (unknown is GofsException or TimeoutException or OrleansException)
        {
            Lane.Process.Note($"chunk table {shard} does not answer: {unknown.Message}");
        }
    }

    private async Task SettleAsync(long inode, File file)
    {
        var flag = file.Flag;
        try
        {
            if (await grains.GetGrain<IFileControlGrain>(FileKey.Of(Number, new(inode))).SettleOpenAsync(flag) is { } settled && file.Flag == flag
                && told.IsNews(new(inode), settled.EditLogNumber))
                (file.LengthBytes, file.ModifiedAt, file.Flag) = (settled.LengthBytes, settled.ModifiedAt, 0);
        }
        catch (Exception unknown) when (unknown is GofsException or TimeoutException or OrleansException)
        {
            Lane.Process.Note($"file {inode} is not settled: {unknown.Message}");
        }
    }

    private File Of(long inode)
    {
        if (!files.TryGetValue(inode, out var file)) files[inode] = file = new();
        return file;
    }

    private static Entry EntryOf(InodeNumber inode, File file) =>
        new(inode, EntryType.File, 0x1A4, 0, 0, file.LengthBytes, file.ModifiedAt, 1, [], null, true, 0) { Goal = Config.Goal };

    private sealed class File
    {
        public long LengthBytes { get; set; }

        public long ModifiedAt { get; set; }

        /// <summary>0: it is closed.</summary>
        public long Flag { get; set; }
    }
}
