using System.Net;
using Gofs.Web.Hosting;
using OpenTelemetry.Metrics;

namespace Gofs.Silo.Hosting.Metrics;

/// <summary>
/// A port of its own for metrics and health, so that they can be reached where the console is not. Whoever reaches it sees names of namespaces, silos and
/// disks, and figures; there is nothing that could be changed. On loopback only this machine's names are answered, so that no web page elsewhere gets at them.
/// </summary>
internal sealed class MetricsHost : IAsyncDisposable
{
    private readonly WebApplication app;

    private MetricsHost(WebApplication app) => this.app = app;

    /// <summary>Where it listens, once it does.</summary>
    public Uri Address => new(app.Urls.Single());

    /// <summary>Starts it, or answers null when the silo has no such port.</summary>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<MetricsHost?> StartAsync(
        SiloSettings settings, SiloTelemetry telemetry, IServiceProvider services, CancellationToken cancellation) => settings.MetricsPort == 0
        ? null
        : await StartAsync(
            settings.MetricsEndPoint, telemetry.Provider!, SiloHealth.Of(services).Faults, Enum.Parse<LogLevel>(settings.LogLevel, ignoreCase: true),
            cancellation);

    /// <summary>Starts it.</summary>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<MetricsHost> StartAsync(
        IPEndPoint address, MeterProvider metrics, Func<IReadOnlyList<string>> faults, LogLevel level, CancellationToken cancellation)
    {
        var builder = HttpHost.Begin(address, level, mostBodyBytes: 0);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxConcurrentConnections = 100);
        var host = new MetricsHost(builder.Build());
        try
        {
            host.app.UseGuard(isLocal: IPAddress.IsLoopback(address.Address));
            OperationEndpoints.Map(host.app, metrics, faults);
            await host.app.StartAsync(cancellation);
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
