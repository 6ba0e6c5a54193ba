using System.Globalization;

namespace Gofs.Tests.Manual;

/// <summary>A C# example of a page, and what the page says that it writes.</summary>
/// <param name="Page">The page.</param>
/// <param name="Line">The line its fence is on.</param>
/// <param name="Code">The example.</param>
/// <param name="Output">What it writes; empty when the page says nothing.</param>
internal sealed record ManualExample(string Page, int Line, string Code, string Output)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Page}:{Line}");

    /// <summary>The examples of a page, in order.</summary>
    public static IEnumerable<ManualExample> Of(string page, string text)
    {
        var lines = text.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            if (lines[i] != "```csharp") continue;
            var first = i;
            var code = Fence(lines, ref i);
            var output = i + 1 < lines.Length && lines[i + 1] == "```text" ? Fence(lines, ref i, skip: 1) : "";
            yield return new(page, first + 1, code, output);
        }
    }

    private static string Fence(string[] lines, ref int at, int skip = 0)
    {
        at += skip;
        var from = at + 1;
        do at++;
        while (at < lines.Length && lines[at] != "```");
        return string.Concat(lines[from..at].Select(line => line + "\n"));
    }
}
