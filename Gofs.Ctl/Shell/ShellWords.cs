using System.Globalization;
using System.Text;
using Gofs.Ctl.Targets;

namespace Gofs.Ctl.Shell;

/// <summary>
/// A command line as sh reads it: words apart by blanks, <c>'as it is'</c>, <c>"with \" and \\"</c>, <c>\</c> before a character that
/// is meant, <c>$'\n\t\xff'</c> for what cannot be typed, <c>#</c> for a comment. Nothing is expanded.
/// </summary>
internal static class ShellWords
{
    private static readonly string[] Operators = ["|", "||", "&", "&&", ";", ">", ">>", "<"];

    private const string Special = " \t\n\\'\"#$&|;<>()*?[]{}~`!";

    /// <summary>One word.</summary>
    /// <param name="Text">What it means, in <see cref="PathText"/> form.</param>
    /// <param name="Start">Where it begins in the line.</param>
    /// <param name="IsOpen">Whether a quote was not closed.</param>
    /// <param name="IsPlain">Whether it is written as it means.</param>
    public readonly record struct Word(string Text, int Start, bool IsOpen, bool IsPlain = true);

    /// <summary>The words of a whole line.</summary>
    /// <exception cref="UsageException">A quote is not closed, or a word stands for a pipe or the like.</exception>
    public static string[] Split(string line)
    {
        var words = Parse(line);
        if (words.Count > 0 && words[^1].IsOpen) throw new UsageException("a quote is not closed");
        if (words.FirstOrDefault(word => word.IsPlain && Operators.Contains(word.Text)).Text is { } sign)
            throw new UsageException($"there is no {sign} here: one command a line; quote it when it is meant");
        return [.. words.Select(word => word.Text)];
    }

    /// <summary>The words of a line that is being typed; the last one is what is before the cursor, perhaps empty.</summary>
    public static List<Word> SplitTyped(string line)
    {
        var words = Parse(line);
        if (words.Count == 0 || !words[^1].IsOpen && line.Length > 0 && line[^1] is ' ' or '\t' && !EndsInWord(line, words[^1]))
            words.Add(new("", line.Length, false));
        return words;
    }

    /// <summary>The way to write a word.</summary>
    public static string Quote(string text)
    {
        if (text.Length == 0) return "''";
        if (text.Any(c => char.IsControl(c) || c is >= '\uDC80' and <= '\uDCFF')) return QuoteBytes(text);
        var quoted = new StringBuilder(text.Length + 4);
        for (var i = 0; i < text.Length; i++)
        {
            if (Special.Contains(text[i], StringComparison.Ordinal) && !(text[i] is '#' or '~' && i > 0)) quoted.Append('\\');
            quoted.Append(text[i]);
        }

        return quoted.ToString();
    }

    private static string QuoteBytes(string text)
    {
        var quoted = new StringBuilder("$'");
        foreach (var b in PathText.Encode(text))
        {
            if (b is (byte)'\'' or (byte)'\\') quoted.Append('\\').Append((char)b);
            else if (b == '\n') quoted.Append("\\n");
            else if (b == '\t') quoted.Append("\\t");
            else if (b is < 0x20 or >= 0x7f) quoted.Append(CultureInfo.InvariantCulture, $"\\x{b:x2}");
            else quoted.Append((char)b);
        }

        return quoted.Append('\'').ToString();
    }

    /// <summary>Whether a blank at the end belongs to the last word, behind a backslash.</summary>
    private static bool EndsInWord(string line, Word last) => last.Text.Length > 0 && last.Text[^1] == line[^1];

    private static List<Word> Parse(string line)
    {
        List<Word> words = [];
        for (var at = 0; at < line.Length;)
        {
            if (line[at] is ' ' or '\t' or '\r' or '\n')
            {
                at++;
                continue;
            }

            if (line[at] == '#') break;
            var (start, text) = (at, new StringBuilder());
            var open = false;
            while (at < line.Length && line[at] is not (' ' or '\t' or '\r' or '\n')) (at, open) = Piece(line, at, text);
            words.Add(new(text.ToString(), start, open, line.AsSpan(start, at - start).SequenceEqual(text.ToString())));
        }

        return words;
    }

    /// <summary>Takes one quoted piece or one character; answers where it goes on, and whether a quote stayed open.</summary>
    private static (int At, bool Open) Piece(string line, int at, StringBuilder text)
    {
        switch (line[at])
        {
            case '\'':
                var end = line.IndexOf('\'', at + 1);
                text.Append(line, at + 1, (end < 0 ? line.Length : end) - at - 1);
                return end < 0 ? (line.Length, true) : (end + 1, false);
            case '"': return DoubleQuoted(line, at + 1, text);
            case '$' when at + 1 < line.Length && line[at + 1] == '\'': return BytesQuoted(line, at + 2, text);
            case '\\':
                if (at + 1 < line.Length) text.Append(line[at + 1]);
                return at + 1 < line.Length ? (at + 2, false) : (line.Length, true);
            default:
                text.Append(line[at]);
                return (at + 1, false);
        }
    }

    private static (int At, bool Open) DoubleQuoted(string line, int at, StringBuilder text)
    {
        for (; at < line.Length; at++)
        {
            if (line[at] == '"') return (at + 1, false);
            if (line[at] == '\\' && at + 1 < line.Length && line[at + 1] is '"' or '\\' or '$' or '`') at++;
            text.Append(line[at]);
        }

        return (at, true);
    }

    private static (int At, bool Open) BytesQuoted(string line, int at, StringBuilder text)
    {
        List<byte> bytes = [];
        var open = true;
        while (at < line.Length && open)
        {
            var c = line[at++];
            if (c == '\'') open = false;
            else if (c != '\\' || at == line.Length) bytes.AddRange(PathText.Encode(char.IsHighSurrogate(c) && at < line.Length ? $"{c}{line[at++]}" : $"{c}"));
            else bytes.Add(Escaped(line, ref at));
        }

        text.Append(PathText.Decode([.. bytes]));
        return (at, open);
    }

    private static byte Escaped(string line, ref int at)
    {
        var c = line[at++];
        if (c != 'x') return c switch { 'n' => (byte)'\n', 't' => (byte)'\t', 'r' => (byte)'\r', 'e' => 27, _ => (byte)c };
        var digits = 0;
        while (digits < 2 && at + digits < line.Length && char.IsAsciiHexDigit(line[at + digits])) digits++;
        if (digits == 0) return (byte)'x';
        at += digits;
        return byte.Parse(line.AsSpan(at - digits, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
    }
}
