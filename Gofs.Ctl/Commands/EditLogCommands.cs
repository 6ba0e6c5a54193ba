using System.CommandLine;
using System.Globalization;
using Gofs.Namespaces;

namespace Gofs.Ctl.Commands;

/// <summary>editlog tail, show.</summary>
internal static class EditLogCommands
{
    private static readonly Argument<string> Name = new("NAMESPACE");
    private static readonly Argument<long> Number = new("NUMBER") { Description = "EditLog number" };
    private static readonly Option<int> Count = new("-n") { Description = "How many records", DefaultValueFactory = _ => 20 };

    /// <summary>The commands.</summary>
    public static Command Make() => new("editlog", "A namespace's EditLog")
    {
        new Command("tail", "Shows the last records") { Name, Count }.Example("gofsctl editlog tail demo -n 50").Does(run => ShowAsync(run, 0)),
        new Command("show", "Shows records from a number on") { Name, Number, Count }
            .Example("gofsctl editlog show demo 1000").Does(run => ShowAsync(run, run.Get(Number))),
    };

    private static async Task ShowAsync(Invocation run, long from)
    {
        foreach (var line in await (await run.ConnectAsync()).Namespace(run.Get(Name)).ReadEditLogAsync(from, run.Get(Count), run.Cancellation))
            Show(run, line);
    }

    private static void Show(Invocation run, EditLogLine line) => run.Out.Show(
        string.Create(CultureInfo.InvariantCulture,
            $"{line.Number,10} {(line.At is { } at ? at.UtcDateTime.ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture) : ""),12} ")
            + $"{line.Kind,-20} {run.Out.Name(line.Text)}" + (line.By is { } by ? $" [{run.Out.Name(by.ToString())}]" : ""),
        json =>
        {
            json.WriteNumber("number", line.Number);
            json.WriteString("kind", line.Kind);
            json.WriteString("text", line.Text);
            if (line.At is { } at) json.WriteString("at", at);
            if (line.By is not { } asked) return;
            json.WriteString("user", asked.User);
            json.WriteString("host", asked.Host);
        });
}
