using System.Globalization;

namespace Gofs.Web.Live;

/// <summary>What the charts show.</summary>
public enum HistoryKind
{
    /// <summary>Bytes a second that chunk servers took in.</summary>
    Received,

    /// <summary>Bytes a second that chunk servers gave out.</summary>
    Sent,

    /// <summary>Requests a second to chunk servers' data ports.</summary>
    Requests,

    /// <summary>Operations a second of namespaces.</summary>
    Operations,

    /// <summary>EditLog records a second of namespaces.</summary>
    Records,

    /// <summary>How many milliseconds the standby that is furthest behind is, of namespaces.</summary>
    Lag,
}

/// <summary>One line of a chart.</summary>
/// <param name="Name">The chunk server or namespace.</param>
/// <param name="Now">Its latest value.</param>
/// <param name="Strokes">Its strokes, points of <see cref="HistoryChart.Samples"/> by <see cref="HistoryChart.Height"/>: a gap parts two.</param>
public sealed record HistoryLine(string Name, double Now, IReadOnlyList<string> Strokes);

/// <summary>One chart, ready to be drawn: it is made once for all pages.</summary>
/// <param name="Top">The value at its upper edge.</param>
/// <param name="Lines">Its lines, those with the most first.</param>
/// <param name="Others">How many more there are.</param>
/// <param name="Samples">Its width: a step for each sample.</param>
public sealed record HistoryChart(double Top, IReadOnlyList<HistoryLine> Lines, int Others, int Samples)
{
    /// <summary>Its height.</summary>
    public const int Height = 100;

    /// <summary>Nothing was sampled.</summary>
    public static HistoryChart None { get; } = new(0, [], 0, ClusterHistory.Samples);

    /// <summary>The time it shows.</summary>
    public TimeSpan Length => Samples * ClusterHistory.Every;
}

/// <summary>
/// The last hour, sampled once for all pages: totals that looks at the cluster bring become rates in rings of fixed size, and what is no total is kept as it
/// is. What is not seen for an hour is forgotten, and no more than so many servers and namespaces are kept.
/// </summary>
public sealed class ClusterHistory
{
    /// <summary>Time between samples.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(10);

    /// <summary>Samples kept: an hour.</summary>
    public const int Samples = 360;

    /// <summary>The most lines that are kept of one kind.</summary>
    public const int MostSeries = 200;

    private const int MostLines = 5;

    // While it has not looked for an hour, a chart is as long as what there is: 5, 10 or 30 minutes.
    private static readonly int[] Widths = [30, 60, 180, Samples];
    private readonly Lock gate = new();
    private readonly Dictionary<(HistoryKind Kind, string Name), Series> all = [];
    private long? firstSlot;
    private volatile IReadOnlyDictionary<HistoryKind, HistoryChart> charts = new Dictionary<HistoryKind, HistoryChart>();

    /// <summary>Grows with every sample.</summary>
    public long Revision { get; private set; }

    /// <summary>A chart as of the last sample.</summary>
    public HistoryChart Chart(HistoryKind kind) => charts.GetValueOrDefault(kind, HistoryChart.None);

    /// <summary>The latest value of one; null: it has none.</summary>
    public double? Now(HistoryKind kind, string name)
    {
        lock (gate) return all.TryGetValue((kind, name), out var series) ? series.At(series.LastSlot) : null;
    }

    /// <summary>Takes a look in.</summary>
    public void Add(ClusterView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        lock (gate)
        {
            var slot = view.At.UtcTicks / Every.Ticks;
            firstSlot ??= slot;
            foreach (var server in view.Servers.Where(one => one is { Live: true, Traffic: not null }))
            {
                Add(HistoryKind.Received, server.Server.Value, server.Traffic!.ReceivedBytes, view.At, slot);
                Add(HistoryKind.Sent, server.Server.Value, server.Traffic.SentBytes, view.At, slot);
                Add(HistoryKind.Requests, server.Server.Value, server.Traffic.Requests, view.At, slot);
            }

            foreach (var space in view.Namespaces.Where(one => one.Status is not null))
            {
                Add(HistoryKind.Operations, space.Name, space.Status!.Operations, view.At, slot);
                Add(HistoryKind.Records, space.Name, space.Status.EditLogNumber, view.At, slot);
                if (space.Status.Standbys.Where(standby => standby.EditLogNumber >= 0).Max(standby => (TimeSpan?)standby.Lag) is { } lag)
                    Find(HistoryKind.Lag, space.Name)?.AddValue((float)lag.TotalMilliseconds, slot);
            }

            foreach (var gone in all.Where(one => one.Value.LastSlot <= slot - Samples).Select(one => one.Key).ToArray()) all.Remove(gone);
            Revision++;
            charts = Enum.GetValues<HistoryKind>().ToDictionary(kind => kind, kind => Draw(kind, slot));
        }
    }

