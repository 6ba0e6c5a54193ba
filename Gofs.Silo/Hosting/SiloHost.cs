using System.Diagnostics.Metrics;
using System.Net;
using Gofs.Cluster;
using Gofs.ChunkServers;
using Gofs.Grains.Chunks;
using Gofs.Grains.ChunkServers;
using Gofs.Grains.Cluster;
using Gofs.Grains.Control;
using Gofs.Grains.EditLogs;
using Gofs.Grains.Files;
using Gofs.Grains.Maintenance;
using Gofs.Grains.Maintenance.Fsck;
using Gofs.Grains.Namespaces;
using Gofs.Grains.Namespaces.Standbys;
using Gofs.Grains.Placement;
using Gofs.Grains.Settings;
using Gofs.Transport;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Runtime.MembershipService.SiloMetadata;

namespace Gofs.Silo.Hosting;

/// <summary>Puts a silo together: the metadata plane, this machine's chunk server, and where both keep what they know.</summary>
internal static class SiloHost
{
    private static readonly Type[] MetaGrains =
        [typeof(NamespaceGrain), typeof(NamespaceStandbyGrain), typeof(MetaServerGrain), typeof(FileGrain), typeof(ChunkTableGrain), typeof(ClusterGrain),
        typeof(NamespaceDumpGrain), typeof(NamespaceLoadGrain), typeof(NamespaceRouteGrain), typeof(NamespaceFsckGrain)];

    /// <summary>Makes the host. What it takes over it does not dispose; a silo that is no chunk server has no store.</summary>
    public static IHost Build(
        SiloSettings settings, DataFolder folder, ClusterKey key, (IChunkStore? Store, IRecordAppends? Appends, ClientUse Clients) chunks,
        IPEndPoint? dataAddress, Func<ServerTraffic>? traffic, Meter meter)
    {
        var (store, appends, clients) = chunks;
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.AddSimpleConsole(console =>
            {
                console.SingleLine = true;
                console.TimestampFormat = "HH:mm:ss.fff ";
                console.UseUtcTimestamp = true;
            })
            .SetMinimumLevel(Enum.Parse<LogLevel>(settings.LogLevel, ignoreCase: true))
            .AddFilter("Orleans.Runtime.Messaging.Connection", ConnectionLevel(Enum.Parse<LogLevel>(settings.LogLevel, ignoreCase: true)));
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(30));
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(TaskScheduler.Default);
        builder.Services.AddSingleton(meter);
        if (store is not null) ReplicaCopyServices.Add(builder.Services.AddSingleton(store));
        if (store is IScrubbedReplicas scrubbed) builder.Services.AddSingleton(scrubbed).AddSingleton<Scrubber>();
        if (appends is not null) builder.Services.AddSingleton(appends);
        builder.Services.AddSingleton(key).AddSingleton(clients);
        builder.Services.AddSingleton<ChunkTokens>();
        builder.Services.AddSingleton<NamespaceSettings>();
        builder.Services.AddSingleton<ChunkServerView>();
        builder.Services.AddSingleton<LocalChunkTables>();
        builder.Services.AddSingleton<Silos>();
        builder.Services.AddSingleton<LocalMetaServer>();
        builder.Services.Configure<StandbyOptions>(standbys => standbys.Standbys = settings.Standbys);
        builder.Services.Configure<ChunkServerOptions>(options =>
        {
            options.DataAddress = dataAddress?.ToString() ?? "";
            options.Traffic = traffic;
            options.DeadTime = TimeSpan.FromSeconds(settings.DeadSeconds);
            options.CopyBytesPerSecond = settings.CopyBytesPerSecond;
            options.ScrubDays = settings.ScrubDays;
            options.ScrubMegabytesPerSecond = settings.ScrubMegabytesPerSecond;
            options.Rebalances = settings.Rebalance;
            options.RebalanceBytesPerSecond = settings.RebalanceBytesPerSecond;
            foreach (var (label, value) in settings.Labels) options.Labels[label] = value;
        });
        SettingsFollower.Add(builder.Services);
        builder.Services.AddSingleton(settings.IsCluster ? NewNamespaces.Cluster : NewNamespaces.Embedded);
        builder.Services.AddEditLog(settings.IsCluster ? new() { PostgresConnection = settings.Postgres } : new() { Path = folder.EditLogFile });
        SiloMembership.AddPulses(builder.Services, settings, key);
        builder.UseOrleans(silo =>
        {
            Configure(silo, settings, folder.ServerId);
            SiloMembership.Configure(silo, settings, folder);
            if (settings.OrleansDashboard) OrleansDashboard.Configure(silo);
        });
        if (settings.RolesInForce.HasFlag(SiloRoles.Chunks)) builder.Services.AddHostedService<ChunkServerStart>().AddHostedService<ScrubStart>();
        if (settings.RolesInForce.HasFlag(SiloRoles.Meta)) builder.Services.AddHostedService<MasterHandOver>();
        return builder.Build();
    }

    /// <summary>A client that ends without a word (gofsctl does) is no news, unless somebody looks for the details.</summary>
    private static LogLevel ConnectionLevel(LogLevel level) => level is LogLevel.Warning ? LogLevel.Error : level;

    private static void Configure(ISiloBuilder silo, SiloSettings settings, string name)
    {
        silo.Configure<SiloOptions>(options => options.SiloName = name);
        silo.UseSiloMetadata(new Dictionary<string, string>
        {
            [Silos.RolesKey] = settings.RolesInForce.ToString(),
            [Silos.GatewayKey] = $"{settings.Address}:{settings.GatewayPort}",
            [Silos.OwnSettingsKey] = settings.OwnSettings,
        });
        silo.Configure<GrainTypeOptions>(types =>
        {
            // A class a silo does not have is never placed there.
            if (!settings.RolesInForce.HasFlag(SiloRoles.Meta)) types.Classes.ExceptWith(MetaGrains);
            if (!settings.RolesInForce.HasFlag(SiloRoles.Chunks)) types.Classes.Remove(typeof(ChunkServerGrain));
        });
        silo.Configure<GrainCollectionOptions>(options =>
        {
            // A namespace of ten million names is read from its Snapshot in one activation.
            options.ActivationTimeout = TimeSpan.FromMinutes(10);
            options.CollectionQuantum = TimeSpan.FromSeconds(10);
            options.ClassSpecificCollectionAge[typeof(FileGrain).FullName!] = TimeSpan.FromSeconds(30);
            options.ClassSpecificCollectionAge[typeof(ChunkTableGrain).FullName!] = TimeSpan.FromDays(1);
        });
        silo.Services.AddPlacementDirector<PinToSiloName, PinToSiloNameDirector>();
        silo.Services.AddPlacementDirector<WarmestStandby, WarmestStandbyDirector>();
    }
}
