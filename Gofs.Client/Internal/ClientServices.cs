using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Messaging;
using Orleans.Serialization;

namespace Gofs.Internal;

/// <summary>
/// The parts of an Orleans client, put together before it is known where it shall connect to: that takes a good part of a command of gofsctl, and
/// needs no command line.
/// </summary>
internal sealed class ClientServices
{
    /// <summary>How long a call waits for its answer.</summary>
    public static readonly TimeSpan ResponseTimeout = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(100);
    private readonly ServiceProvider services;
    private Wanted wanted = new(new GofsClientOptions(), null, TimeProvider.System, CancellationToken.None);

    public ClientServices()
    {
        var made = new ServiceCollection();
        made.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
        made.AddSingleton(typeof(ILogger<>), typeof(NullLogger<>));
        made.AddOrleansClient(Configure);
        services = made.BuildServiceProvider();
        services.GetRequiredService<Serializer>(); // every other part waits for it
    }

    private sealed record Wanted(GofsClientOptions Options, LiveGateways? Gateways, TimeProvider Time, CancellationToken Stop);

    /// <summary>The parts, for this connection; once.</summary>
    public ServiceProvider Take(GofsClientOptions options, LiveGateways gateways, TimeProvider time, CancellationToken stop)
    {
        wanted = new(options, gateways, time, stop);
        return services;
    }

    // What these delegates look at is decided when Orleans first asks for it, which is after Take.
    private void Configure(IClientBuilder client)
    {
        client.Services.AddSingleton<IGatewayListProvider>(_ => wanted.Gateways!);
        client.Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = (wanted.Options.ClusterId, wanted.Options.ServiceId));
        client.Configure<ClientMessagingOptions>(messaging => messaging.ResponseTimeout = ResponseTimeout);
        client.Configure<GatewayOptions>(gateway => gateway.GatewayListRefreshPeriod = wanted.Gateways!.MaxStaleness);
        client.UseConnectionRetryFilter(async (_, _) =>
        {
            var (stop, time) = (wanted.Stop, wanted.Time);
            if (stop.IsCancellationRequested) return false;
            await Task.Delay(BetweenTries, time, CancellationToken.None);
            return !stop.IsCancellationRequested;
        });
    }
}
