using System.CommandLine;
using System.Globalization;
using Gofs.Chunks;
using Gofs.ChunkServers;

namespace Gofs.Ctl.Commands;

/// <summary>status, df, cs ls.</summary>
internal static class StatusCommands
{
    /// <summary>The commands.</summary>
    public static IEnumerable<Command> Make() =>
    [
        new Command("status", "Says how the file system is").Example("gofsctl status").Does(StatusAsync),
        new Command("df", "Shows the room on the disks and in all, and what namespaces take of it").Example("gofsctl df").Does(DisksAsync),
        ServerCommand(),
    ];

    private static Command ServerCommand()
    {
        var list = new Command("ls", "Lists the chunk servers and their disks").Example("gofsctl cs ls").Does(ServersAsync);
        var command = new Command("cs", "Chunk servers") { list };
        foreach (var one in ChunkServerCommands.Make()) command.Subcommands.Add(one);
        return command;
    }

    private static async Task StatusAsync(Invocation run)
    {
        var client = await run.ConnectAsync();
        var servers = await client.ListChunkServersAsync(run.Cancellation);
        var faults = servers.Where(server => !server.Live)
            .Select(server => $"chunk server {server.Server} has been silent since {server.LastHeartbeatAt:HH:mm:ss} UTC{StandingText(server)}")
            .Concat(servers.SelectMany(server => server.Disks.Where(disk => disk.Fault is not null)
                .Select(disk => $"disk {disk.Path} of {server.Server} is out of service: {disk.Fault}")))
            .Concat(servers.SelectMany(server => server.Disks.Where(disk => disk.BadChecksumBlocks > disk.RepairedChecksumBlocks)
                .Select(disk => $"{disk.BadChecksumBlocks - disk.RepairedChecksumBlocks} checksum blocks on {disk.Path} of {server.Server} are bad and not repaired yet")))
            .ToList();
        if (servers.Length == 0) faults.Add("no chunk server has sent a heartbeat yet");
        var health = faults.Count == 0 ? "healthy" : string.Join("; ", faults);
        run.Out.Show($"{health}. {servers.Count(server => server.Live)} of {servers.Length} chunk servers live.", json =>
        {
            json.WriteBoolean("healthy", faults.Count == 0);
            json.WriteString("health", health);
            json.WriteNumber("chunkServers", servers.Length);
        });
        foreach (var one in await client.ListNamespacesAsync(run.Cancellation))
        {
            var status = await client.Namespace(one.Name).GetStatusAsync(run.Cancellation);
            run.Out.Show(
                string.Create(CultureInfo.InvariantCulture,
                    $"  {one.Name,-16} {status.Names - 1,10} names {Texts.Size(status.LengthBytes, true),8}, {status.TrashItems} in the trash, {status.OpenFiles} open"),
                json =>
                {
                    json.WriteString("namespace", one.Name);
                    json.WriteNumber("names", status.Names - 1);
                    json.WriteNumber("lengthBytes", status.LengthBytes);
                });
            ShowHealing(run, one.Name, await client.GetHealingAsync(one.Name, run.Cancellation));
        }
    }

    private static string StandingText(ChunkServerInfo server) => server switch
    {
        { Mark: ServerMark.Maintenance } => $", in maintenance until {server.MarkedUntil:yyyy-MM-dd HH:mm:ss} UTC",
        { Mark: ServerMark.Drain } => ", and is drained",
        { Standing: ServerStanding.Dead } => ", and is dead: gofsctl cs rm when it does not come back",
        _ => "",
    };

    // Nothing is said to a person of what is as it should be.
    private static void ShowHealing(Invocation run, string name, HealingStatus healing)
    {
        if (healing is { IsHealthy: true, Draining: 0, IsRebalancing: false, MovesUnderWay: 0 } && !run.Out.IsJson) return;
        run.Out.Show(HealingText.Of(healing), json =>
        {
            json.WriteString("namespace", name);
            json.WriteBoolean("replicasHealthy", healing.IsHealthy);
            json.WriteNumber("chunks", healing.Chunks);
            json.WriteNumber("underGoal", healing.UnderGoal);
            json.WriteNumber("endangered", healing.Endangered);
            json.WriteNumber("missing", healing.Missing);
            json.WriteNumber("draining", healing.Draining);
            json.WriteNumber("copiesUnderWay", healing.CopiesUnderWay);
            json.WriteNumber("copied", healing.Copied);
            json.WriteNumber("copiedBytes", healing.CopiedBytes);
            json.WriteBoolean("rebalancing", healing.IsRebalancing);
            json.WriteNumber("moved", healing.Moved);
            json.WriteNumber("movedBytes", healing.MovedBytes);
            json.WriteNumber("movesUnderWay", healing.MovesUnderWay);
            json.WriteNumber("leastUse", healing.LeastUse);
            json.WriteNumber("mostUse", healing.MostUse);
            json.WriteNumber("tablesNotReady", healing.TablesNotReady);
            json.WriteString("stall", healing.Stall.ToString());
            if (healing.Since is { } since) json.WriteString("since", since);
        });
    }

