using System.CommandLine;
using System.Globalization;

namespace Gofs.Ctl.Commands;

/// <summary>meta failover.</summary>
internal static class FailoverCommand
{
    private static readonly Argument<string> Name = new("NAMESPACE");
    private static readonly Option<string?> To = new("--to") { Description = "The silo whose standby takes over (default: the warmest)", HelpName = "SILO" };

    /// <summary>The command.</summary>
    public static Command Make() => new Command("failover", "Moves the master to a standby; clients see a delay") { Name, To }
        .Example("gofsctl meta failover demo", "gofsctl meta failover demo --to silo-2").Does(async run =>
            Show(run.Out, await (await run.ConnectAsync()).Namespace(run.Get(Name)).FailoverAsync(run.Get(To), run.Cancellation)));

    /// <summary>Who was the master, who is, and how long it took.</summary>
    public static void Show(Printer output, MasterMove move) => output.Show(
        move.From == move.To
            ? $"{move.Namespace}: the master is on {move.To} already"
            : string.Create(CultureInfo.InvariantCulture, $"{move.Namespace}: {move.From} -> {move.To} in {Math.Ceiling(move.Took.TotalMilliseconds):0} ms"),
        json =>
        {
            json.WriteString("namespace", move.Namespace);
            json.WriteString("from", move.From);
            json.WriteString("to", move.To);
            json.WriteNumber("epoch", move.Epoch);
            json.WriteNumber("milliseconds", move.Took.TotalMilliseconds);
        });
}
