using System.CommandLine;

namespace Gofs.Ctl.Commands;

/// <summary>drain.</summary>
internal static class DrainCommand
{
    private static readonly Argument<string> Silo = new("SILO");
    private static readonly Option<bool> End = new("--end") { Description = "The silo takes masters again; those that were moved stay where they are" };

    /// <summary>The command.</summary>
    public static Command Make() => new Command("drain", "Moves every master of a silo to its standby; the silo takes none until it restarts") { Silo, End }
        .Example("gofsctl drain silo-1", "gofsctl drain silo-1 --end").Does(run => run.Get(End) ? EndAsync(run) : DrainAsync(run));

    private static async Task DrainAsync(Invocation run)
    {
        var (client, silo) = (await run.ConnectAsync(), run.Get(Silo));
        HashSet<string> tried = [];
        var moved = 0;
        // Asked again until nothing new comes to light: a master may just have been placed there when the drain began.
        while ((await client.BeginDrainAsync(silo, run.Cancellation)).Where(tried.Add).ToArray() is { Length: > 0 } next)
        {
            foreach (var name in next)
            {
                try
                {
                    FailoverCommand.Show(run.Out, await client.Namespace(name).FailoverAsync(cancellation: run.Cancellation));
                    moved++;
                }
                catch (GofsException failed) when (!Invocation.EndsAll(failed))
                {
                    run.Fail(failed);
                }
            }
        }

        var left = tried.Count - moved;
        var says = left == 0 ? $"{silo} has no master" : $"{silo} still has {left} of {tried.Count} masters";
        run.Out.Show($"{says} and takes none until it restarts or: gofsctl drain {silo} --end", json =>
        {
            json.WriteString("silo", silo);
            json.WriteBoolean("draining", true);
            json.WriteNumber("moved", moved);
            json.WriteNumber("left", left);
        });
    }

    private static async Task EndAsync(Invocation run)
    {
        var silo = run.Get(Silo);
        await (await run.ConnectAsync()).EndDrainAsync(silo, run.Cancellation);
        run.Out.Show($"{silo} takes masters again", json =>
        {
            json.WriteString("silo", silo);
            json.WriteBoolean("draining", false);
        });
    }
}
