using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Cluster;
using Gofs.Grains.ChunkServers;
using Gofs.Grains.Control;
using Gofs.Grains.EditLogs;
using Gofs.Grains.Settings;
using Gofs.Namespaces;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Runtime;

namespace Gofs.Grains.Cluster;

/// <summary>
/// The cluster as a whole: the list of namespaces, kept in Orleans' grain storage, and the registry of chunk servers (<see cref="ServerRegistry"/>): which
/// there are is kept too, how they are is what heartbeats said since it started. A namespace is made by putting it on the list: its grain finds its number
/// here when it first starts. It is removed by taking it off: its grain is told to stop, its streams and chunks are deleted in the background, and its
/// number is never used again.
/// </summary>
[KeepAlive]
internal sealed partial class ClusterGrain(
    [PersistentState("cluster", ClusterGrain.Storage)] IPersistentState<ClusterState> persistent,
    EditLogServices editLogs, NewNamespaces newNamespaces, SharedSettings shared, Silos silos, IOptionsMonitor<ChunkServerOptions> options, TimeProvider time,
    ILogger<ClusterGrain> logger)
    : Grain, IClusterGrain, IClusterControlGrain
{
    /// <summary>Name of the grain storage.</summary>
    public const string Storage = "gofs";

    private static readonly TimeSpan CleanEvery = TimeSpan.FromSeconds(5);
    private const int TablesAtOnce = 64;
    private static readonly TimeSpan WakeEvery = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan WakePatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan CensusPatience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan ListenEvery = TimeSpan.FromSeconds(1);
    private readonly ServerRegistry servers = new(options.CurrentValue.DeadTime, time.GetUtcNow());
    private readonly long startedAt = time.GetTimestamp();

    private NamespaceInfo[] saved = [];
    private int[] savedRemoved = [];
    private KnownChunkServer[] savedServers = [];

    private ClusterState State => persistent.State;

    private TimeSpan Now => time.GetElapsedTime(startedAt);

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellation)
    {
        ShowSaved();
        this.RegisterGrainTimer(DeleteStreamsAsync, new GrainTimerCreationOptions(CleanEvery, CleanEvery));
        this.RegisterGrainTimer(WakeTablesAsync, new GrainTimerCreationOptions(WakeEvery, WakeEvery) { Interleave = true });
        this.RegisterGrainTimer(LearnServersAsync, new GrainTimerCreationOptions(ListenEvery, ListenEvery));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task<NamespaceInfo> CreateNamespaceAsync(string name, NamespaceConfig config, CancellationToken cancellation)
    {
        var info = State.Add(name, config, time.GetUtcNow());
        Note("ns create", $"{name}, number {info.Number}");
        await SaveAsync();
        return info;
    }

    /// <inheritdoc/>
    public Task<NamespaceConfig> GetDefaultConfigAsync(CancellationToken cancellation) =>
        Task.FromResult(ClusterState.NewNamespaces(savedSettings, newNamespaces.Config));

    /// <inheritdoc/>
    public Task RemoveNamespaceAsync(string name, bool force, CancellationToken cancellation) =>
        RemoveNamespaceByNumberAsync(name, State.Find(name)?.Number ?? 0, force, cancellation);

    /// <inheritdoc/>
    public async Task RemoveNamespaceByNumberAsync(string name, int number, bool force, CancellationToken cancellation)
    {
        if (number == 0 && State.EndLoad(name, done: false))
        {
            await SaveAsync();
            return;
        }

        if (State.FindToRemove(name, number) is not { } info) return;
        if (!force)
        {
            var names = (await GrainFactory.GetGrain<INamespaceGrain>(name).GetStatusAsync(cancellation)).Names;
            if (names > 1)
                throw new GofsException(GofsError.DirectoryNotEmpty, $"the namespace has {names - 1} names (the trash counts): remove them or force it", name);
        }

        State.Remove(info);
        Note("ns rm", $"{name}, number {info.Number}");
        await SaveAsync();
        await GrainFactory.GetGrain<INamespaceControlGrain>(name).RetireAsync(info.Number);
    }

    /// <inheritdoc/>
    public Task<NamespaceInfo[]> ListNamespacesAsync(CancellationToken cancellation) => Task.FromResult(saved);

    /// <inheritdoc/>
    public Task<NamespaceInfo?> FindNamespaceAsync(string name, CancellationToken cancellation) => Task.FromResult(Array.Find(saved, one => one.Name == name));

    /// <inheritdoc/>
    public Task<NamespaceInfo?> FindNamespaceByNumberAsync(int number, CancellationToken cancellation) =>
        Task.FromResult(Array.Find(saved, one => one.Number == number));

    /// <inheritdoc/>
    public Task<HeartbeatAnswer> HeartbeatAsync(Heartbeat heartbeat, CancellationToken cancellation)
    {
        servers.Hear(heartbeat, Now, time.GetUtcNow());
        return Task.FromResult(new HeartbeatAnswer(
            [.. saved.Select(one => one.Number)],
            [.. saved.Select(one => one.InitialConfig.ChunkTableShards)],
            savedRemoved));
    }

    /// <inheritdoc/>
    public Task<ChunkServerInfo[]> ListChunkServersAsync(CancellationToken cancellation) =>
        Task.FromResult(servers.List(savedServers, silos.ActiveNames(SiloRoles.Chunks), Now, time.GetUtcNow()));

    /// <inheritdoc/>
    public async Task SetServerMarkAsync(ServerId server, ServerMark mark, DateTimeOffset? until, CancellationToken cancellation)
    {
        await LearnServersAsync(cancellation); // one that has just been heard for the first time is known too
        State.Mark(server, mark, until, time.GetUtcNow());
        Note(ActOf(mark), until is { } end ? $"{server} until {end.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC" : server.Value);
        await SaveAsync();
    }

    /// <inheritdoc/>
    public Task RemoveChunkServerAsync(ServerId server, CancellationToken cancellation) => ForgetChunkServerAsync(server, force: false, cancellation);

    /// <inheritdoc/>
    public async Task ForgetChunkServerAsync(ServerId server, bool force, CancellationToken cancellation)
    {
        await LearnServersAsync(cancellation);
        var standing = (await ListChunkServersAsync(cancellation)).FirstOrDefault(one => one.Server == server)?.Standing ?? ServerStanding.Suspect;
        State.CheckForget(server, standing);
        if (!force) ServerRemoval.RequireNotNeeded(server, await CensusAsync(server, cancellation), State.Loading);
        State.Forget(server, standing);
        servers.Forget(server);
        Note("cs rm", force ? $"{server}, forced" : server.Value);
        await SaveAsync();
    }

    /// <inheritdoc/>
    public async Task<NamespaceInfo> BeginLoadAsync(string name, int number, NamespaceConfig config, CancellationToken cancellation)
    {
        var info = State.BeginLoad(name, number, config, time.GetUtcNow());
        Note("meta load", $"{name}, number {info.Number}");
        await SaveAsync();
        return info;
    }

    /// <inheritdoc/>
    public async Task EndLoadAsync(string name, int number, bool done, CancellationToken cancellation)
    {
        if (State.Loading.Exists(one => one.Name == name && one.Number == number))
        {
            State.EndLoad(name, done);
            await SaveAsync();
        }
        else if (done && State.Find(name)?.Number != number)
        {
            throw new GofsException(GofsError.NamespaceNotFound, "the namespace was removed while it was loaded", name);
        }
    }

    private async Task SaveAsync()
    {
        try
        {
            await persistent.WriteStateAsync();
            ShowSaved();
        }
        catch
        {
            // The store's state is the truth: the next activation reads it.
            DeactivateOnIdle();
            throw;
        }
    }

    // Calls that interleave with a save see only what is saved.
    private void ShowSaved()
    {
        saved = [.. State.Namespaces];
        savedRemoved = [.. State.RemovedNumbers];
        savedServers = [.. State.ChunkServers];
        ShowSavedAdministration();
    }

    // Not with the heartbeat that brings it: heartbeats interleave, and two saves at once would lose each other's.
    private async Task LearnServersAsync(CancellationToken cancellation)
    {
        servers.Listen(Now);
        var news = servers.News(State.ChunkServers);
        if (news.Count == 0) return;
        foreach (var server in news) State.Remember(server);
        await SaveAsync();
    }

    // A table heals its chunks while it is active, and one whose silo died is active again only when it is called.
    private async Task WakeTablesAsync(CancellationToken cancellation)
    {
        foreach (var some in Tables().Chunk(TablesAtOnce))
        {
            var woken = Task.WhenAll(some.Select(key => GrainFactory.GetGrain<IChunkTableGrain>(key).GetHealingAsync(cancellation)));
            try
            {
                await woken.WaitAsync(WakePatience, time, cancellation);
            }
            catch (Exception silent) when (silent is GofsException or TimeoutException or OrleansException)
            {
                LogNotWoken(logger, silent);
            }
        }
    }

    private async Task<ServerReplicas> CensusAsync(ServerId server, CancellationToken cancellation)
    {
        var all = new ServerReplicas();
        foreach (var some in Tables().Chunk(TablesAtOnce))
        {
            var asked = Task.WhenAll(some.Select(key => GrainFactory.GetGrain<IChunkTableGrain>(key).GetServerReplicasAsync(server, cancellation)));
            foreach (var one in await asked.WaitAsync(CensusPatience, time, cancellation)) all = all.With(one);
        }

        return all;
    }

    private IEnumerable<string> Tables() =>
        saved.SelectMany(one => Enumerable.Range(0, one.InitialConfig.ChunkTableShards).Select(shard => ChunkTableKey.Of(one.Number, shard)));

    private async Task DeleteStreamsAsync(CancellationToken cancellation)
    {
        foreach (var number in State.StreamsToDelete.ToArray())
        {
            try
            {
                await editLogs.DeleteStreamsOfNamespaceAsync(number, cancellation);
                State.StreamsToDelete.Remove(number);
                await SaveAsync();
            }
            catch (GofsException failed)
            {
                LogNotDeleted(logger, number, failed);
            }
        }
    }

    [LoggerMessage(2302, LogLevel.Warning, "A chunk table does not answer: whether its chunks have their replicas is not known; it is asked again")]
    private static partial void LogNotWoken(ILogger logger, Exception silent);

    [LoggerMessage(2301, LogLevel.Warning, "Streams of removed namespace {Number} are still in the store; tried again later")]
    private static partial void LogNotDeleted(ILogger logger, int number, Exception failed);
}
