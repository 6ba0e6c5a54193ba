using System.Text;

namespace Gofs.Ctl.Shell;

/// <summary>Reads lines from a terminal with a <see cref="LineEditor"/>.</summary>
internal sealed class LineReader(History history, Completer completer)
{
    private const int MostShown = 200;

    /// <summary>The next line, or null at the end.</summary>
    public async Task<string?> ReadAsync(string prompt)
    {
        Console.TreatControlCAsInput = true;
        try
        {
            var editor = new LineEditor(history);
            var tabs = 0;
            while (true)
            {
                Show(prompt, editor);
                var outcome = editor.Apply(Console.ReadKey(intercept: true));
                tabs = outcome == EditOutcome.Complete ? tabs + 1 : 0;
                switch (outcome)
                {
                    case EditOutcome.Accepted:
                        Show(prompt, editor);
                        Console.Out.Write("\r\n");
                        history.Add(editor.Text);
                        return editor.Text;
                    case EditOutcome.Cancelled:
                        Console.Out.Write("^C\r\n");
                        return "";
                    case EditOutcome.Ended:
                        Console.Out.Write("\r\n");
                        return null;
                    case EditOutcome.Clear:
                        Console.Out.Write("\e[H\e[2J");
                        break;
                    case EditOutcome.Complete:
                        await CompleteAsync(editor, showAll: tabs > 1);
                        break;
                }
            }
        }
        finally
        {
            Console.TreatControlCAsInput = false;
        }
    }

    private static void Show(string prompt, LineEditor editor)
    {
        if (editor.Search is { } search)
        {
            var found = search.Found is { } line ? Targets(line) : "";
            Console.Out.Write(LineView.Render($"(search '{search.Wanted}') ", found, 0, Columns));
            return;
        }

        Console.Out.Write(LineView.Render(prompt, editor.Text, editor.Cursor, Columns));

        static string Targets(string line) => Texts.Visible(line);
    }

    private static int Columns => Console.IsOutputRedirected ? 80 : Math.Max(20, Console.WindowWidth);

    private async Task CompleteAsync(LineEditor editor, bool showAll)
    {
        var before = editor.Text[..editor.Cursor];
        var completion = await completer.CompleteAsync(before, CancellationToken.None);
        if (completion.Words.Count == 0)
        {
            Console.Out.Write("\a");
            return;
        }

        if (completion.Words.Count == 1)
        {
            var word = completion.Words[0];
            editor.Replace(completion.Start, editor.Cursor, ShellWords.Quote(word) + (word.EndsWith('/') ? "" : " "));
            return;
        }

        var common = CommonStart(completion.Words);
        var typed = ShellWords.SplitTyped(before)[^1].Text;
        if (common.Length > typed.Length) editor.Replace(completion.Start, editor.Cursor, ShellWords.Quote(common));
        else if (showAll) ShowAll(completion.Words);
        else Console.Out.Write("\a");
    }

    /// <summary>What all words begin with, not ending inside a character.</summary>
    internal static string CommonStart(IReadOnlyList<string> words)
    {
        var common = words[0];
        foreach (var word in words)
        {
            var length = 0;
            while (length < common.Length && length < word.Length && common[length] == word[length]) length++;
            common = common[..length];
        }

        return common.Length > 0 && char.IsHighSurrogate(common[^1]) ? common[..^1] : common;
    }

    private static void ShowAll(IReadOnlyList<string> words)
    {
        var shown = words.Take(MostShown).Select(word => Texts.Visible(word[(word.TrimEnd('/').LastIndexOf('/') + 1)..])).ToArray();
        var width = shown.Max(word => LineView.Width(word)) + 2;
        var perRow = Math.Max(1, Columns / width);
        var text = new StringBuilder("\r\n");
        foreach (var row in shown.Chunk(perRow))
        {
            foreach (var word in row) text.Append(word).Append(' ', width - LineView.Width(word));
            text.Append("\r\n");
        }

        if (words.Count > MostShown) text.Append("... and ").Append(words.Count - MostShown).Append(" more\r\n");
        Console.Out.Write(text.ToString());
    }
}
