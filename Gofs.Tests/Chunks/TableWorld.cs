using System.Collections.Immutable;
using System.Net;
using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Cluster;
using Gofs.Grains.Chunks;
using Gofs.Grains.ChunkServers;
using Gofs.Grains.Control;
using Gofs.Grains.EditLogs;
using Gofs.Grains.Settings;
using Gofs.Namespaces;
using Gofs.Tests.EditLogs;
using Gofs.Tests.Sdk.Fakes;
using Gofs.Transport;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Orleans.Runtime;
using Orleans.Runtime.MembershipService.SiloMetadata;

namespace Gofs.Tests.Chunks;

/// <summary>A chunk table's grain as it is, which has just started, with chunk servers that report to it when the test lets them.</summary>
internal sealed class TableWorld : IDisposable
{
    public static readonly ChunkHandle Handle = ChunkHandle.Create(1, 0, 1);
    private readonly FakeTimeProvider time = new(DateTimeOffset.UnixEpoch.AddDays(1));
    private readonly EditLogServices services;
    private readonly ServerId[] servers;
    private readonly Dictionary<ServerId, ChunkVersion> replicas = [];
    private readonly Dictionary<ServerId, TaskCompletionSource> told = [];
    private readonly GrainHost host;
    private ChunkTableGrain? table;

    /// <summary>A table, whose servers have replicas of the chunk of these versions.</summary>
    public TableWorld(params (string Server, int Version)[] holders)
        : this(new FakeEditLogStore(), holders)
    {
    }

    /// <summary>The same, with a store from which the table can start again.</summary>
    public TableWorld(IEditLogStore store, params (string Server, int Version)[] holders)
    {
        services = new(new EditLogOptions(), store, EventSerializers.Services, TimeProvider.System, NullLoggerFactory.Instance);
        servers = [.. holders.Select(one => new ServerId(one.Server))];
        foreach (var (server, version) in holders)
        {
            replicas[new(server)] = new(version);
            told[new(server)] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        host = new(ChunkTableKey.Of(Handle), Find, time);
    }

    /// <summary>Servers that take no version.</summary>
    public HashSet<ServerId> Silent { get; } = [];

    /// <summary>Bad checksum blocks of servers' replicas, that are found when they are read.</summary>
    public Dictionary<ServerId, int> Damages { get; } = [];

    /// <summary>The version of a server's replica.</summary>
    public ChunkVersion VersionAt(string server) => replicas[new(server)];

    /// <summary>A call to the table.</summary>
    public Task<T> AskAsync<T>(Func<ChunkTableGrain, Task<T>> call) => host.TurnAsync(() => call(table!));

    /// <summary>Starts the table; a file refers to the chunk. It asks the servers for their reports, and each waits for <see cref="LetTell"/>.</summary>
    public async Task StartAsync()
    {
        table = await host.StartAsync(() => new ChunkTableGrain(
            services, new NamespaceSettings(host.Grains, time, TaskScheduler.Default), new ChunkServerView(host.Grains, Silos(), time, TaskScheduler.Default),
            new ChunkTokens(ClusterKey.OfLoopback("test"), time), new LocalChunkTables(),
            Fake.Of<IOptionsMonitor<ChunkServerOptions>>((_, _) => new ChunkServerOptions()), time, NullLogger<ChunkTableGrain>.Instance));
        await ConfirmAsync();
    }

    /// <summary>A file confirms that it refers to the chunk.</summary>
    public Task ConfirmAsync() => AskAsync(async at =>
    {
        await at.ConfirmAsync([Handle], goal: servers.Length, CancellationToken.None);
        return true;
    });

    /// <summary>A server tells the table everything it has.</summary>
    public void LetTell(string server) => told[new(server)].SetResult();

    /// <summary>A server tells the table of a replica; answers whether it is to be deleted.</summary>
    public async Task<bool> TellAsync(string server, int version, bool first = false)
    {
        ChunkReport report = new(new(server), first, [new(Handle, new(version), 10)], []);
        return (await AskAsync(at => at.ReportAsync(report, CancellationToken.None))).Length > 0;
    }

    public void Dispose() => services.Dispose();

    private Silos Silos()
    {
        var members = servers.Select((server, i) => new ClusterMember(
            SiloAddress.New(IPAddress.Loopback, 1000 + i, 1), SiloStatus.Active, server.Value)).ToImmutableDictionary(member => member.SiloAddress);
        var metadata = new SiloMetadata();
        typeof(SiloMetadata).GetProperty(nameof(metadata.Metadata))!.SetValue(
            metadata, ImmutableDictionary<string, string>.Empty.Add(Grains.Control.Silos.RolesKey, nameof(SiloRoles.Chunks)));
        return new(
            Fake.Of<IClusterMembershipService>((_, _) => new ClusterMembershipSnapshot(members, new(1))),
            Fake.Of<ISiloMetadataCache>((_, _) => metadata));
    }

    private object Find(Type type, string key)
    {
        if (type == typeof(IClusterGrain)) return Fake.Of<IClusterGrain>((method, _) => Cluster(method));
        if (type == typeof(INamespaceGrain)) return Fake.Of<INamespaceGrain>((_, _) => Task.FromResult(NamespaceConfig.Default));
        if (type == typeof(IChunkCopyGrain)) return Fake.Of<IChunkCopyGrain>((_, _) => Task.FromResult(Damages.GetValueOrDefault(new(key))));
        return type == typeof(IChunkServerGrain)
            ? Fake.Of<IChunkServerGrain>((method, arguments) => ServerAsync(new(key), method, arguments))
            : Fake.Unexpected(type.Name)!;
    }

    private object? Cluster(string method) => method switch
    {
        nameof(IClusterGrain.FindNamespaceByNumberAsync) =>
            Task.FromResult<NamespaceInfo?>(new("ns", 1, NamespaceConfig.Default, DateTimeOffset.UnixEpoch)),
        nameof(IClusterGrain.ListChunkServersAsync) => Task.FromResult(servers.Select(server =>
            new ChunkServerInfo(server, [], [new("/disk", 1L << 40, 1L << 39, 0, null)], time.GetUtcNow(), Live: true)).ToArray()),
        _ => Fake.Unexpected(method),
    };

    private Task ServerAsync(ServerId server, string method, object?[] arguments)
    {
        switch (method)
        {
            case nameof(IChunkServerGrain.ReportToAsync): return ReportAsync(server);
            case nameof(IChunkServerGrain.OfferVersionAsync) when Silent.Contains(server):
                return Task.FromException(new GofsException(GofsError.Unavailable, "it does not answer", server.Value));
            case nameof(IChunkServerGrain.OfferVersionAsync) when (ChunkVersion)arguments[1]! < replicas[server]:
                return Task.FromException(new GofsException(GofsError.StaleVersion, $"the replica has version {replicas[server]}", server.Value));
            case nameof(IChunkServerGrain.OfferVersionAsync):
                replicas[server] = (ChunkVersion)arguments[1]!;
                return Task.CompletedTask;
            default: return (Task)Fake.Unexpected(method)!;
        }
    }

    private async Task ReportAsync(ServerId server)
    {
        await told[server].Task;
        if (await TellAsync(server.Value, replicas[server].Value, first: true)) replicas.Remove(server);
    }
}
