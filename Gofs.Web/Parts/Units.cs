using System.Globalization;

namespace Gofs.Web.Parts;

/// <summary>Sizes and times that a person types and that come out again exactly as they went in.</summary>
internal static class Units
{
    private static readonly (string Name, long Bytes)[] Sizes =
        [("TiB", 1L << 40), ("GiB", 1L << 30), ("MiB", 1L << 20), ("KiB", 1L << 10), ("B", 1)];

    private static readonly (string Name, long Ticks)[] Times =
        [("d", TimeSpan.TicksPerDay), ("h", TimeSpan.TicksPerHour), ("min", TimeSpan.TicksPerMinute), ("s", TimeSpan.TicksPerSecond), ("ms", TimeSpan.TicksPerMillisecond)];

    /// <summary>A size in the largest unit that gives a whole number.</summary>
    public static string Size(long bytes)
    {
        var (name, unit) = bytes == 0 ? Sizes[^1] : Array.Find(Sizes, one => bytes % one.Bytes == 0);
        return string.Create(CultureInfo.InvariantCulture, $"{bytes / unit} {name}");
    }

    /// <summary>A time in the largest unit that gives a whole number; what is below a millisecond is cut off.</summary>
    public static string Span(TimeSpan span)
    {
        var ticks = span.Ticks - (span.Ticks % TimeSpan.TicksPerMillisecond);
        var (name, unit) = ticks == 0 ? ("s", TimeSpan.TicksPerSecond) : Array.Find(Times, one => ticks % one.Ticks == 0);
        return string.Create(CultureInfo.InvariantCulture, $"{ticks / unit} {name}");
    }

    /// <summary>The bytes of "64 MiB", "64M", "1.5g" or "4096"; null when it is no size. Units are powers of 1,024.</summary>
    public static long? ParseSize(string text) => Parse(text, unit => unit switch
    {
        "" or "b" => 1,
        "k" or "kb" or "kib" => 1L << 10,
        "m" or "mb" or "mib" => 1L << 20,
        "g" or "gb" or "gib" => 1L << 30,
        "t" or "tb" or "tib" => 1L << 40,
        _ => null,
    });

    /// <summary>The time of "12 h", "90s" or "7 d"; null when it is none. A unit is needed, except after 0.</summary>
    public static TimeSpan? ParseSpan(string text)
    {
        if (text.Trim() == "0") return TimeSpan.Zero;
        var ticks = Parse(text, unit => Array.Find(Times, one => one.Name == unit) is { Ticks: > 0 } found ? found.Ticks : null);
        return ticks is null ? null : new TimeSpan(ticks.Value);
    }

    private static long? Parse(string text, Func<string, long?> unitOf)
    {
        var trimmed = text.Trim();
        var end = trimmed.AsSpan().IndexOfAnyExceptInRange('0', '9');
        if (end >= 0 && trimmed[end] == '.')
        {
            var fraction = trimmed.AsSpan(end + 1).IndexOfAnyExceptInRange('0', '9');
            end = fraction < 0 ? -1 : end + 1 + fraction;
        }

        var (number, unit) = end < 0 ? (trimmed, "") : (trimmed[..end], trimmed[end..].Trim().ToLowerInvariant());
        if (unitOf(unit) is not { } size) return null;
        if (!decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)) return null;
        var whole = value <= long.MaxValue / size ? decimal.Truncate(value * size) : -1;
        return whole < 0 ? null : (long)whole;
    }
}
