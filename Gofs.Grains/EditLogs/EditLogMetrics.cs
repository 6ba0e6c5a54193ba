using System.Diagnostics.Metrics;

namespace Gofs.Grains.EditLogs;

/// <summary>What a silo's EditLog writer measures: once a transaction, on the writer's own thread. docs/metrics.md tells what each figure means.</summary>
internal sealed class EditLogMetrics
{
    private readonly Meter meter;
    private readonly Histogram<long> batch;
    private readonly Histogram<double> duration;
    private long records;
    private long bytes;
    private long failures;
    private long refusals;

    /// <summary>Makes the instruments.</summary>
    public EditLogMetrics(Meter meter)
    {
        this.meter = meter;
        meter.CreateObservableCounter("gofs.editlog.records", () => Volatile.Read(ref records), "{record}", "Records that became durable.");
        meter.CreateObservableCounter("gofs.editlog.written", () => Volatile.Read(ref bytes), "By", "Bytes of records that became durable.");
        meter.CreateObservableCounter("gofs.editlog.failures", () => Volatile.Read(ref failures), "{transaction}", "Transactions whose outcome is unknown.");
        meter.CreateObservableCounter("gofs.editlog.refusals", () => Volatile.Read(ref refusals), "{stream}", "Streams that another owner had taken.");
        batch = meter.CreateHistogram("gofs.editlog.batch", "{record}", "Records of one transaction.", tags: null,
            new InstrumentAdvice<long> { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096] });
        duration = meter.CreateHistogram("gofs.editlog.commit.duration", "s", "How long one transaction took.", tags: null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] });
    }

    /// <summary>Shows what waits to be written.</summary>
    public void ShowPending(Func<long> pendingBytes) =>
        meter.CreateObservableGauge("gofs.editlog.pending", pendingBytes, "By", "Bytes of records that wait for the writer.");

    /// <summary>A transaction was committed. On one thread at a time.</summary>
    public void OnCommitted(long recordCount, long byteCount, int refusedStreams, TimeSpan elapsed)
    {
        Volatile.Write(ref records, records + recordCount);
        Volatile.Write(ref bytes, bytes + byteCount);
        Volatile.Write(ref refusals, refusals + refusedStreams);
        batch.Record(recordCount);
        duration.Record(elapsed.TotalSeconds);
    }

    /// <summary>A transaction failed. On the same thread.</summary>
    public void OnFailed(TimeSpan elapsed)
    {
        Volatile.Write(ref failures, failures + 1);
        duration.Record(elapsed.TotalSeconds);
    }
}
