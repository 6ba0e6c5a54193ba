using System.Diagnostics.Metrics;
using Gofs.ChunkServers;
using Gofs.Transport;

namespace Gofs.Silo.ChunkServer.Network;

/// <summary>
/// What a data port measures. A request adds to plain counts that are read when somebody looks, and records its time under a tag made beforehand: nothing is
/// allocated. docs/metrics.md tells what each figure means.
/// </summary>
internal sealed class DataMetrics
{
    private const string Operation = "operation";
    private const string Error = "error";

    // By the number of the frame's operation; 0 is what is none.
    private static readonly string[] Names = ["unknown", "write", "read", "flush", "ping", "append", "append_at", "write_each"];
    private static readonly KeyValuePair<string, object?>[] Tags = Array.ConvertAll(Names, name => new KeyValuePair<string, object?>(Operation, name));
    private static readonly GofsError[] Errors = Enum.GetValues<GofsError>();

    private readonly Meter meter;
    private readonly Histogram<double> duration;
    private readonly long[] requests = new long[Names.Length];
    private readonly long[] received = new long[Names.Length];
    private readonly long[] sent = new long[Names.Length];
    private readonly long[][] errors = Array.ConvertAll(Names, _ => new long[(int)Errors.Max() + 1]);

    /// <summary>Makes the instruments.</summary>
    public DataMetrics(Meter meter)
    {
        this.meter = meter;
        duration = meter.CreateHistogram("gofs.data.duration", "s", "From a request to its answer, the rest of the chain included.", tags: null,
            new InstrumentAdvice<double>
            {
                HistogramBucketBoundaries = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 20],
            });
        meter.CreateObservableCounter("gofs.data.requests", () => Of(requests), "{request}", "Requests that were answered, refused ones among them.");
        meter.CreateObservableCounter("gofs.data.received", () => Of(received), "By", "Bytes of chunks that came with requests.");
        meter.CreateObservableCounter("gofs.data.sent", () => Of(sent), "By", "Bytes of chunks that went out with answers.");
        meter.CreateObservableCounter("gofs.data.errors", OfErrors, "{request}", "Requests that were refused or failed; of several writes in one, each.");
    }

    /// <summary>Shows how many connections there are.</summary>
    public void ShowConnections(Func<int> count) =>
        meter.CreateObservableGauge("gofs.data.connections", count, "{connection}", "Open connections to the data port.");

    /// <summary>All of it together.</summary>
    public ServerTraffic Traffic => new(Sum(requests), Sum(received), Sum(sent));

    /// <summary>A request was answered.</summary>
    public void OnAnswered(FrameOp operation, int receivedBytes, TimeSpan elapsed)
    {
        var index = IndexOf(operation);
        Interlocked.Increment(ref requests[index]);
        if (receivedBytes > 0) Interlocked.Add(ref received[index], receivedBytes);
        duration.Record(elapsed.TotalSeconds, Tags[index]);
    }

    /// <summary>Bytes go out with an answer.</summary>
    public void OnSent(FrameOp operation, int bytes) => Interlocked.Add(ref sent[IndexOf(operation)], bytes);

    /// <summary>A request, or one write of several, was refused.</summary>
    public void OnRefused(FrameOp operation, GofsError error)
    {
        // A server behind that is of a newer release may name an error that is none here.
        var counts = errors[IndexOf(operation)];
        Interlocked.Increment(ref counts[(uint)error < (uint)counts.Length ? (int)error : (int)GofsError.Internal]);
    }

    private static int IndexOf(FrameOp operation) => (int)operation < Names.Length ? (int)operation : 0;

    private static long Sum(long[] counts)
    {
        var sum = 0L;
        foreach (ref var count in counts.AsSpan()) sum += Interlocked.Read(ref count);
        return sum;
    }

    private static IEnumerable<Measurement<long>> Of(long[] counts)
    {
        for (var i = 0; i < counts.Length; i++)
        {
            if (Interlocked.Read(ref counts[i]) is var count and > 0) yield return new(count, Tags[i]);
        }
    }

    private IEnumerable<Measurement<long>> OfErrors()
    {
        for (var i = 0; i < Names.Length; i++)
        {
            foreach (var error in Errors)
            {
                if (Interlocked.Read(ref errors[i][(int)error]) is var count and > 0) yield return new(count, Tags[i], new(Error, error.ToString()));
            }
        }
    }
}
