using System.Diagnostics.Metrics;
using Gofs.Cluster;
using Gofs.Grains.Chunks;
using Gofs.Grains.ChunkServers;
using Gofs.Grains.Namespaces;
using Gofs.Grains.Namespaces.Standbys;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace Gofs.Silo.Hosting.Metrics;

/// <summary>
/// The figures of a silo and where they go: Prometheus text for whoever asks (<see cref="OperationEndpoints"/>), and OTLP where the environment says so
/// (<c>OTEL_EXPORTER_OTLP_ENDPOINT</c> and its like). While nobody is meant to see them nothing is collected, and what is measured costs an addition.
/// </summary>
internal sealed class SiloTelemetry : IDisposable
{
    /// <summary>The meter of everything that is Gofs' own.</summary>
    public const string MeterName = "Gofs";

    /// <summary>The runtime's: heap, collections, thread pool, exceptions.</summary>
    public const string RuntimeMeterName = "System.Runtime";

    private const string OtlpEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    private readonly PauseMetrics pauses;

    private SiloTelemetry(MeterProvider? provider, PauseMetrics pauses) => (Provider, this.pauses) = (provider, pauses);

    /// <summary>What collects; null when nobody is meant to see it.</summary>
    public MeterProvider? Provider { get; }

    /// <summary>Makes the instruments over what a started silo has, and collects them where the settings or the environment say so.</summary>
    public static SiloTelemetry Start(SiloSettings settings, string silo, Meter meter, IServiceProvider services)
    {
        AddInstruments(meter, services);
        var pauses = new PauseMetrics(meter);
        var isExported = !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(OtlpEndpoint));
        if (!isExported && settings.MetricsPort == 0 && !settings.RolesInForce.HasFlag(SiloRoles.Console)) return new(null, pauses);
        return new(Collect(silo, meter.Name, isExported), pauses);
    }

    /// <summary>Collects what a meter measures.</summary>
    public static MeterProvider Collect(string silo, string meter, bool isExported)
    {
        var builder = Sdk.CreateMeterProviderBuilder()
            .ConfigureResource(resource => resource.Clear().AddService("gofs-silo", serviceInstanceId: silo).AddEnvironmentVariableDetector())
            .AddMeter(meter, RuntimeMeterName)
            .AddPrometheusExporter(prometheus => prometheus.ScopeInfoEnabled = false);
        if (isExported) builder.AddOtlpExporter();
        return builder.Build();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        pauses.Dispose();
        Provider?.Dispose();
    }

    private static void AddInstruments(Meter meter, IServiceProvider services)
    {
        var servers = services.GetRequiredService<ChunkServerView>();
        _ = new NamespaceMetrics(meter, services.GetRequiredService<LocalMetaServer>());
        _ = new ChunkMetrics(meter, services.GetRequiredService<LocalChunkTables>(), () => servers.Last);
        if (services.GetService<IChunkStore>() is { } store && services.GetService<Scrubber>() is { } scrubber)
            _ = new ChunkServerMetrics(meter, store.GetDisks, services.GetRequiredService<IScrubbedReplicas>(), scrubber);
    }
}
