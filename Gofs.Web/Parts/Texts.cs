using System.Globalization;

namespace Gofs.Web.Parts;

/// <summary>Numbers, sizes and times as people read them.</summary>
internal static class Texts
{
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    /// <summary>Bytes, in the unit that leaves three digits: "1.50 GiB".</summary>
    public static string Size(long bytes)
    {
        var (value, unit) = ((double)bytes, 0);
        for (; Math.Abs(value) >= 1000 && unit < Units.Length - 1; unit++) value /= 1024;
        var format = unit == 0 ? "0" : Math.Abs(value) < 9.995 ? "0.00" : Math.Abs(value) < 99.95 ? "0.0" : "0";
        return $"{value.ToString(format, CultureInfo.InvariantCulture)} {Units[unit]}";
    }

    /// <summary>A number with its thousands apart.</summary>
    public static string Count(long number) => number.ToString("#,0", CultureInfo.InvariantCulture);

    /// <summary>How often something is in a second: of few, tenths too.</summary>
    public static string Rate(double rate) => (rate is > 0 and < 10 ? Math.Round(rate, 1) : Math.Round(rate)).ToString("#,0.#", CultureInfo.InvariantCulture);

    /// <summary>A number and what it counts: "1 file", "2 files".</summary>
    public static string Count(long number, string one, string? many = null) => $"{Count(number)} {(number == 1 ? one : many ?? one + "s")}";

    /// <summary>Part of a whole in percent, or a dash where there is no whole.</summary>
    public static string Percent(long part, long whole) =>
        whole <= 0 ? "–" : ((double)part / whole).ToString(part * 100 < whole && part > 0 ? "0.0 %" : "0 %", CultureInfo.InvariantCulture);

    /// <summary>A time that has passed: "4 s", "3 min", "2 h 5 min", "6 d".</summary>
    public static string Span(TimeSpan span)
    {
        if (span <= TimeSpan.Zero) return "0 s";
        if (span < TimeSpan.FromSeconds(1)) return $"{span.Milliseconds} ms";
        if (span < TimeSpan.FromMinutes(1)) return $"{span.Seconds} s";
        if (span < TimeSpan.FromHours(1)) return $"{span.Minutes} min";
        if (span < TimeSpan.FromDays(1)) return $"{span.Hours} h{(span.Minutes > 0 ? $" {span.Minutes} min" : "")}";
        return $"{span.Days} d{(span.Hours > 0 && span.Days < 10 ? $" {span.Hours} h" : "")}";
    }

    /// <summary>How long ago something was.</summary>
    public static string Ago(TimeSpan age) => age < TimeSpan.FromSeconds(1) ? "just now" : $"{Span(age)} ago";

    /// <summary>A moment, UTC, to the second.</summary>
    public static string Moment(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>A moment given in nanoseconds since 1970.</summary>
    public static string Moment(long nanoseconds) => Moment(DateTimeOffset.UnixEpoch.AddTicks(nanoseconds / 100));

    /// <summary>A time of the day, UTC.</summary>
    public static string Clock(DateTimeOffset at) => at.UtcDateTime.ToString("HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>A failure as one sentence. A name it begins with stays as it is.</summary>
    public static string Sentence(string text)
    {
        if (text.Length == 0) return text;
        var word = text.AsSpan(0, text.IndexOf(' ', StringComparison.Ordinal) is var end and > 0 ? end : text.Length);
        var first = word.EndsWith(":") ? text : char.ToUpperInvariant(text[0]) + text[1..];
        return first[^1] is '.' or '!' or '?' ? first : first + ".";
    }
}
