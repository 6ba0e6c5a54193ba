using System.Globalization;
using System.Text;
using System.Text.Json;
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

    /// <summary>Permission bits from octal digits.</summary>
    public static int ParseMode(string text)
    {
        if (text.Length is < 1 or > 4 || text.Any(c => c is < '0' or > '7')) throw new UsageException($"a mode is one to four octal digits, not '{text}'");
        return Convert.ToInt32(text, 8);
    }

    /// <summary>Bytes from digits with an optional K, M, G or T (powers of 1,024).</summary>
    public static long ParseSize(string text)
    {
        var shift = text.Length == 0 ? 0 : char.ToUpperInvariant(text[^1]) switch { 'K' => 10, 'M' => 20, 'G' => 30, 'T' => 40, _ => 0 };
        var digits = shift > 0 ? text.AsSpan(0, text.Length - 1) : text;
        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value <= long.MaxValue >> shift
            ? value << shift
            : throw new UsageException($"a size is digits with an optional K, M, G or T, not '{text}'");
    }

    /// <summary>An entry's members.</summary>
    public static void Write(Utf8JsonWriter json, Entry entry, string path)
    {
        json.WriteString("path", path);
        json.WriteString("type", entry.Type switch { EntryType.Directory => "directory", EntryType.Symlink => "symlink", _ => "file" });
        json.WriteNumber("inode", entry.Inode.Value);
        json.WriteString("mode", Convert.ToString(entry.Mode, 8));
        json.WriteNumber("owner", entry.Owner);
        json.WriteNumber("group", entry.Group);
        json.WriteNumber("lengthBytes", entry.LengthBytes);
        json.WriteNumber("modifiedAt", entry.ModifiedAt);
        json.WriteNumber("links", entry.Links);
        if (entry.SymlinkTarget is { } target) json.WriteString("target", Encoding.UTF8.GetString(target));
        if (entry.IsOpenForWriting) json.WriteBoolean("open", true);
    }

    /// <summary>An entry as a line of ls -l.</summary>
    public static string Long(Entry entry, string name, bool human)
    {
        var target = entry.SymlinkTarget is { } bytes ? $" -> {Encoding.UTF8.GetString(bytes)}" : "";
        return string.Create(CultureInfo.InvariantCulture,
            $"{Mode(entry.Type, entry.Mode)} {entry.Links,2} {entry.Owner,5} {entry.Group,5} {Size(entry.LengthBytes, human),12} {Time(entry.ModifiedAt)} {name}{target}");
    }
}
