using System.Diagnostics.Metrics;

namespace Gofs.Silo.Hosting.Metrics;

/// <summary>
/// How long collections of garbage stop the process. The runtime's own figures have only the sum. After a collection of the youngest generation a finalizer
/// runs, of an object that nobody refers to, and asks the runtime about the last collection of each kind; of several in one instant the last is seen.
/// </summary>
internal sealed class PauseMetrics : IDisposable
{
    private static readonly (GCKind Kind, KeyValuePair<string, object?> Tag)[] Kinds =
    [
        (GCKind.Ephemeral, new("kind", "ephemeral")), (GCKind.Background, new("kind", "background")), (GCKind.FullBlocking, new("kind", "full")),
    ];

    private readonly Histogram<double> pauses;
    private readonly long[] seen = [.. Kinds.Select(one => GC.GetGCMemoryInfo(one.Kind).Index)];
    private double longest;
    private bool isOver;

    /// <summary>Makes the instruments, and counts collections from now on.</summary>
    public PauseMetrics(Meter meter)
    {
        pauses = meter.CreateHistogram("gofs.gc.pause", "s", "How long collections of garbage stopped the process.", tags: null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1] });
        meter.CreateObservableGauge("gofs.gc.longest_pause", () => Volatile.Read(ref longest), "s", "The longest of them since the silo started.");
        Watch();
    }

    /// <summary>A collection stopped the process so long.</summary>
    public void OnPaused(KeyValuePair<string, object?> kind, TimeSpan pause)
    {
        pauses.Record(pause.TotalSeconds, kind);
        if (pause.TotalSeconds > longest) Volatile.Write(ref longest, pause.TotalSeconds);
    }

    /// <summary>Counts no more.</summary>
    public void Dispose() => Volatile.Write(ref isOver, true);

    private void Watch() => _ = new AfterCollection(this);

    private void Look()
    {
        for (var i = 0; i < Kinds.Length; i++)
        {
            var last = GC.GetGCMemoryInfo(Kinds[i].Kind);
            if (last.Index == seen[i]) continue;
            seen[i] = last.Index;
            foreach (var pause in last.PauseDurations)
            {
                if (pause > TimeSpan.Zero) OnPaused(Kinds[i].Tag, pause);
            }
        }
    }

    private sealed class AfterCollection(PauseMetrics metrics)
    {
        ~AfterCollection()
        {
            if (Environment.HasShutdownStarted || Volatile.Read(ref metrics.isOver)) return;
            metrics.Look();
            metrics.Watch();
        }
    }
}
