using System.Diagnostics.Metrics;
using Gofs;
using Gofs.Cluster;
using Gofs.Grains.ChunkServers;
using Gofs.Silo.ChunkServer.Network;
using Gofs.Silo.ChunkServer.Storage;
using Gofs.Silo.Hosting;
using Gofs.Silo.Hosting.Metrics;
using Gofs.Transport;

// One silo: opens its folders (whoever else has them is named and nothing is touched), then starts the grains, then says how to use it.
// Exit codes: 0 stopped, 2 wrong settings, 3 a folder can't be had, 4 the silo can't start.
try
{
    if (SiloUsage.IsAskedFor(args))
    {
        Console.WriteLine(SiloUsage.Text);
        return 0;
    }

    SiloUsage.Check(args);
    using var stop = new CancellationTokenSource();
    var configuration = new ConfigurationBuilder()
        .AddJsonFile("appsettings.json", optional: true)
        .AddEnvironmentVariables("GOFS__")
        .AddCommandLine(args, SiloSettings.Switches)
        .Build();
    var settings = SiloSettings.Read(configuration);
    var clusterId = settings.IsCluster ? await ClusterDatabase.PrepareAsync(settings.Postgres, TimeProvider.System, stop.Token) : null;
    using var folder = DataFolder.Open(settings.Data, settings.Name, clusterId);
    FreePorts.Check(settings);
    if (!settings.IsCluster) await ClusterStorage.PrepareAsync(folder.ClusterFile, stop.Token);
    using var logs = LoggerFactory.Create(logging => logging.AddSimpleConsole(console => console.SingleLine = true).SetMinimumLevel(LogLevel.Warning));
    await using var store = !settings.RolesInForce.HasFlag(SiloRoles.Chunks) ? null : await ChunkStore.OpenAsync(new ChunkStoreOptions
    {
        ClusterId = folder.ClusterId,
        ServerId = folder.ServerId,
        DiskFolders = settings.ChunkFolders,
        ReserveBytes = settings.ReserveBytes,
    }, TimeProvider.System, logs.CreateLogger<ChunkStore>(), stop.Token);
    if (store is not null) LargeBuffers.Shared.Fill();
    var key = settings.KeyOf(folder.ClusterId);
    using var meter = new Meter(SiloTelemetry.MeterName);
    var appends = store is null ? null : new RecordAppends(store, LargeBuffers.Shared, TaskScheduler.Default);
    var clients = new ClientUse(TimeProvider.System);
    var traffic = store is null ? null : new DataMetrics(meter);
    await using var data = store is null ? null
        : DataServer.Start(settings.DataEndPoint, store, appends!, key, TimeProvider.System, logs.CreateLogger<DataServer>(), traffic, clients: clients);
    using var host = SiloHost.Build(
        settings, folder, key, (store, appends, clients), data?.Address, traffic is null ? null : () => traffic.Traffic, meter);
    await host.StartAsync(stop.Token);
    _ = CalmHeap.SettleAsync(TimeProvider.System, stop.Token);
    using var telemetry = SiloTelemetry.Start(settings, folder.ServerId, meter, host.Services);
    await using var metrics = await MetricsHost.StartAsync(settings, telemetry, host.Services, stop.Token);
    await using var console = await SiloConsole.StartAsync(settings, folder.ServerId, host.Services, telemetry, stop.Token);
    Console.WriteLine($"""
        Gofs is serving {folder.Folder} as silo {folder.ServerId} on {settings.Address}:{settings.GatewayPort}. Try:
          gofsctl ns create demo
          gofsctl put -r DIR gofs://demo/dir
          gofsctl ls -l gofs://demo/dir{(console is null ? "" : $"\n  or open http://localhost:{settings.ConsolePort}")}
        Ctrl-C stops it.
        """);
    await host.WaitForShutdownAsync(stop.Token);
    return 0;
}
catch (GofsException refused)
{
    await Console.Error.WriteLineAsync($"gofs-silo: {refused.Message}");
    return refused.Error switch
    {
        GofsError.InvalidArgument => 2,
        GofsError.ForeignFolder or GofsError.DiskFailed or GofsError.NoSpace => 3,
        _ => 4,
    };
}
catch (Exception failed) when (failed is IOException or Orleans.Runtime.OrleansException or InvalidOperationException or AggregateException)
{
    await Console.Error.WriteLineAsync($"gofs-silo: cannot start: {failed.GetBaseException().Message}");
    return 4;
}
