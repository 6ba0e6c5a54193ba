using System.Globalization;
using Gofs.ChunkServers;

namespace Gofs.Cluster;

/// <summary>What can be wrong with silos, chunk servers and disks, and with the chunks on them.</summary>
internal static class ServerRules
{
    /// <summary>Less free than this is a warning: placement has little to choose from.</summary>
    public const double LittleFree = 0.05;

    /// <summary>Less than this is nothing.</summary>
    public const double NothingFree = 0.01;

    /// <summary>A live chunk server's last heartbeat is from so long ago or ahead at most, when clocks agree.</summary>
    public static readonly TimeSpan ClocksAgree = TimeSpan.FromSeconds(15);

    /// <summary>The findings, in no order.</summary>
    public static IEnumerable<DoctorFinding> All(ClusterPicture picture) =>
        Silos(picture).Concat(Servers(picture))
            .Concat(picture.ChunkServers.Where(server => server.Live).SelectMany(server => Disks(server).Concat(Scrub(server)))).Concat(Chunks(picture));

    private static IEnumerable<DoctorFinding> Silos(ClusterPicture picture)
    {
        foreach (var silo in picture.Silos.Where(silo => !silo.IsActive))
            yield return new(DoctorSeverity.Warning, $"silo {silo.Name}", $"it does not serve: {silo.Status}", "it is being started or stopped, or hangs while it is",
                "if it stays so, look into its log and start it again");
        foreach (var silo in picture.Silos.Where(silo => silo.Serves(SiloRoles.Chunks) && picture.ChunkServers.All(server => server.Server.Value != silo.Name)))
            yield return new(DoctorSeverity.Warning, $"silo {silo.Name}", "its chunk server has sent no heartbeat yet", "", "look into its log if it stays so");
        if (picture.Silos.Count(silo => silo.IsActive) > 1 && picture.MetaServers == 1)
            yield return new(DoctorSeverity.Warning, "cluster", "one silo alone serves names", "the others have not the role meta",
                "give another silo the role meta (Silo:Roles): without it no namespace has a standby");
    }

    private static IEnumerable<DoctorFinding> Servers(ClusterPicture picture)
    {
        if (picture.LiveServers == 0)
            yield return new(DoctorSeverity.Critical, "cluster", "no chunk server is live", "", "start one: nothing can be read or written");
        foreach (var server in picture.ChunkServers.Where(server => !server.Live))
        {
            var isThere = picture.Silos.Any(silo => silo.Name == server.Server.Value);
            yield return new(DoctorSeverity.Warning, $"chunk server {server.Server}", "it is silent",
                isThere ? "its silo is in the cluster and its heartbeats do not arrive" : "its silo is not in the cluster",
                isThere ? "look into its log" : "start its silo: its replicas count again as soon as it reports them")
            {
                Since = server.LastHeartbeatAt,
            };
        }

        var apart = picture.ChunkServers.Where(server => server.Live).Select(server => (picture.At - server.LastHeartbeatAt).Duration())
            .DefaultIfEmpty(TimeSpan.Zero).Max();
        if (apart > ClocksAgree)
            yield return new(DoctorSeverity.Warning, "clocks", Text($"this machine's and the cluster's differ by about {apart.TotalSeconds:0} s"), "",
                "let all machines keep time (NTP): leases and tokens end by the clock");
    }

    private static IEnumerable<DoctorFinding> Disks(ChunkServerInfo server)
    {
        foreach (var disk in server.Disks)
        {
            var subject = $"disk {disk.Path} of {server.Server}";
            if (disk.Fault is { } fault)
            {
                yield return new(DoctorSeverity.Critical, subject, "it is out of service", fault, "repair or replace it, then start its silo again");
                continue;
            }

            if (disk.TotalBytes > 0 && disk.FreeBytes < disk.TotalBytes * LittleFree)
            {
                var isFull = disk.FreeBytes < disk.TotalBytes * NothingFree;
                yield return new(isFull ? DoctorSeverity.Critical : DoctorSeverity.Warning, subject, Text($"{(isFull ? "it is full" : "it is nearly full")}: ")
                    + Text($"{disk.FreeBytes >> 20} of {disk.TotalBytes >> 20} MiB free"), "", "add a disk or a chunk server, purge trash, or remove files");
            }

            if (disk.BadChecksumBlocks > disk.RepairedChecksumBlocks)
                yield return new(DoctorSeverity.Warning, subject,
                    Text($"{disk.BadChecksumBlocks - disk.RepairedChecksumBlocks} checksum blocks are bad and not repaired yet"), "bytes rotted on the disk",
                    "they are repaired from another replica; if they stay, fsck says of which files they are");
            else if (disk.BadChecksumBlocks > 0)
                yield return new(DoctorSeverity.Advice, subject, Text($"{disk.BadChecksumBlocks} checksum blocks were bad and are repaired"), "bytes rotted on the disk",
                    "if there are more every day, replace the disk");
        }
    }

    private static IEnumerable<DoctorFinding> Scrub(ChunkServerInfo server)
    {
        if (server.Scrub is not { } scrub) yield break;
        var subject = $"scrub of {server.Server}";
        if (scrub.Unrepaired > 0)
            yield return new(DoctorSeverity.Warning, subject, Text($"{scrub.Unrepaired} damages can't be repaired now"),
                "no other server that answers has what is needed of these chunks",
                "start the servers that are silent: it is tried again every half minute. fsck says of which files they are");
        if (scrub.IsOverdue)
            yield return new(DoctorSeverity.Warning, subject, Text($"some replicas were not read within {scrub.Days} days"),
                Text($"a pass over {(scrub.Bytes + scrub.LeftBytes) >> 30} GiB at {scrub.MostMegabytesPerSecond} MiB a second takes too long, or the server was away"),
                "raise ScrubMegabytesPerSecond or ScrubDays (gofsctl config set) if it stays so")
            {
                Since = scrub.StartedAt?.AddDays(scrub.Days),
            };
    }

    private static IEnumerable<DoctorFinding> Chunks(ClusterPicture picture)
    {
        var healing = picture.Healing;
        if (healing.BelowGoal == 0) yield break;
        var doing = healing.Doing.Length > 0 ? healing.Doing : "nothing yet: it was only just seen; look again in a minute";
        yield return new(healing.Missing > 0 ? DoctorSeverity.Critical : DoctorSeverity.Warning, "chunks",
            Text($"{healing.BelowGoal} of {healing.Chunks} have fewer replicas than wanted; {healing.Endangered} have one at hand at most, {healing.Missing} are missing"),
            "", healing.Missing > 0 ? $"start the servers that are silent; fsck says which files it is. {doing}" : doing)
        {
            Since = healing.Since,
        };
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
