using System.Diagnostics.Metrics;
using System.Net;
using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Grains.Chunks;
using Gofs.Grains.ChunkServers;
using Gofs.Grains.EditLogs;
using Gofs.Grains.Namespaces;
using Gofs.Grains.Namespaces.Standbys;
using Gofs.Silo.ChunkServer.Network;
using Gofs.Silo.Hosting.Metrics;
using Gofs.Tests.ChunkServers;
using Gofs.Transport;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using OpenTelemetry.Metrics;

namespace Gofs.Tests.Metrics;

/// <summary>Every instrument of a silo without the silo: each has measured something, and is served as a silo serves it.</summary>
internal sealed class AllInstruments : IAsyncDisposable
{
    private readonly Meter meter = new($"Gofs.Tests {Guid.NewGuid()}");
    private readonly MeterProvider provider;

    /// <summary>Makes them.</summary>
    public AllInstruments()
    {
        provider = SiloTelemetry.Collect("silo-1", meter.Name, isExported: false);
        Data = new(meter);
        EditLog = new(meter);
        Pauses = new(meter);
        _ = new NamespaceMetrics(meter, Masters);
        _ = new ChunkMetrics(meter, Tables, () => Servers);
        _ = new ChunkServerMetrics(meter, () => Disks, Nothing.Scrubbed, new(
            Nothing.Scrubbed, new SetOptions<ChunkServerOptions>(new()), TimeProvider.System, NullLogger<Scrubber>.Instance));
    }

    public DataMetrics Data { get; }

    public EditLogMetrics EditLog { get; }

    public PauseMetrics Pauses { get; }

    public LocalMetaServer Masters { get; } = new();

    public LocalChunkTables Tables { get; } = new();

    public IReadOnlyList<ChunkServerInfo> Servers { get; set; } = [];

    public IReadOnlyList<DiskStatus> Disks { get; set; } = [];

    public IReadOnlyList<string> Faults { get; set; } = [];

    /// <summary>Measures something with each.</summary>
    public void MeasureAll()
    {
        Data.ShowConnections(() => 3);
        Data.OnAnswered(FrameOp.Read, 0, TimeSpan.FromMilliseconds(2));
        Data.OnSent(FrameOp.Read, 4096);
        Data.OnAnswered(FrameOp.Write, 1 << 20, TimeSpan.FromMilliseconds(20));
        Data.OnRefused(FrameOp.Write, GofsError.DiskFailed);
        EditLog.ShowPending(() => 100);
        Pauses.OnPaused(new("kind", "ephemeral"), TimeSpan.FromMilliseconds(7));
        EditLog.OnCommitted(recordCount: 7, byteCount: 700, refusedStreams: 1, TimeSpan.FromMilliseconds(3));
        EditLog.OnFailed(TimeSpan.FromSeconds(11));
        var figures = new NamespaceFigures("demo")
        {
            Standing = new(Names: 10, LengthBytes: 1000, OpenFiles: 2, TrashItems: 1, EditLogNumber: 50, SnapshotNumber: 40)
            {
                Standbys = [new("silo-2", TimeSpan.FromMilliseconds(250), 4)],
            },
        };
        foreach (var kind in Enum.GetValues<NamespaceOperation>()) figures.Count(kind);
        figures.CountRefused(NamespaceOperation.Rename);
        Masters.Show(figures);
        Tables.Show(this, "demo", new() { Chunks = 100, UnderGoal = 3, Endangered = 2, Missing = 1, Copied = 5, CopiedBytes = 500 });
        Servers = [Server("silo-1", ServerStanding.Live), Server("silo-2", ServerStanding.Dead)];
        Disks = [new("/disk1", 1000, 400, 9, null) { BadChecksumBlocks = 2, RepairedChecksumBlocks = 1 }, new("/disk2", 1000, 0, 0, "broken")];
    }

    /// <summary>Serves them.</summary>
    public Task<MetricsHost> ServeAsync(CancellationToken cancellation) =>
        MetricsHost.StartAsync(new IPEndPoint(IPAddress.Loopback, 0), provider, () => Faults, LogLevel.Error, cancellation);

    /// <summary>What Prometheus gets.</summary>
    public async Task<PrometheusText> ScrapeAsync(CancellationToken cancellation)
    {
        await using var host = await ServeAsync(cancellation);
        using var http = new HttpClient { BaseAddress = host.Address, Timeout = TimeSpan.FromMinutes(1) };
        return PrometheusText.Parse(await http.GetStringAsync("metrics", cancellation));
    }

    public ValueTask DisposeAsync()
    {
        Pauses.Dispose();
        provider.Dispose();
        meter.Dispose();
        return ValueTask.CompletedTask;
    }

    private static ChunkServerInfo Server(string name, ServerStanding standing) =>
        new(new(name), [], [], DateTimeOffset.UnixEpoch, standing == ServerStanding.Live) { Standing = standing };

    private sealed class Nothing : IScrubbedReplicas
    {
        public static readonly Nothing Scrubbed = new();

        public int KnownDamages => 1;

        public IReadOnlyList<ReplicaReport> ListReplicas() => [];

        public Task<ReplicaScrub> ScrubAsync(ChunkHandle handle, ScrubPacing pacing, CancellationToken cancellation) => Task.FromResult(default(ReplicaScrub));

        public IReadOnlyList<DamagedReplica> GetDamagedReplicas() => [];

        public Task<bool> GiveUpAsync(DamagedReplica damaged, CancellationToken cancellation) => Task.FromResult(false);

        public Task<bool> GiveUpAsync(BadChecksumBlock bad, CancellationToken cancellation) => Task.FromResult(false);

        public ScrubPass? LoadPass() => null;

        public void KeepPass(ScrubPass pass)
        {
        }
    }
}