    private void Add(HistoryKind kind, string name, long total, DateTimeOffset at, long slot) => Find(kind, name)?.AddTotal(total, at, slot);

    private Series? Find(HistoryKind kind, string name)
    {
        if (all.TryGetValue((kind, name), out var series)) return series;
        return all.Keys.Count(key => key.Kind == kind) < MostSeries ? all[(kind, name)] = new() : null;
    }

    private HistoryChart Draw(HistoryKind kind, long slot)
    {
        var series = all.Where(one => one.Key.Kind == kind).Select(one => (one.Key.Name, one.Value, Most: one.Value.Most(slot)))
            .OrderByDescending(one => one.Most).ThenBy(one => one.Name, StringComparer.Ordinal).ToArray();
        var shown = series.Take(MostLines).ToArray();
        var top = RoundUp(shown.Length == 0 ? 0 : shown[0].Most, kind is HistoryKind.Received or HistoryKind.Sent ? 2 : 10);
        var width = Widths.FirstOrDefault(one => one > slot - firstSlot, Samples);
        var lines = shown.Select(one => new HistoryLine(one.Name, one.Value.At(slot) ?? 0, Strokes(one.Value, slot, top, width)));
        return new(top, [.. lines], series.Length - shown.Length, width);
    }

    // The edge is a round number: powers of two for bytes, 1, 2 or 5 times a power of ten else.
    private static double RoundUp(double most, int with)
    {
        if (with == 2) return Math.Pow(2, Math.Ceiling(Math.Log2(Math.Max(most, 1024))));
        if (most <= 1) return 1;
        var power = Math.Pow(10, Math.Floor(Math.Log10(most)));
        return power * (most <= power ? 1 : most <= 2 * power ? 2 : most <= 5 * power ? 5 : 10);
    }

    private static List<string> Strokes(Series series, long slot, double top, int width)
    {
        List<string> strokes = [];
        List<string> points = [];
        for (var at = slot - width + 1; at <= slot + 1; at++)
        {
            if (at <= slot && series.At(at) is { } value)
            {
                var (x, y) = (at - slot + width, HistoryChart.Height * (1 - (value / top)));
                points.Add(string.Create(CultureInfo.InvariantCulture, $"{x},{y:0.#}"));
            }
            else if (points.Count > 0)
            {
                if (points.Count == 1) points.Insert(0, points[0]); // a dot
                strokes.Add(string.Join(' ', points));
                points.Clear();
            }
        }

        return strokes;
    }

    private sealed class Series
    {
        private const int LongestSkip = 3;
        private readonly float[] values = [.. Enumerable.Repeat(float.NaN, Samples)];
        private (long Total, DateTimeOffset At)? last;

        /// <summary>The last sample's place; of one that has none, so long ago that it counts for nothing.</summary>
        public long LastSlot { get; private set; } = -Samples;

        /// <summary>Takes a total in. One that falls began anew, and is all that was since.</summary>
        public void AddTotal(long total, DateTimeOffset at, long slot)
        {
            if (last is not { } before)
            {
                (last, LastSlot) = ((total, at), slot);
                return;
            }

            var seconds = (at - before.At).TotalSeconds;
            if (slot <= LastSlot || seconds <= 0) return;
            AddValue((float)((total < before.Total ? total : total - before.Total) / seconds), slot);
            last = (total, at);
        }

        /// <summary>Takes a value in. A short time without any is filled with it, a long one is a gap.</summary>
        public void AddValue(float value, long slot)
        {
            if (slot <= LastSlot) return;
            var hasGap = slot - LastSlot > LongestSkip;
            for (var skipped = Math.Max(LastSlot + 1, slot - Samples + 1); skipped < slot; skipped++) values[skipped % Samples] = hasGap ? float.NaN : value;
            values[slot % Samples] = hasGap && last is not null ? float.NaN : value;
            LastSlot = slot;
        }

        /// <summary>The value at a place; null: there is none.</summary>
        public double? At(long slot) => slot > LastSlot || slot <= LastSlot - Samples || float.IsNaN(values[slot % Samples]) ? null : values[slot % Samples];

        /// <summary>The greatest of the last hour.</summary>
        public double Most(long slot)
        {
            var most = 0.0;
            for (var at = slot - Samples + 1; at <= slot; at++) most = Math.Max(most, At(at) ?? 0);
            return most;
        }
    }
}
