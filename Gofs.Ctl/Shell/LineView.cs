using System.Globalization;
using System.Text;

namespace Gofs.Ctl.Shell;

/// <summary>
/// A prompt and a line on one row of a terminal: what to write so that it shows, the cursor where it belongs. A line that is too long
/// is shown in part, the part with the cursor.
/// </summary>
internal static class LineView
{
    /// <summary>What to write.</summary>
    /// <param name="prompt">Before the line; itself one row at most.</param>
    /// <param name="text">The line.</param>
    /// <param name="cursor">The cursor's place in it.</param>
    /// <param name="columns">How wide the terminal is.</param>
    public static string Render(string prompt, string text, int cursor, int columns)
    {
        var room = Math.Max(8, columns - Width(prompt) - 1);
        var start = 0;
        while (Width(text.AsSpan(start, cursor - start)) > room) start += StringInfo.GetNextTextElementLength(text, start);
        var end = cursor;
        while (end < text.Length && Width(text.AsSpan(start, end - start)) is var used && used < room)
        {
            var next = end + StringInfo.GetNextTextElementLength(text, end);
            if (Width(text.AsSpan(start, next - start)) > room) break;
            end = next;
        }

        var column = Width(prompt) + Width(text.AsSpan(start, cursor - start));
        var right = column == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"\e[{column}C");
        return $"\r{prompt}{text[start..end]}\e[K\r{right}";
    }

    /// <summary>How many columns text takes.</summary>
    public static int Width(ReadOnlySpan<char> text)
    {
        var width = 0;
        foreach (var rune in text.EnumerateRunes()) width += Width(rune);
        return width;
    }

    private static int Width(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format or UnicodeCategory.Control => 0,
        _ => IsWide(rune.Value) ? 2 : 1,
    };

    private static bool IsWide(int value) => value is >= 0x1100 and <= 0x115F or >= 0x2E80 and <= 0xA4CF or >= 0xAC00 and <= 0xD7A3
        or >= 0xF900 and <= 0xFAFF or >= 0xFE30 and <= 0xFE6F or >= 0xFF00 and <= 0xFF60 or >= 0xFFE0 and <= 0xFFE6
        or >= 0x1F300 and <= 0x1F64F or >= 0x1F900 and <= 0x1F9FF or >= 0x20000 and <= 0x3FFFD;
}
