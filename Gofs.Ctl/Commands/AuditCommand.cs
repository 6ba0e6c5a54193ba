using System.CommandLine;
using System.Globalization;
using Gofs.Cluster;

namespace Gofs.Ctl.Commands;

/// <summary>audit.</summary>
internal static class AuditCommand
{
    private static readonly Argument<string?> Name = new("NAMESPACE") { Description = "Only what was done to it", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<int> Last = new("--last") { Description = "How many, 1 to 1,000", HelpName = "N", DefaultValueFactory = _ => 50 };

    /// <summary>The command.</summary>
    public static Command Make() => new Command("audit", "Shows what administrators did, the latest last: who it was is what their programs said") { Name, Last }
        .Example("gofsctl audit", "gofsctl audit demo --last 200").Does(ShowAsync);

    private static async Task ShowAsync(Invocation run)
    {
        var most = run.Get(Last);
        if (most is < 1 or > AuditEntry.Most) throw new UsageException($"--last is 1 to {AuditEntry.Most}");
        var client = await run.ConnectAsync();
        IEnumerable<AuditEntry> acts = run.Get(Name) is { } name
            ? await client.Namespace(name).ListAuditAsync(most, run.Cancellation)
            : await client.ListAuditAsync(most, run.Cancellation);
        foreach (var act in acts) Show(run, act);
    }

    private static void Show(Invocation run, AuditEntry act) => run.Out.Show(
        run.Out.Name(string.Create(CultureInfo.InvariantCulture,
            $"{act.At.UtcDateTime:yyyy-MM-dd HH:mm:ss} {act.By,-24} {(act.Namespace.Length == 0 ? "-" : act.Namespace),-16} ")
            + $"{act.Act,-16} {act.Text}".TrimEnd()),
        json =>
        {
            json.WriteString("at", act.At);
            json.WriteString("user", act.By.User);
            json.WriteString("host", act.By.Host);
            if (act.Namespace.Length > 0) json.WriteString("namespace", act.Namespace);
            json.WriteNumber("number", act.Number);
            json.WriteString("act", act.Act);
            json.WriteString("text", act.Text);
        });
}
