using Gofs.Ctl.Local;

namespace Gofs.Ctl.Shell;

/// <summary>
/// The lines that were entered, oldest first: the last <see cref="MostLines"/>, in <c>$XDG_STATE_HOME/gofs/history</c>
/// (<c>~/.local/state/gofs/history</c>), which only its owner may read. Lines that begin with a blank are not kept.
/// A file that can't be read or written is told once; the lines of this shell are there all the same.
/// </summary>
internal sealed class History
{
    /// <summary>How many lines are kept.</summary>
    public const int MostLines = 1000;

    private const int MostLineChars = 10_000;
    private readonly List<string> lines = [];
    private readonly string? path;

    /// <summary>One that is not kept beyond the process.</summary>
    public History()
    {
    }

    private History(string path) => this.path = path;

    /// <summary>The lines.</summary>
    public IReadOnlyList<string> Lines => lines;

    /// <summary>Why it is not kept, or null.</summary>
    public string? Trouble { get; private set; }

    /// <summary>Where it is kept.</summary>
    public static string? PathOf(Func<string, string?> environment) =>
        Gateways.Under(environment, "XDG_STATE_HOME", Path.Combine(".local", "state")) is { } folder ? Path.Combine(folder, "history") : null;

    /// <summary>Reads the file; without a path there is none.</summary>
    public static History Load(string? path)
    {
        if (path is null) return new();
        var history = new History(path);
        history.Try(() =>
        {
            if (!File.Exists(path)) return;
            foreach (var line in File.ReadLines(path))
                if (line.Length is > 0 and <= MostLineChars) history.lines.Add(line);
            if (history.lines.Count <= MostLines) return;
            history.lines.RemoveRange(0, history.lines.Count - MostLines);
            File.WriteAllLines(path, history.lines);
        });
        return history;
    }

    /// <summary>One more line.</summary>
    public void Add(string line)
    {
        if (line.Length is 0 or > MostLineChars || line[0] == ' ' || lines.Count > 0 && lines[^1] == line) return;
        lines.Add(line);
        if (lines.Count > MostLines) lines.RemoveAt(0);
        if (path is null || Trouble is not null) return;
        Try(() =>
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            using var file = LocalTree.OpenAppend(LocalPath.Parse(path));
            file.Write(System.Text.Encoding.UTF8.GetBytes(line + "\n"));
        });
    }

    private void Try(Action action)
    {
        try
        {
            action();
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            Trouble = $"the history is not kept: {path}: {failed.Message}";
        }
    }
}
