using System.CommandLine;
using System.Globalization;
using Gofs.Chunks;
using Gofs.ChunkServers;

namespace Gofs.Ctl.Commands;

/// <summary>cs drain, maintenance, rejoin, rm. (The command "drain" is about a silo's masters, these are about the chunks on its disks.)</summary>
internal static class ChunkServerCommands
{
    private static readonly Argument<string> Server = new("SERVER");
    private static readonly Option<int> Minutes = new("--minutes") { Description = "How long, 1 to 10,080 (a week)", DefaultValueFactory = _ => 60 };
    private static readonly Option<bool> Yes = new("--yes") { Description = "Do it; without it only what would be done is shown" };

    /// <summary>The commands.</summary>
    public static IEnumerable<Command> Make() =>
    [
        new Command("drain", "Has everything on a chunk server's disks made again elsewhere, so that it can be taken away; it takes no new chunks")
            { Server }.Example("gofsctl cs drain silo-4").Does(DrainAsync),
        new Command("maintenance", "Says that a chunk server will be silent for a while: what it has is not made again elsewhere meanwhile")
            { Server, Minutes }.Example("gofsctl cs maintenance silo-4 --minutes 30").Does(MaintainAsync),
        new Command("rejoin", "Ends a chunk server's drain or maintenance") { Server }.Example("gofsctl cs rejoin silo-4").Does(run =>
            MarkAsync(run, ServerMark.None, null, $"{run.Get(Server)} is a chunk server like the others")),
        new Command("rm", "Forgets a chunk server that is gone for good: it is dead, or drained and stopped")
            { Server, Yes }.Example("gofsctl cs rm silo-4 --yes").Does(RemoveAsync),
    ];

    private static Task DrainAsync(Invocation run) => MarkAsync(run, ServerMark.Drain, null,
        $"{run.Get(Server)} is drained: when gofsctl status shows no chunk under its goal, it can be stopped and removed");

    private static async Task MaintainAsync(Invocation run)
    {
        var minutes = run.Get(Minutes);
        if (minutes is < 1 or > 10_080) throw new UsageException("--minutes is 1 to 10080");
        var until = TimeProvider.System.GetUtcNow().AddMinutes(minutes);
        await MarkAsync(run, ServerMark.Maintenance, until, string.Create(CultureInfo.InvariantCulture,
            $"{run.Get(Server)} may be silent until {until:yyyy-MM-dd HH:mm:ss} UTC; chunks that have no other replica at hand are copied all the same"));
    }

    private static async Task MarkAsync(Invocation run, ServerMark mark, DateTimeOffset? until, string says)
    {
        var server = run.Get(Server);
        await (await run.ConnectAsync()).MarkChunkServerAsync(new(server), mark, until, run.Cancellation);
        run.Out.Show(says, json =>
        {
            json.WriteString("server", server);
            json.WriteString("mark", mark.ToString());
            if (until is { } time) json.WriteString("until", time);
        });
    }

    private static async Task RemoveAsync(Invocation run)
    {
        var (client, server) = (await run.ConnectAsync(), run.Get(Server));
        var all = new HealingStatus();
        foreach (var one in await client.ListNamespacesAsync(run.Cancellation)) all = all.With(await client.GetHealingAsync(one.Name, run.Cancellation));
        if (!run.Get(Yes))
        {
            var left = all.UnderGoal + all.Endangered + all.Missing;
            run.Out.Show(
                string.Create(CultureInfo.InvariantCulture, $"would forget {server}; {left} chunks do not have their replicas now; add --yes to do it"),
                json => json.WriteNumber("chunksNotHealthy", left));
            return;
        }

        await client.RemoveChunkServerAsync(new(server), run.Cancellation);
        run.Out.Show($"{server} is forgotten", json => json.WriteString("removed", server));
    }
}
