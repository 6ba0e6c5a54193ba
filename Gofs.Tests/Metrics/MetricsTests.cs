using System.Diagnostics.Metrics;
using System.Net;
using Gofs.Grains.Chunks;
using Gofs.Silo.Hosting.Metrics;
using Orleans.Runtime;
using Xunit;

namespace Gofs.Tests.Metrics;

/// <summary>What supervisors are told.</summary>
public sealed class MetricsTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WhatWasMeasured_IsServedAsPrometheusReadsIt()
    {
        await using var all = new AllInstruments();
        all.MeasureAll();
        var scrape = await all.ScrapeAsync(Stop);
        Assert.Equal("histogram", scrape.Kinds["gofs_data_duration_seconds"]);
        Assert.Equal("counter", scrape.Kinds["gofs_data_received_bytes_total"]);
        Assert.Equal("gauge", scrape.Kinds["gofs_disk_free_bytes"]);
        Assert.Equal(1 << 20, scrape.Sum("gofs_data_received_bytes_total", ("operation", "write")));
        Assert.Equal(4096, scrape.Sum("gofs_data_sent_bytes_total", ("operation", "read")));
        Assert.Equal(1, scrape.Sum("gofs_data_errors_total", ("operation", "write"), ("error", "DiskFailed")));
        Assert.Equal(0, scrape.Sum("gofs_data_duration_seconds_bucket", ("operation", "read"), ("le", "0.001")));
        Assert.Equal(1, scrape.Sum("gofs_data_duration_seconds_bucket", ("operation", "read"), ("le", "0.0025")));
        Assert.Equal(7, scrape.Sum("gofs_editlog_records_total"));
        Assert.Equal(2, scrape.Sum("gofs_editlog_commit_duration_seconds_count"));
        Assert.Equal(1, scrape.Sum("gofs_editlog_failures_total"));
        Assert.Equal(1, scrape.Sum("gofs_namespace_refusals_total", ("operation", "rename")));
        Assert.Equal(0.25, scrape.Sum("gofs_namespace_standby_lag_seconds", ("namespace", "demo"), ("standby", "silo-2")));
        Assert.Equal(2, scrape.Sum("gofs_chunks_below_goal", ("danger", "endangered")));
        Assert.Equal(1, scrape.Sum("gofs_chunkservers", ("standing", "dead")));
        Assert.Equal(600, scrape.Sum("gofs_disk_used_bytes", ("disk", "/disk1")));
        Assert.Equal(1, scrape.Sum("gofs_disk_out_of_service"));
        Assert.Equal("silo-1", scrape.Samples.Single(sample => sample.Name == "target_info").Labels["service_instance_id"]);
    }

    [Fact]
    public void Collection_OfGarbage_IsSeen_AndSoIsTheOneAfterIt_UntilNobodyCounts()
    {
        using var meter = new Meter($"Gofs.Tests {Guid.NewGuid()}");
        using var listener = new MeterListener();
        var seen = 0;
        listener.InstrumentPublished = (instrument, to) =>
        {
            if (instrument.Meter == meter) to.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<double>((instrument, seconds, _, _) =>
        {
            if (instrument.Name == "gofs.gc.pause" && seconds > 0) Interlocked.Increment(ref seen);
        });
        listener.Start();
        var pauses = new PauseMetrics(meter);
        Assert.True(SeenAfterCollection() > 0);
        Assert.True(SeenAfterCollection() > 0);
        pauses.Dispose();
        Assert.Equal(0, SeenAfterCollection());

        int SeenAfterCollection()
        {
            GC.WaitForPendingFinalizers(); // one that looks just now would count for this collection
            Volatile.Write(ref seen, 0);
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return Volatile.Read(ref seen);
        }
    }

    [Fact]
    public void TableThatMovesAway_LeavesWhatItCopied_AndNothingElse()
    {
        var tables = new LocalChunkTables();
        tables.Show("a", "demo", new() { Chunks = 10, Copied = 2, CopiedBytes = 200, UnderGoal = 1 });
        tables.Show("b", "demo", new() { Chunks = 5, Copied = 1, CopiedBytes = 100 });
        tables.Hide("a");
        tables.Hide("a");
        tables.Show("b", "demo", new() { Chunks = 6, Copied = 4, CopiedBytes = 400 });
        var (name, sum) = Assert.Single(tables.Sums());
        Assert.Equal(("demo", 6L, 0L, 6L, 600L), (name, sum.Chunks, sum.UnderGoal, sum.Copied, sum.CopiedBytes));
    }

    [Fact]
    public async Task Health_IsReadyOrSaysWhyNot()
    {
        await using var all = new AllInstruments();
        await using var host = await all.ServeAsync(Stop);
        using var http = new HttpClient { BaseAddress = host.Address, Timeout = TimeSpan.FromMinutes(1) };
        Assert.Equal("ready", await http.GetStringAsync("health/ready", Stop));
        all.Faults = ["one", "another"];
        using var refused = await http.GetAsync("health/ready", Stop);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Equal("one\nanother", await refused.Content.ReadAsStringAsync(Stop));
        Assert.Equal("live", await http.GetStringAsync("health/live", Stop));
    }

    [Fact]
    public async Task NameThatOnlyPretendsToBeThisMachine_IsRefused()
    {
        await using var all = new AllInstruments();
        await using var host = await all.ServeAsync(Stop);
        using var http = new HttpClient { BaseAddress = host.Address, Timeout = TimeSpan.FromMinutes(1) };
        using var request = new HttpRequestMessage(HttpMethod.Get, "metrics") { Headers = { Host = "gofs.example" } };
        using var refused = await http.SendAsync(request, Stop);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
    }

    [Fact]
    public void SiloIsReady_WhenNothingKeepsItFromItsWork()
    {
        var moment = TimeSpan.FromMilliseconds(20);
        Assert.Empty(SiloHealth.Judge(SiloStatus.Active, isDraining: false, moment, disks: null));
        Assert.Empty(SiloHealth.Judge(SiloStatus.Active, isDraining: false, moment, [new("/a", 1, 1, 0, "broken"), new("/b", 1, 1, 0, null)]));
        Assert.Equal("the silo is Joining in the cluster, not Active", Assert.Single(SiloHealth.Judge(SiloStatus.Joining, false, moment, null)));
        Assert.Equal("its masters are moving to other silos", Assert.Single(SiloHealth.Judge(SiloStatus.Active, true, moment, null)));
        Assert.Equal(
            "the EditLog's store has not answered for 8 s", Assert.Single(SiloHealth.Judge(SiloStatus.Active, false, TimeSpan.FromSeconds(8), null)));
        Assert.Equal(
            "none of its 1 disks is in service: broken", Assert.Single(SiloHealth.Judge(SiloStatus.Active, false, moment, [new("/a", 1, 1, 0, "broken")])));
    }
}
