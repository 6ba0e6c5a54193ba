using System.Globalization;
using Gofs.Namespaces;

namespace Gofs.Ctl.Output;

/// <summary>The lines of ls -l: columns as wide as what is in them. Lines are held back a batch at a time, so that a directory of any size streams.</summary>
internal sealed class EntryTable(Printer output, bool human)
{
    private const int BatchLines = 1000;
    private readonly List<(Entry Entry, string Name)> batch = [];
    private int links = 1;
    private int owner = 1;
    private int group = 1;
    private int length = 1;

    /// <summary>One more line.</summary>
    public void Add(Entry entry, string name)
    {
        batch.Add((entry, name));
        if (batch.Count == BatchLines) Flush();
    }

    /// <summary>Writes what was held back.</summary>
    public void Flush()
    {
        foreach (var (entry, _) in batch)
        {
            links = Math.Max(links, Digits(entry.Links));
            owner = Math.Max(owner, Digits(entry.Owner));
            group = Math.Max(group, Digits(entry.Group));
            length = Math.Max(length, Texts.Size(entry.LengthBytes, human).Length);
        }

        foreach (var (entry, name) in batch) output.Line(Line(entry, name));
        batch.Clear();
    }

    private string Line(Entry entry, string name) => string.Create(CultureInfo.InvariantCulture,
        $"{Texts.Mode(entry.Type, entry.Mode)} {Right(entry.Links, links)} {Texts.Goal(entry)} {Right(entry.Owner, owner)} {Right(entry.Group, group)} ")
        + $"{Texts.Size(entry.LengthBytes, human).PadLeft(length)} {Texts.Time(entry.ModifiedAt)} {output.Name(name + Texts.Arrow(entry))}";

    private static string Right(long number, int width) => number.ToString(CultureInfo.InvariantCulture).PadLeft(width);

    private static int Digits(long number) => number.ToString(CultureInfo.InvariantCulture).Length;
}
