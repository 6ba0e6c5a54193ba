using System.Net;
using Gofs.ChunkServers;
using Gofs.Grains.Chunks;
using Gofs.Grains.ChunkServers;
using Gofs.Grains.EditLogs;
using Gofs.Grains.Files;
using Gofs.Grains.Placement;
using Gofs.Grains.Settings;
using Gofs.Silo.ChunkServer.Storage;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;

namespace Gofs.Silo.Hosting;

/// <summary>Puts a silo together: the metadata plane, this machine's chunk server, and where both keep what they know.</summary>
internal static class SiloHost
{
    /// <summary>Orleans' names of the file system; the same in <see cref="GofsClientOptions"/>.</summary>
    private const string OrleansId = "gofs";

    /// <summary>Makes the host. What it takes over it does not dispose.</summary>
    public static IHost Build(SiloSettings settings, DataFolder folder, IChunkStore store, string clusterConnection)
    {
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true)
            .SetMinimumLevel(Enum.Parse<LogLevel>(settings.LogLevel, ignoreCase: true));
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(15));
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(store);
        builder.Services.AddSingleton<NamespaceSettings>();
        builder.Services.AddSingleton<ChunkServerView>();
        builder.Services.Configure<ChunkServerOptions>(options =>
        {
            foreach (var (label, value) in settings.Labels) options.Labels[label] = value;
        });
        builder.Services.AddEditLog(new EditLogOptions { Path = folder.EditLogFile });
        builder.UseOrleans(silo => Configure(silo, settings, folder, clusterConnection));
        builder.Services.AddHostedService<ChunkServerStart>();
        return builder.Build();
    }

    private static void Configure(ISiloBuilder silo, SiloSettings settings, DataFolder folder, string clusterConnection)
    {
        silo.UseLocalhostClustering(settings.SiloPort, settings.GatewayPort, serviceId: OrleansId, clusterId: OrleansId);
        silo.ConfigureEndpoints(IPAddress.Parse(settings.Address), settings.SiloPort, settings.GatewayPort);
        silo.Configure<SiloOptions>(options => options.SiloName = folder.ServerId);
        silo.Configure<GrainCollectionOptions>(options =>
        {
            // A namespace of ten million names is read from its Snapshot in one activation.
            options.ActivationTimeout = TimeSpan.FromMinutes(10);
            options.CollectionQuantum = TimeSpan.FromSeconds(10);
            options.ClassSpecificCollectionAge[typeof(FileGrain).FullName!] = TimeSpan.FromSeconds(30);
            options.ClassSpecificCollectionAge[typeof(ChunkTableGrain).FullName!] = TimeSpan.FromDays(1);
        });
        silo.AddAdoNetGrainStorage(Grains.Cluster.ClusterGrain.Storage, options =>
        {
            options.Invariant = "System.Data.SQLite";
            options.ConnectionString = clusterConnection;
        });
        silo.Services.AddPlacementDirector<PinToSiloName, PinToSiloNameDirector>();
    }

    /// <summary>Starts this silo's chunk server grain once the silo is up, so that its heartbeats begin.</summary>
    private sealed class ChunkServerStart(IGrainFactory grains, ILocalSiloDetails silo) : BackgroundService
    {
        protected override Task ExecuteAsync(CancellationToken stopping) =>
            grains.GetGrain<IChunkServerGrain>(silo.Name).GetStatusAsync(stopping);
    }
}
