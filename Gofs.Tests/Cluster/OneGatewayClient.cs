using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;

namespace Gofs.Tests.Cluster;

/// <summary>A client that talks to one silo's gateway, whatever the cluster says about it, over a connection that stays.</summary>
internal sealed class OneGatewayClient : IAsyncDisposable
{
    private readonly IHost host;

    private OneGatewayClient(IHost host, GofsClientOptions options)
    {
        this.host = host;
        Client = new GofsClient(host.Services.GetRequiredService<IClusterClient>(), options);
    }

    public GofsClient Client { get; }

    public static async Task<OneGatewayClient> ConnectAsync(string gateway, GofsClientOptions options, CancellationToken cancellation)
    {
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
        builder.UseOrleansClient(client =>
        {
            client.UseStaticClustering(IPEndPoint.Parse(gateway));
            client.Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = (options.ClusterId, options.ServiceId));
            client.Configure<ClientMessagingOptions>(messaging => messaging.ResponseTimeout = options.OperationTimeout);
        });
        var host = builder.Build();
        await host.StartAsync(cancellation);
        return new(host, options);
    }

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        await host.StopAsync(limit.Token);
        host.Dispose();
    }
}
