using Gofs.ChunkServers;
using Gofs.Web.Parts;
using Microsoft.AspNetCore.Components;

namespace Gofs.Web.ChunkServers;

/// <summary>The chunk servers by rack, and their disks.</summary>
public sealed partial class ChunkServersPage
{
    /// <summary>The one that is marked, or null.</summary>
    [SupplyParameterFromQuery] public string? Server { get; set; }

    private static string RackOf(ChunkServerInfo server) => server.Labels.GetValueOrDefault("rack", "");

    private static (string Kind, string Text) StateOf(DiskStatus disk)
    {
        if (disk.Fault is not null) return ("bad", $"out of service: {disk.Fault}");
        var bad = disk.BadChecksumBlocks - disk.RepairedChecksumBlocks;
        if (bad > 0) return ("bad", $"{Texts.Count(bad, "bad checksum block")} not repaired");
        return disk.RepairedChecksumBlocks > 0 ? ("good", $"in service, {Texts.Count(disk.RepairedChecksumBlocks, "checksum block")} repaired") : ("good", "in service");
    }
}
