using System.Net;
using Gofs.Grains.Cluster;
using Gofs.Silo.Hosting.Pulses;
using Gofs.Transport;
using Microsoft.AspNetCore.Connections;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;

namespace Gofs.Silo.Hosting;

/// <summary>
/// How a silo finds the others and how soon it notices that one is gone. Alone: itself, and SQLite for the list of namespaces. In a cluster:
/// Orleans' membership and grain storage on PostgreSQL. The times: a silo that was killed refuses connections, which is noticed at once
/// (<see cref="SiloDeathWatch"/>); one that hangs or is cut off is missed by the others' pulses (<see cref="SiloPulses"/>); where a majority can't say so, it
/// misses <see cref="MissedProbes"/> probes of at most <see cref="LongestProbe"/>. They are short because a namespace is without a master meanwhile, and not
/// shorter because two busy cores must not look like a death: what a wrong alarm costs is a failover, never data.
/// </summary>
internal static class SiloMembership
{
    private const string OrleansId = "gofs";
    private const int MissedProbes = 3;
    private static readonly TimeSpan Probe = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestProbe = TimeSpan.FromMilliseconds(800);
    private static readonly TimeSpan TableRefresh = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan ResponseTimeout = TimeSpan.FromSeconds(10);

    /// <summary>
    /// For what silos ask each other's directories. While several start such a question, or its answer, can be lost with the silo it was passed on to: whoever
    /// calls that grain waits for it, with Orleans' own 30 s as long as an operation may take.
    /// </summary>
    private static readonly TimeSpan DirectoryTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Configures it.</summary>
    public static void Configure(ISiloBuilder silo, SiloSettings settings, DataFolder folder)
    {
        silo.Configure<SiloMessagingOptions>(messaging =>
            (messaging.ResponseTimeout, messaging.SystemResponseTimeout) = (ResponseTimeout, DirectoryTimeout));
        if (!settings.IsCluster)
        {
            silo.UseLocalhostClustering(settings.SiloPort, settings.GatewayPort, serviceId: OrleansId, clusterId: OrleansId);
            silo.ConfigureEndpoints(IPAddress.Parse(settings.Address), settings.SiloPort, settings.GatewayPort);
            AddStorage(silo, "System.Data.SQLite", ClusterStorage.ConnectionTo(folder.ClusterFile));
            return;
        }

        silo.Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = (OrleansId, OrleansId));
        silo.ConfigureEndpoints(IPAddress.Parse(settings.Address), settings.SiloPort, settings.GatewayPort);
        silo.UseAdoNetClustering(options => (options.Invariant, options.ConnectionString) = ("Npgsql", settings.Postgres));
        AddStorage(silo, "Npgsql", settings.Postgres);
        silo.Configure<ClusterMembershipOptions>(membership =>
        {
            membership.ProbeTimeout = Probe;
            membership.MinProbeTimeout = Probe;
            membership.MaxProbeTimeout = LongestProbe;
            membership.NumMissedProbesLimit = MissedProbes;
            membership.TableRefreshTimeout = TableRefresh;
            membership.DefunctSiloExpiration = TimeSpan.FromDays(1);
        });
        Watch(silo);
    }

    /// <summary>Pulses start before Orleans and end after it, so this comes before Orleans is added. Alone there is nobody to hear.</summary>
    public static void AddPulses(IServiceCollection services, SiloSettings settings, ClusterKey key)
    {
        if (!settings.IsCluster) return;
        services.AddHostedService(provider =>
        {
            var membership = provider.GetRequiredService<IClusterMembershipService>();
            var self = provider.GetRequiredService<ILocalSiloDetails>().SiloAddress;
            return new SiloPulses(
                self,
                new ActiveSilos(membership).Now,
                membership.TryKill,
                () => SiloPulses.Open(self.Endpoint),
                Pulse.KeyOf(key),
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<SiloPulses>>());
        });
    }

    // Each connection between silos is watched: see SiloDeathWatch.
    private static void Watch(ISiloBuilder silo)
    {
        silo.Services.AddSingleton(services =>
        {
            var membership = services.GetRequiredService<IClusterMembershipService>();
            var self = services.GetRequiredService<ILocalSiloDetails>().SiloAddress;
            return new SiloDeathWatch(
                () => membership.CurrentSnapshot.Members.Values
                    .Where(member => member.Status == SiloStatus.Active && !member.SiloAddress.Equals(self))
                    .Select(member => member.SiloAddress),
                membership.TryKill,
                services.GetRequiredService<TimeProvider>(),
                services.GetRequiredService<ILogger<SiloDeathWatch>>());
        });
        silo.Services.AddOptions<SiloConnectionOptions>().Configure<IServiceProvider>((connections, services) =>
        {
            connections.ConfigureSiloOutboundConnection(connection => AtEnd(connection, remote => Watch().OutboundEnded(remote)));
            connections.ConfigureSiloInboundConnection(connection => AtEnd(connection, remote => Watch().InboundEnded(remote.Address)));
            SiloDeathWatch Watch() => services.GetRequiredService<SiloDeathWatch>();
        });
    }

    private static void AtEnd(IConnectionBuilder connection, Func<IPEndPoint, Task> ended) => connection.Use(next => async context =>
    {
        try
        {
            await next(context);
        }
        finally
        {
            if (context.RemoteEndPoint is IPEndPoint remote) _ = ended(remote);
        }
    });

    private static void AddStorage(ISiloBuilder silo, string invariant, string connection) =>
        silo.AddAdoNetGrainStorage(ClusterGrain.Storage, options => (options.Invariant, options.ConnectionString) = (invariant, connection));
}
