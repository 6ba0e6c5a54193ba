using System.Globalization;
using System.Text;
using System.Text.Json;
using Gofs.Ctl.Targets;
using Gofs.Namespaces;

namespace Gofs.Ctl.Output;

/// <summary>How sizes, modes, times and entries look.</summary>
internal static class Texts
{
    private static readonly string[] Units = ["", "K", "M", "G", "T", "P"];

    /// <summary>Bytes as a person reads them (powers of 1,024).</summary>
    public static string Size(long bytes, bool human)
    {
        if (!human || bytes < 1024) return bytes.ToString(CultureInfo.InvariantCulture);
        var (value, unit) = ((double)bytes, 0);
        for (; value >= 1024 && unit < Units.Length - 1; unit++) value /= 1024;
        return value.ToString(value < 10 ? "0.0" : "0", CultureInfo.InvariantCulture) + Units[unit];
    }

    /// <summary>Wanted replicas; - where the namespace says how many, or there are none.</summary>
    public static string Goal(Entry entry) => entry.Goal > 0 ? entry.Goal.ToString(CultureInfo.InvariantCulture) : "-";

    /// <summary>Type and permission bits as ls shows them.</summary>
    public static string Mode(EntryType type, int mode)
    {
        var text = new StringBuilder(type switch { EntryType.Directory => "d", EntryType.Symlink => "l", _ => "-" });
        for (var shift = 6; shift >= 0; shift -= 3)
        {
            text.Append((mode >> shift & 4) != 0 ? 'r' : '-').Append((mode >> shift & 2) != 0 ? 'w' : '-');
            var special = (mode >> 9 & (shift == 6 ? 4 : shift == 3 ? 2 : 1)) != 0;
            var execute = (mode >> shift & 1) != 0;
            text.Append((special, execute, shift) switch
            {
                (false, false, _) => '-',
                (false, true, _) => 'x',
                (true, true, 0) => 't',
                (true, false, 0) => 'T',
                (true, true, _) => 's',
                _ => 'S',
            });
        }

        return text.ToString();
    }

    /// <summary>A time in nanoseconds since 1970, UTC, to the second.</summary>
    public static string Time(long nanoseconds) =>
        DateTimeOffset.UnixEpoch.AddTicks(nanoseconds / 100).UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>Bytes from digits with an optional K, M, G or T (powers of 1,024).</summary>
    public static long ParseSize(string text)
    {
        var shift = text.Length == 0 ? 0 : char.ToUpperInvariant(text[^1]) switch { 'K' => 10, 'M' => 20, 'G' => 30, 'T' => 40, _ => 0 };
        var digits = shift > 0 ? text.AsSpan(0, text.Length - 1) : text;
        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value <= long.MaxValue >> shift
            ? value << shift
            : throw new UsageException($"a size is digits with an optional K, M, G or T, not '{text}'");
    }

    /// <summary>A name's text: what is not UTF-8 stays as it is when it is written, see <see cref="PathText"/>.</summary>
    public static string Name(Entry entry) => PathText.Decode(entry.Name);

    /// <summary>What a symlink says, as <see cref="Name"/>.</summary>
    public static string Arrow(Entry entry) => entry.SymlinkTarget is { } bytes ? $" -> {PathText.Decode(bytes)}" : "";

    /// <summary>Text for one line of a terminal: control characters and what is not UTF-8 as \n, \t or \xHH.</summary>
    public static string Visible(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\0', '\u001f') && !text.AsSpan().ContainsAnyInRange('\u007f', '\u009f')
            && !text.AsSpan().ContainsAnyInRange('\uDC80', '\uDCFF')) return text;
        var visible = new StringBuilder(text.Length + 8);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1])) visible.Append(c).Append(text[++i]);
            else if (c == '\n') visible.Append("\\n");
            else if (c == '\t') visible.Append("\\t");
            else if (char.IsControl(c)) visible.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}");
            else if (c is >= '\uDC80' and <= '\uDCFF') visible.Append(CultureInfo.InvariantCulture, $"\\x{c - 0xDC00:x2}");
            else visible.Append(c);
        }

        return visible.ToString();
    }

    /// <summary>The one line for a failure.</summary>
    public static string Line(Exception failed) => Visible(failed switch
    {
        GofsException { Path: "" } known => known.Detail,
        GofsException known => $"{known.Path}: {known.Detail}",
        Local.LocalFileException local => $"{PathText.Decode(local.Path.Bytes)}: {local.Message}",
        _ => failed.Message,
    });
}
