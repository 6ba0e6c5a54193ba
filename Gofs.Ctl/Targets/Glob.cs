namespace Gofs.Ctl.Targets;

/// <summary>A shell's pattern on one name: <c>*</c>, <c>?</c>, <c>[a-z]</c>, <c>[!a-z]</c>, and <c>\</c> before a character that is meant.</summary>
internal static class Glob
{
    /// <summary>Whether the whole name matches.</summary>
    public static bool IsMatch(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name)
    {
        var (p, n, star, mark) = (0, 0, -1, 0);
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                (star, mark) = (p++, n);
            }
            else if (p < pattern.Length && Step(pattern, p, name[n]) is var next && next > 0)
            {
                (p, n) = (next, n + 1);
            }
            else if (star >= 0)
            {
                // The last star takes one more.
                (p, n) = (star + 1, ++mark);
            }
            else
            {
                return false;
            }
        }

        while (p < pattern.Length && pattern[p] == '*') p++;
        return p == pattern.Length;
    }

    /// <summary>Where the pattern goes on when its next part takes the character, else 0.</summary>
    private static int Step(ReadOnlySpan<char> pattern, int at, char c)
    {
        switch (pattern[at])
        {
            case '?': return at + 1;
            case '\\' when at + 1 < pattern.Length: return pattern[at + 1] == c ? at + 2 : 0;
            case '[' when End(pattern, at) is var end && end > 0: return InSet(pattern[(at + 1)..end], c) ? end + 1 : 0;
            default: return pattern[at] == c ? at + 1 : 0;
        }
    }

    /// <summary>Where a set ends; a ']' that comes first is one of it. 0: it never does.</summary>
    private static int End(ReadOnlySpan<char> pattern, int at)
    {
        var first = at + 1;
        if (first < pattern.Length && pattern[first] is '!' or '^') first++;
        var found = first + 1 < pattern.Length ? pattern[(first + 1)..].IndexOf(']') : -1;
        return found < 0 ? 0 : first + 1 + found;
    }

    private static bool InSet(ReadOnlySpan<char> set, char c)
    {
        var not = set[0] is '!' or '^';
        if (not) set = set[1..];
        var found = false;
        for (var i = 0; i < set.Length; i++)
        {
            if (i + 2 < set.Length && set[i + 1] == '-')
            {
                found |= c >= set[i] && c <= set[i + 2];
                i += 2;
            }
            else
            {
                found |= set[i] == c;
            }
        }

        return found != not;
    }
}
