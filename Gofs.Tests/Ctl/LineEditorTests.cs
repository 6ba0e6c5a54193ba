using Gofs.Ctl.Shell;
using Xunit;

namespace Gofs.Tests.Ctl;

/// <summary>Keys in, line out. In the texts <c>|</c> is the cursor.</summary>
public sealed class LineEditorTests
{
    private readonly History history = new();

    [Theory]
    [InlineData("abc", "abc|")]
    [InlineData("abc <left> <left> X", "aXbc|", 2)]
    [InlineData("abc <home> X", "X|abc", 1)]
    [InlineData("abc ^a <right> X", "aX|bc", 2)]
    [InlineData("abc ^a ^e X", "abcX|")]
    [InlineData("abc <backspace>", "ab|")]
    [InlineData("abc <home> <backspace> <delete>", "|bc", 0)]
    [InlineData("abc <end> <delete> <right>", "abc|")]
    [InlineData("ab_cd <left> <left> ^k", "ab_|")]
    [InlineData("ab_cd <left> <left> ^u", "|cd", 0)]
    [InlineData("one_two ^w", "one_|")]
    [InlineData("one_two ^w ^y ^y", "one_twotwo|")]
    [InlineData("one_two ^<left> X", "one_X|two", 5)]
    [InlineData("one_two <home> ^<right>", "one|_two", 3)]
    [InlineData("one_two <home> !d", "|_two", 0)]
    [InlineData("one_two !<backspace>", "one_|")]
    [InlineData("abc ^b ^b ^d", "a|c", 1)]
    public void Keys_EditTheLine(string keys, string expected, int cursor = -1)
    {
        var editor = Type(keys);
        expected = expected.Replace("|", "", StringComparison.Ordinal).Replace('_', ' ');
        Assert.Equal(expected, editor.Text);
        if (cursor >= 0) Assert.Equal(cursor, editor.Cursor);
        else Assert.Equal(expected.Length, editor.Cursor);
    }

    [Fact]
    public void Characters_OfSeveralUnits_AreCrossedAndRemovedWhole()
    {
        var editor = new LineEditor(history);
        foreach (var c in "a\U0001F600e\u0301") editor.Apply(new(c, ConsoleKey.None, false, false, false));
        editor.Apply(Key("<backspace>"));
        Assert.Equal("a\U0001F600", editor.Text);
        editor.Apply(Key("<left>"));
        Assert.Equal(1, editor.Cursor);
        editor.Apply(Key("<delete>"));
        Assert.Equal("a", editor.Text);
    }

    [Fact]
    public void UpAndDown_WalkTheHistory_AndComeBackToWhatWasTyped()
    {
        history.Add("first");
        history.Add("second");
        var editor = Type("dra");
        foreach (var (key, line) in new[] { ("<up>", "second"), ("<up>", "first"), ("<up>", "first"), ("<down>", "second"), ("<down>", "dra"), ("^n", "dra"), ("^p", "second") })
        {
            editor.Apply(Key(key));
            Assert.Equal(line, editor.Text);
        }
    }

    [Fact]
    public void Search_FindsOlderLines_AndEscapeGivesItUp()
    {
        foreach (var line in new[] { "put a", "ls b", "put c" }) history.Add(line);
        var editor = Type("x ^r pu");
        Assert.Equal("put c", editor.Search!.Found);
        editor.Apply(Key("^r"));
        Assert.Equal("put a", editor.Search!.Found);
        Assert.Equal(EditOutcome.Accepted, editor.Apply(Key("<enter>")));
        Assert.Equal("put a", editor.Text);
        editor = Type("x ^r zz <escape>");
        Assert.Null(editor.Search);
        Assert.Equal("x", editor.Text);
    }

    [Fact]
    public void ControlKeys_AskTheShell()
    {
        Assert.Equal(EditOutcome.Ended, new LineEditor(history).Apply(Key("^d")));
        Assert.Equal(EditOutcome.Edited, Type("x").Apply(Key("^d")));
        Assert.Equal(EditOutcome.Cancelled, Type("x").Apply(Key("^c")));
        Assert.Equal(EditOutcome.Complete, Type("x").Apply(Key("<tab>")));
        Assert.Equal(EditOutcome.Clear, Type("x").Apply(Key("^l")));
        Assert.Equal(EditOutcome.Accepted, Type("x").Apply(Key("<enter>")));
    }

    [Fact]
    public void LongLine_ShowsThePartWithTheCursor()
    {
        var text = string.Concat(Enumerable.Range(0, 100).Select(i => (char)('a' + (i % 26))));
        for (var cursor = 0; cursor <= text.Length; cursor++)
        {
            var shown = LineView.Render("> ", text, cursor, 40);
            var row = shown[1..shown.IndexOf("\e[K", StringComparison.Ordinal)];
            Assert.InRange(row.Length, 3, 40);
            var column = int.Parse(shown[(shown.LastIndexOf('[') + 1)..^1], System.Globalization.CultureInfo.InvariantCulture);
            if (cursor > 0 && column > 2) Assert.Equal(text[cursor - 1], row[column - 1]);
            if (column < row.Length) Assert.Equal(text[cursor], row[column]);
        }
    }

    [Fact]
    public void WideCharacters_TakeTwoColumns() => Assert.Equal(5, LineView.Width("a\u4e2d\U0001F600"));

    private LineEditor Type(string keys)
    {
        var editor = new LineEditor(history);
        foreach (var word in keys.Split(' '))
        {
            if (word[0] is '<' or '^' or '!') editor.Apply(Key(word));
            else foreach (var c in word.Replace('_', ' ')) editor.Apply(new(c, ConsoleKey.None, false, false, false));
        }

        return editor;
    }

    private static ConsoleKeyInfo Key(string name)
    {
        var (control, alt) = (name[0] == '^', name[0] == '!');
        if (control || alt) name = name[1..];
        var key = name switch
        {
            "<left>" => ConsoleKey.LeftArrow, "<right>" => ConsoleKey.RightArrow, "<up>" => ConsoleKey.UpArrow, "<down>" => ConsoleKey.DownArrow,
            "<home>" => ConsoleKey.Home, "<end>" => ConsoleKey.End, "<backspace>" => ConsoleKey.Backspace, "<delete>" => ConsoleKey.Delete,
            "<enter>" => ConsoleKey.Enter, "<tab>" => ConsoleKey.Tab, "<escape>" => ConsoleKey.Escape,
            _ => Enum.Parse<ConsoleKey>(name.ToUpperInvariant()),
        };
        return new('\0', key, false, alt, control);
    }
}
