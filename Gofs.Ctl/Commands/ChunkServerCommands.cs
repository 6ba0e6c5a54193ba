using System.CommandLine;
using System.Globalization;
using Gofs.ChunkServers;
using Gofs.Ctl.Output;

namespace Gofs.Ctl.Commands;

/// <summary>cs show, drain, maintenance, rejoin, rm. (The command "drain" is about a silo's masters, these are about the chunks on its disks.)</summary>
internal static class ChunkServerCommands
{
    private static readonly Argument<string> Server = new("SERVER");
    private static readonly Option<int> Minutes = new("--minutes") { Description = "How long, 1 to 10,080 (a week)", DefaultValueFactory = _ => 60 };
    private static readonly Option<bool> Yes = new("--yes") { Description = "Do it; without it only what would be done is shown" };
    private static readonly Option<bool> Force = new("--force") { Description = "Although chunks have fewer replicas than wanted without it, or that is not known" };
    private static readonly Option<bool> Wait = new("--wait") { Description = "Until everything is elsewhere and it can be stopped; says how far it is" };
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SayEvery = TimeSpan.FromSeconds(10);

    /// <summary>The commands.</summary>
    public static IEnumerable<Command> Make() =>
    [
        new Command("show", "Says how a chunk server is, what it holds, and whether it can be taken away") { Server }
            .Example("gofsctl cs show silo-4").Does(ShowAsync),
        new Command("drain", "Has everything on a chunk server's disks made again elsewhere, so that it can be taken away; it takes no new chunks")
            { Server, Wait }.Example("gofsctl cs drain silo-4 --wait").Does(DrainAsync),
        new Command("maintenance", "Says that a chunk server will be silent for a while: what it has is not made again elsewhere meanwhile")
            { Server, Minutes }.Example("gofsctl cs maintenance silo-4 --minutes 30").Does(MaintainAsync),
        new Command("rejoin", "Ends a chunk server's drain or maintenance") { Server }.Example("gofsctl cs rejoin silo-4").Does(run =>
            MarkAsync(run, ServerMark.None, null, $"{run.Get(Server)} is a chunk server like the others")),
        new Command("rm", "Forgets a chunk server that is gone for good: it is dead, or drained and stopped")
            { Server, Yes, Force }.Example("gofsctl cs rm silo-4 --yes").Does(RemoveAsync),
    ];

    private static async Task ShowAsync(Invocation run)
    {
        var (client, server) = (await run.ConnectAsync(), new ServerId(run.Get(Server)));
        var known = (await client.ListChunkServersAsync(run.Cancellation)).FirstOrDefault(one => one.Server == server)
            ?? throw new GofsException(GofsError.InvalidArgument, "the cluster knows no such chunk server", server.Value);
        var replicas = await client.GetServerReplicasAsync(server, run.Cancellation);
        var standing = known.Mark == ServerMark.None ? $"{known.Standing}" : $"{known.Standing}, {known.Mark}";
        run.Out.Show($"{server} is {standing.ToLowerInvariant()}. {DrainText.Of(replicas, TimeProvider.System.GetUtcNow())}", json =>
        {
            json.WriteString("server", server.Value);
            json.WriteString("standing", known.Standing.ToString());
            json.WriteString("mark", known.Mark.ToString());
            DrainText.Write(json, replicas, TimeProvider.System.GetUtcNow());
        });
    }

    private static async Task DrainAsync(Invocation run)
    {
        var server = run.Get(Server);
        await MarkAsync(run, ServerMark.Drain, null, $"{server} is drained: gofsctl cs show {server} says when it can be stopped and removed");
        if (run.Get(Wait)) await WaitAsync(run, new(server));
    }

    // Says how far it is when that has changed, and not too often.
    private static async Task WaitAsync(Invocation run, ServerId server)
    {
        var (client, time) = (await run.ConnectAsync(), TimeProvider.System);
        var (said, saidAt) = ("", 0L);
        while (true)
        {
            var replicas = await client.GetServerReplicasAsync(server, run.Cancellation);
            if ((await client.ListChunkServersAsync(run.Cancellation)).FirstOrDefault(one => one.Server == server)?.Mark != ServerMark.Drain)
                throw new GofsException(GofsError.InvalidArgument, "it is not drained any more", server.Value);
            if (replicas.IsSafeToRemove)
            {
                run.Out.Show(
                    $"{server} can be stopped, and then: gofsctl cs rm {server} --yes", json => DrainText.Write(json, replicas, time.GetUtcNow()));
                return;
            }

            var text = DrainText.Of(replicas, time.GetUtcNow());
            if (text != said && (said.Length == 0 || time.GetElapsedTime(saidAt) >= SayEvery))
            {
                run.ErrorLine(text);
                (said, saidAt) = (text, time.GetTimestamp());
            }

            await Task.Delay(LookEvery, run.Cancellation);
        }
    }

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
        var (client, server) = (await run.ConnectAsync(), new ServerId(run.Get(Server)));
        if (!run.Get(Yes))
        {
            var replicas = await client.GetServerReplicasAsync(server, run.Cancellation);
            run.Out.Show($"would forget {server}. {DrainText.Of(replicas, TimeProvider.System.GetUtcNow())}; add --yes to do it", json =>
            {
                json.WriteString("wouldRemove", server.Value);
                DrainText.Write(json, replicas, TimeProvider.System.GetUtcNow());
            });
            return;
        }

        await client.RemoveChunkServerAsync(server, run.Get(Force), run.Cancellation);
        run.Out.Show($"{server} is forgotten", json => json.WriteString("removed", server.Value));
    }
}
