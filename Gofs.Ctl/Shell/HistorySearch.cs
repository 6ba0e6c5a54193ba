namespace Gofs.Ctl.Shell;

/// <summary>Ctrl-R: the newest line that has what was typed, then older ones. A letter that fits none stays typed and shows so.</summary>
internal sealed class HistorySearch(IReadOnlyList<string> lines, string before)
{
    private int place = lines.Count;

    /// <summary>What was typed.</summary>
    public string Wanted { get; private set; } = "";

    /// <summary>The line that has it, or null.</summary>
    public string? Found { get; private set; }

    /// <summary>The line as it was before the search.</summary>
    public string Before => before;

    /// <summary>One more letter.</summary>
    public void Type(char letter)
    {
        Wanted += letter;
        Look(Math.Min(place, lines.Count - 1));
    }

    /// <summary>One letter less; looks from the newest line again.</summary>
    public void Shorten()
    {
        Wanted = Wanted.Length == 0 ? "" : Wanted[..^1];
        place = lines.Count;
        Look(lines.Count - 1);
    }

    /// <summary>The next older line that has it.</summary>
    public void Older() => Look(place - 1);

    private void Look(int from)
    {
        if (Wanted.Length == 0)
        {
            Found = null;
            return;
        }

        for (var i = from; i >= 0; i--)
        {
            if (!lines[i].Contains(Wanted, StringComparison.Ordinal)) continue;
            (place, Found) = (i, lines[i]);
            return;
        }

        if (Found is not null && !Found.Contains(Wanted, StringComparison.Ordinal)) Found = null;
    }
}
