using Gofs.ChunkServers;
using Gofs.Chunks;
using Gofs.Web.Live;
using Gofs.Web.Parts;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace Gofs.Web.ChunkServers;

/// <summary>The chunk servers by rack, and their disks; takes one away, after it was said what would come of it.</summary>
public sealed partial class ChunkServersPage
{
    private static readonly TimeSpan LongestMaintenance = TimeSpan.FromDays(7);

    /// <summary>The one that is marked, or null.</summary>
    [SupplyParameterFromQuery] public string? Server { get; set; }

    [Inject] private IChunkServers Servers { get; set; } = null!;

    [Inject] private ClusterHistory History { get; set; } = null!;

    private static string RackOf(ChunkServerInfo server) => server.Labels.GetValueOrDefault("rack", "");

    private (string Kind, string Text) StandingOf(ChunkServerInfo server)
    {
        var silence = News.Now - server.LastHeartbeatAt;
        if (server.Live) return ("good", $"live, heartbeat {Texts.Ago(silence)}");
        return ("bad", $"silent for {Texts.Span(silence)}: its replicas {(server.Standing == ServerStanding.Dead ? "do not count" : "still count")}");
    }

    private static string? MarkOf(ChunkServerInfo server) => server.Mark switch
    {
        ServerMark.Drain => "being drained",
        ServerMark.Maintenance => $"maintenance{(server.MarkedUntil is { } until ? $" until {Texts.Moment(until)} UTC" : "")}",
        _ => null,
    };

    private string? LoadOf(ChunkServerInfo server)
    {
        double? Now(HistoryKind kind) => server.Live ? History.Now(kind, server.Server.Value) : null;
        return (Now(HistoryKind.Received), Now(HistoryKind.Sent), Now(HistoryKind.Requests)) is ({ } received, { } sent, { } requests)
            ? $"{Texts.Size((long)received)}/s written, {Texts.Size((long)sent)}/s read, {Texts.Rate(requests)} requests/s"
            : null;
    }

    private static (string Kind, string Text) StateOf(ChunkServerInfo server, DiskStatus disk)
    {
        if (!server.Live) return ("", "not heard from");
        if (disk.Fault is not null) return ("bad", $"out of service: {disk.Fault}");
        var bad = disk.BadChecksumBlocks - disk.RepairedChecksumBlocks;
        if (bad > 0) return ("bad", $"{Texts.Count(bad, "bad checksum block")} not repaired");
        return disk.RepairedChecksumBlocks > 0 ? ("good", $"in service, {Texts.Count(disk.RepairedChecksumBlocks, "checksum block")} repaired") : ("good", "in service");
    }

    private async Task DrainAsync(ChunkServerInfo server)
    {
        if (await ReplicasAsync(server) is not { } replicas || News.View is not { } view) return;
        if (!await AskAsync($"Drain {server.Server}?", WhatIf.Drained(server, replicas, view), "Drain")) return;
        await DoAsync(async () =>
        {
            await Servers.DrainAsync(server.Server, Gone);
            return $"{server.Server} is being drained.";
        });
    }

    private async Task MaintainAsync(ChunkServerInfo server)
    {
        if (await ReplicasAsync(server) is not { } replicas || News.View is not { } view) return;
        var parameters = new DialogParameters<TextDialog>
        {
            { one => one.Text, WhatIf.Maintained(server, replicas, view) }, { one => one.Label, "For how long" },
            { one => one.Act, "Begin" }, { one => one.Value, "1 h" },
        };
        var dialog = await Dialogs.ShowAsync<TextDialog>($"Maintenance of {server.Server}", parameters);
        if (await dialog.Result is not { Canceled: false, Data: string typed }) return;
        await DoAsync(async () =>
        {
            if (Units.ParseSpan(typed) is not { } length || length <= TimeSpan.Zero || length > LongestMaintenance)
                throw new GofsException(GofsError.InvalidArgument, $"a maintenance lasts 1 s to {Units.Span(LongestMaintenance)}, such as 30 min", typed);
            await Servers.MaintainAsync(server.Server, length, Gone);
            return $"{server.Server} may be silent for {Units.Span(length)}.";
        });
    }

    private Task RejoinAsync(ChunkServerInfo server) => DoAsync(async () =>
    {
        await Servers.RejoinAsync(server.Server, Gone);
        return $"{server.Server} is a chunk server like the others.";
    });

    private async Task RemoveAsync(ChunkServerInfo server)
    {
        if (await ReplicasAsync(server) is not { } replicas) return;
        if (!await AskAsync($"Remove {server.Server}?", WhatIf.Removed(replicas), "Remove", server.Server.Value, isDangerous: true)) return;
        await DoAsync(async () =>
        {
            await Servers.RemoveAsync(server.Server, Gone);
            return $"{server.Server} is forgotten.";
        });
    }

    // Null when it is not known; that has been said then.
    private async Task<ServerReplicas?> ReplicasAsync(ChunkServerInfo server)
    {
        ServerReplicas? replicas = null;
        await TryAsync(async () => replicas = await Servers.ReplicasAsync(server.Server, Gone), why => Snackbar.Add(Texts.Sentence(why), Severity.Error));
        return replicas;
    }
}
