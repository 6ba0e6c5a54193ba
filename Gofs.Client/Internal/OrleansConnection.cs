using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;

namespace Gofs.Internal;

/// <summary>
/// An Orleans client that the SDK owns: no host, no configuration files, no loggers, because a command of gofsctl lives shorter
/// than a host takes to start. Its calls end after <see cref="ClientServices.ResponseTimeout"/>, so that one to a silo that has died is tried again
/// within the operation timeout, and it follows the silos that come and go (<see cref="LiveGateways"/>).
/// </summary>
internal sealed class OrleansConnection : IAsyncDisposable
{
    private static readonly TimeSpan ResponseTimeout = ClientServices.ResponseTimeout;
    private static Task<ClientServices>? prepared;

    private readonly LiveGateways gateways;
    private readonly ServiceProvider services;
    private readonly IHostedService[] hosted;

    private OrleansConnection(LiveGateways gateways, ServiceProvider services)
    {
        this.gateways = gateways;
        this.services = services;
        hosted = [.. services.GetServices<IHostedService>()];
        Grains = services.GetRequiredService<IClusterClient>();
    }

    public IGrainFactory Grains { get; }

    /// <summary>
    /// Begins, on another core, with what the next connection needs and no option decides: for a program that reads its command line meanwhile.
    /// </summary>
    public static void Prepare() => prepared ??= Task.Run(() => new ClientServices());

    /// <summary>Connects to the first gateway that answers, trying until the connect timeout.</summary>
    public static async Task<OrleansConnection> OpenAsync(GofsClientOptions options, TimeProvider time, CancellationToken cancellation)
    {
        var gateways = new IPEndPoint[options.Gateways.Count];
        for (var i = 0; i < gateways.Length; i++) gateways[i] = await Gateway.ResolveAsync(options.Gateways[i], cancellation);
        using var limit = new CancellationTokenSource(options.ConnectTimeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        var live = new LiveGateways(gateways, time);
        var parts = await (Interlocked.Exchange(ref prepared, null) ?? Task.FromResult(new ClientServices()));
        var connection = new OrleansConnection(live, parts.Take(options, live, time, both.Token));
        try
        {
            await connection.StartAsync(both.Token).WaitAsync(both.Token);
            live.Follow(connection.Grains);
            return connection;
        }
        catch (Exception failure)
        {
            await connection.DisposeAsync();
            cancellation.ThrowIfCancellationRequested();
            throw new GofsException(
                GofsError.SiloUnreachable, $"no silo answers at {string.Join(", ", options.Gateways)}: start one with gofs-silo", "", failure);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await gateways.DisposeAsync();
        using var limit = new CancellationTokenSource(ResponseTimeout);
        foreach (var service in hosted) await service.StopAsync(limit.Token);
        await services.DisposeAsync();
    }

    private async Task StartAsync(CancellationToken cancellation)
    {
        foreach (var service in hosted) await service.StartAsync(cancellation);
    }
}
