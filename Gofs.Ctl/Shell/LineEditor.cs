using System.Globalization;

namespace Gofs.Ctl.Shell;

/// <summary>What a key asks the shell to do beyond editing.</summary>
internal enum EditOutcome
{
    /// <summary>Nothing: show the line again.</summary>
    Edited,

    /// <summary>The line is done.</summary>
    Accepted,

    /// <summary>Ctrl-C: give the line up.</summary>
    Cancelled,

    /// <summary>Ctrl-D on an empty line: the end.</summary>
    Ended,

    /// <summary>Tab: complete the word before the cursor.</summary>
    Complete,

    /// <summary>Ctrl-L: clear the screen.</summary>
    Clear,
}

/// <summary>
/// One line being edited: keys in, text and cursor out; nothing here touches a terminal. The keys are those of every shell: arrows,
/// Home, End, Ctrl-A E B F, Ctrl-left and right, Alt-B F, Backspace, Delete, Ctrl-D K U W Y, up and down and Ctrl-P N for the
/// history, Ctrl-R to search in it (see <see cref="HistorySearch"/>).
/// </summary>
internal sealed class LineEditor(History history)
{
    private string draft = "";
    private int place = history.Lines.Count;
    private string cut = "";

    /// <summary>The line.</summary>
    public string Text { get; private set; } = "";

    /// <summary>Where the next character goes.</summary>
    public int Cursor { get; private set; }

    /// <summary>The search that is on, or null.</summary>
    public HistorySearch? Search { get; private set; }

    /// <summary>Does what a key says.</summary>
    public EditOutcome Apply(ConsoleKeyInfo key)
    {
        if (Search is not null && SearchOn(key)) return EditOutcome.Edited;
        var control = key.Modifiers.HasFlag(ConsoleModifiers.Control);
        var alt = key.Modifiers.HasFlag(ConsoleModifiers.Alt);
        switch (key.Key)
        {
            case ConsoleKey.Enter: return EditOutcome.Accepted;
            case ConsoleKey.Tab: return EditOutcome.Complete;
            case ConsoleKey.LeftArrow when control: Cursor = WordStart(); break;
            case ConsoleKey.RightArrow when control: Cursor = WordEnd(); break;
            case ConsoleKey.LeftArrow: Cursor = Before(); break;
            case ConsoleKey.RightArrow: Cursor = After(); break;
            case ConsoleKey.Home: Cursor = 0; break;
            case ConsoleKey.End: Cursor = Text.Length; break;
            case ConsoleKey.UpArrow: Recall(place - 1); break;
            case ConsoleKey.DownArrow: Recall(place + 1); break;
            case ConsoleKey.Backspace when alt: Cut(WordStart(), Cursor); break;
            case ConsoleKey.Backspace: Remove(Before(), Cursor); break;
            case ConsoleKey.Delete: Remove(Cursor, After()); break;
            case ConsoleKey.B when alt: Cursor = WordStart(); break;
            case ConsoleKey.F when alt: Cursor = WordEnd(); break;
            case ConsoleKey.D when alt: Cut(Cursor, WordEnd()); break;
            default: return control && !alt ? ApplyControl(key.Key) : Insert(key);
        }

        return EditOutcome.Edited;
    }

    /// <summary>Puts text in the place of what is between two positions; the cursor goes behind it.</summary>
    public void Replace(int start, int end, string text)
    {
        Text = string.Concat(Text.AsSpan(0, start), text, Text.AsSpan(end));
        Cursor = start + text.Length;
    }

    private EditOutcome ApplyControl(ConsoleKey key)
    {
        switch (key)
        {
            case ConsoleKey.A: Cursor = 0; break;
            case ConsoleKey.E: Cursor = Text.Length; break;
            case ConsoleKey.B: Cursor = Before(); break;
            case ConsoleKey.F: Cursor = After(); break;
            case ConsoleKey.H: Remove(Before(), Cursor); break;
            case ConsoleKey.D when Text.Length == 0: return EditOutcome.Ended;
            case ConsoleKey.D: Remove(Cursor, After()); break;
            case ConsoleKey.K: Cut(Cursor, Text.Length); break;
            case ConsoleKey.U: Cut(0, Cursor); break;
            case ConsoleKey.W: Cut(BlankBefore(), Cursor); break;
            case ConsoleKey.Y: Replace(Cursor, Cursor, cut); break;
            case ConsoleKey.P: Recall(place - 1); break;
            case ConsoleKey.N: Recall(place + 1); break;
            case ConsoleKey.R: Search = new(history.Lines, Text); break;
            case ConsoleKey.L: return EditOutcome.Clear;
            case ConsoleKey.C: return EditOutcome.Cancelled;
            case ConsoleKey.J or ConsoleKey.M: return EditOutcome.Accepted;
            case ConsoleKey.I: return EditOutcome.Complete;
        }

        return EditOutcome.Edited;
    }

    private EditOutcome Insert(ConsoleKeyInfo key)
    {
        if (key.KeyChar is '\r' or '\n') return EditOutcome.Accepted;
        if (!char.IsControl(key.KeyChar)) Replace(Cursor, Cursor, key.KeyChar.ToString());
        return EditOutcome.Edited;
    }

    /// <summary>A key of a search; false when it ends the search and means what it always means.</summary>
    private bool SearchOn(ConsoleKeyInfo key)
    {
        var control = key.Modifiers.HasFlag(ConsoleModifiers.Control);
        if (control && key.Key == ConsoleKey.R) Search!.Older();
        else if (key.Key == ConsoleKey.Backspace || control && key.Key == ConsoleKey.H) Search!.Shorten();
        else if (!control && key.KeyChar != '\0' && !char.IsControl(key.KeyChar)) Search!.Type(key.KeyChar);
        else
        {
            var gaveUp = key.Key == ConsoleKey.Escape || control && key.Key is ConsoleKey.G or ConsoleKey.C;
            Set(gaveUp ? Search!.Before : Search!.Found ?? Search.Before);
            Search = null;
            return gaveUp;
        }

        return true;
    }

    private void Recall(int to)
    {
        if (to < 0 || to > history.Lines.Count) return;
        if (place == history.Lines.Count) draft = Text;
        place = to;
        Set(place == history.Lines.Count ? draft : history.Lines[place]);
    }

    private void Set(string text)
    {
        Text = text;
        Cursor = text.Length;
    }

    private void Remove(int start, int end)
    {
        Text = Text.Remove(start, end - start);
        Cursor = start;
    }

    private void Cut(int start, int end)
    {
        if (end > start) cut = Text[start..end];
        Remove(start, end);
    }

    private int After() => Cursor == Text.Length ? Cursor : Cursor + StringInfo.GetNextTextElementLength(Text, Cursor);

    private int Before()
    {
        var (at, before) = (0, 0);
        while (at < Cursor)
        {
            before = at;
            at += StringInfo.GetNextTextElementLength(Text, at);
        }

        return before;
    }

    private int BlankBefore()
    {
        var at = Cursor;
        while (at > 0 && Text[at - 1] == ' ') at--;
        while (at > 0 && Text[at - 1] != ' ') at--;
        return at;
    }

    private int WordStart()
    {
        var at = Cursor;
        while (at > 0 && !char.IsLetterOrDigit(Text[at - 1])) at--;
        while (at > 0 && char.IsLetterOrDigit(Text[at - 1])) at--;
        return at;
    }

    private int WordEnd()
    {
        var at = Cursor;
        while (at < Text.Length && !char.IsLetterOrDigit(Text[at])) at++;
        while (at < Text.Length && char.IsLetterOrDigit(Text[at])) at++;
        return at;
    }
}
