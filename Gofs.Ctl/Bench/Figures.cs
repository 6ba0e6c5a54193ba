using System.Globalization;
using Gofs.Ctl.CommandLine;

namespace Gofs.Ctl.Bench;

/// <summary>How a benchmark says what it measured: a line each, or a JSON object.</summary>
internal static class Figures
{
    /// <summary>The largest lag since the last time, if a standby was seen.</summary>
    public static void ShowLag(this Invocation run, string what, LagWatch lag)
    {
        if (lag.TakeLargest() is { } behind) run.ShowFigure(what, behind.TotalMilliseconds, " ms", "milliseconds");
    }

    /// <summary>Operations a second, and how long one took.</summary>
    public static void Show(this Invocation run, string what, Rate rate) => run.Out.Show(
        string.Create(CultureInfo.InvariantCulture,
            $"{what,-60} {rate.PerSecond,10:0}/s   p50 {rate.Median.TotalMilliseconds:0.00} ms   p99 {rate.Worst1Percent.TotalMilliseconds:0.00} ms"),
        json =>
        {
            json.WriteString("what", what);
            json.WriteNumber("perSecond", rate.PerSecond);
            json.WriteNumber("p99Milliseconds", rate.Worst1Percent.TotalMilliseconds);
        });

    private static void ShowFigure(this Invocation run, string what, double value, string unit, string jsonName) => run.Out.Show(
        string.Create(CultureInfo.InvariantCulture, $"{what,-60} {value,10:0}{unit}"),
        json => { json.WriteString("what", what); json.WriteNumber(jsonName, value); });

    /// <summary>So many a second.</summary>
    public static void ShowPerSecond(this Invocation run, string what, double perSecond) => run.ShowFigure(what, perSecond, "/s", "perSecond");

    /// <summary>So many MiB a second.</summary>
    public static void ShowMebibytes(this Invocation run, string what, double perSecond) => run.ShowFigure(what, perSecond, " MiB/s", "mebibytesPerSecond");

    /// <summary>A figure by its ceiling.</summary>
    public static void ShowRatio(this Invocation run, string what, double ratio) => run.Out.Show(
        string.Create(CultureInfo.InvariantCulture, $"ratio: {what,-53} {ratio,10:0.00}"),
            json => { json.WriteString("ratio", what); json.WriteNumber("value", ratio); });
}