    private static async Task ServersAsync(Invocation run)
    {
        foreach (var server in await (await run.ConnectAsync()).ListChunkServersAsync(run.Cancellation))
        {
            foreach (var disk in server.Disks) Show(run, server, disk);
        }
    }

    private static async Task DisksAsync(Invocation run)
    {
        var servers = await (await run.ConnectAsync()).ListChunkServersAsync(run.Cancellation);
        if (!run.Out.IsJson) run.Out.Line($"{"server",-16} {"size",8} {"used",8} {"free",8} {"use",4}  disk");
        foreach (var server in servers)
        {
            foreach (var disk in server.Disks)
            {
                if (run.Out.IsJson) Show(run, server, disk);
                else Row(run, server.Server.Value, disk.TotalBytes, disk.FreeBytes, disk.Path + (disk.Fault is null ? "" : $"  out of service: {disk.Fault}"));
            }
        }

        // What is silent or out of service holds nothing now.
        var usable = servers.Where(server => server.Live).SelectMany(server => server.Disks).Where(disk => disk.Fault is null).ToList();
        if (!run.Out.IsJson) Row(run, "total", usable.Sum(disk => disk.TotalBytes), usable.Sum(disk => disk.FreeBytes), $"{usable.Count} disks in service");
        await NamespacesAsync(run);
    }

    private static async Task NamespacesAsync(Invocation run)
    {
        var client = await run.ConnectAsync();
        if (!run.Out.IsJson) run.Out.Line($"\n{QuotaCommands.Head}");
        foreach (var one in await client.ListNamespacesAsync(run.Cancellation))
        {
            var status = await client.Namespace(one.Name).GetStatusAsync(run.Cancellation);
            run.Out.Show(QuotaCommands.Line(one.Name, status), json => QuotaCommands.Write(json, one.Name, status));
        }
    }

    private static void Row(Invocation run, string server, long total, long free, string disk)
    {
        var percent = total == 0 ? 0 : (int)Math.Ceiling((total - free) * 100.0 / total);
        run.Out.Line(string.Create(CultureInfo.InvariantCulture,
            $"{server,-16} {Texts.Size(total, true),8} {Texts.Size(total - free, true),8} {Texts.Size(free, true),8} {percent,3}%  {disk}"));
    }

    private static void Show(Invocation run, ChunkServerInfo server, DiskStatus disk) => run.Out.Show(
        string.Create(CultureInfo.InvariantCulture,
            $"{server.Server,-16} {(server.Live ? MarkText(server) : "silent"),-8} {Texts.Size(disk.FreeBytes, true),8} free of "
            + $"{Texts.Size(disk.TotalBytes, true),8} {disk.Chunks,10} chunks  {disk.Path}  {disk.Fault}{Repairs(disk)}").TrimEnd(),
        json =>
        {
            json.WriteString("server", server.Server.Value);
            json.WriteBoolean("live", server.Live);
            json.WriteString("standing", server.Standing.ToString());
            json.WriteString("mark", server.Mark.ToString());
            json.WriteString("disk", disk.Path);
            json.WriteNumber("totalBytes", disk.TotalBytes);
            json.WriteNumber("freeBytes", disk.FreeBytes);
            json.WriteNumber("chunks", disk.Chunks);
            json.WriteNumber("badChecksumBlocks", disk.BadChecksumBlocks);
            json.WriteNumber("repairedChecksumBlocks", disk.RepairedChecksumBlocks);
            if (disk.Fault is not null) json.WriteString("fault", disk.Fault);
        });

    private static string MarkText(ChunkServerInfo server) => server.Mark == ServerMark.Drain ? "draining" : "live";

    private static string Repairs(DiskStatus disk) => disk.BadChecksumBlocks == 0 ? ""
        : $"  {disk.BadChecksumBlocks} checksum blocks found bad, {disk.RepairedChecksumBlocks} repaired";
}
