using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Gofs.ChunkServers;
using Gofs.Ctl.CommandLine;
using Gofs.Ctl.Output;

namespace Gofs.Ctl.Commands;

/// <summary>scrub status, start: reading and checking every replica of chunk servers.</summary>
internal static class ScrubCommands
{
    private static readonly Option<string?> Server = new("--server") { Description = "One chunk server; without it, all that are live" };
    private static readonly Option<bool> Wait = new("--wait") { Description = "Wait until all is read and what was found is repaired, or can't be" };

    /// <summary>The command.</summary>
    public static Command Make() => new("scrub", "Reads and checks every replica; bad ones are repaired")
    {
        new Command("status", "Says how far each chunk server's scrub is") { Server }.Example("gofsctl scrub status", "gofsctl scrub status --json")
            .Does(async run =>
            {
                foreach (var server in await ServersAsync(run, await run.ConnectAsync())) Show(run, server);
            }),
        new Command("start", "Begins a pass at once, as fast as the servers may read; one that is under way begins anew") { Server, Wait }
            .Example("gofsctl scrub start", "gofsctl scrub start --server silo-2 --wait").Does(StartAsync),
    };

    /// <summary>Whether a pass has ended, and nothing it found is still to be tried.</summary>
    public static bool HasEnded(ScrubStatus? scrub, long pass) =>
        scrub is not null && scrub.Pass >= pass && !scrub.IsRunning && scrub.Waiting == 0;

    private static async Task StartAsync(Invocation run)
    {
        var client = await run.ConnectAsync();
        Dictionary<ServerId, long> passes = [];
        foreach (var server in await ServersAsync(run, client)) passes[server.Server] = await client.StartScrubAsync(server.Server, run.Cancellation);
        if (!run.Get(Wait))
        {
            foreach (var (server, pass) in passes)
            {
                run.Out.Show(string.Create(CultureInfo.InvariantCulture, $"{server}: pass {pass} begins; gofsctl scrub status says how far it is"), json =>
                {
                    json.WriteString("server", server.Value);
                    json.WriteNumber("pass", pass);
                });
            }

            return;
        }

        await WaitAsync(run, client, passes);
    }

    private static async Task WaitAsync(Invocation run, GofsClient client, Dictionary<ServerId, long> passes)
    {
        while (passes.Count > 0)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), run.Cancellation);
            var servers = await client.ListChunkServersAsync(run.Cancellation);
            foreach (var (name, pass) in passes.ToArray())
            {
                var server = Array.Find(servers, one => one.Server == name);
                if (server is { Live: true } && !HasEnded(server.Scrub, pass)) continue;
                passes.Remove(name);
                if (server is not { Live: true }) throw new GofsException(GofsError.Unavailable, "it is silent: its pass goes on when it is back", name.Value);
                Show(run, server);
                if (server.Scrub!.Unrepaired > 0) run.ExitCode = ExitCodes.Findings;
            }
        }
    }

    private static async Task<IReadOnlyList<ChunkServerInfo>> ServersAsync(Invocation run, GofsClient client)
    {
        var all = await client.ListChunkServersAsync(run.Cancellation);
        if (run.Get(Server) is not { } name) return [.. all.Where(server => server.Live)];
        return [Array.Find(all, server => server.Server.Value == name) ?? throw new GofsException(GofsError.ChunkServerNotFound, "no such chunk server", name)];
    }

    private static void Show(Invocation run, ChunkServerInfo server) =>
        run.Out.Show($"{server.Server,-12} {Text(server.Scrub)}", json => Write(json, server.Server, server.Scrub ?? new()));

    private static string Text(ScrubStatus? scrub)
    {
        if (scrub is null or { Pass: 0 }) return "no pass yet";
        var state = scrub.IsRunning
            ? FormattableString.Invariant($"pass {scrub.Pass} since {Time(scrub.StartedAt)}, to end about {Time(scrub.ExpectedEndAt)}, at chunk {scrub.Position}")
            : FormattableString.Invariant($"pass {scrub.Pass} ended {Time(scrub.LastEndedAt)}, next {(scrub.NextAt is null ? "when asked for" : Time(scrub.NextAt))}");
        var read = FormattableString.Invariant($"{scrub.Replicas} replicas read ({Texts.Size(scrub.Bytes, true)}), {scrub.LeftReplicas} left");
        var damages = FormattableString.Invariant($"{scrub.Found} damages found, {scrub.Repaired} repaired");
        var rest = scrub.Unrepaired > 0 ? FormattableString.Invariant($", {scrub.Unrepaired} CAN'T BE REPAIRED NOW") : "";
        return $"{state}; {read}; {damages}{rest}{(scrub.IsOverdue ? "; OVERDUE" : "")}";
    }

    private static string Time(DateTimeOffset? at) => at is { } time ? time.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) : "-";

    private static void Write(Utf8JsonWriter json, ServerId server, ScrubStatus scrub)
    {
        json.WriteString("server", server.Value);
        json.WriteNumber("days", scrub.Days);
        json.WriteNumber("mostMegabytesPerSecond", scrub.MostMegabytesPerSecond);
        json.WriteNumber("pass", scrub.Pass);
        json.WriteBoolean("running", scrub.IsRunning);
        if (scrub.StartedAt is { } started) json.WriteString("startedAt", started);
        if (scrub.ExpectedEndAt is { } expected) json.WriteString("expectedEndAt", expected);
        if (scrub.LastEndedAt is { } ended) json.WriteString("lastEndedAt", ended);
        if (scrub.NextAt is { } next) json.WriteString("nextAt", next);
        json.WriteString("position", scrub.Position);
        json.WriteNumber("replicas", scrub.Replicas);
        json.WriteNumber("bytes", scrub.Bytes);
        json.WriteNumber("leftReplicas", scrub.LeftReplicas);
        json.WriteNumber("leftBytes", scrub.LeftBytes);
        json.WriteNumber("found", scrub.Found);
        json.WriteNumber("repaired", scrub.Repaired);
        json.WriteNumber("waiting", scrub.Waiting);
        json.WriteNumber("unrepaired", scrub.Unrepaired);
        json.WriteBoolean("overdue", scrub.IsOverdue);
    }
}
