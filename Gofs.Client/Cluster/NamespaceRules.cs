using System.Globalization;
using Gofs.Namespaces;

namespace Gofs.Cluster;

/// <summary>What can be wrong with namespaces: their masters, standbys, Snapshots, quotas, trash and settings.</summary>
internal static class NamespaceRules
{
    /// <summary>A standby that is behind for longer is of little use.</summary>
    public static readonly TimeSpan MuchLag = TimeSpan.FromSeconds(5);

    /// <summary>A quota that is used up to here is nearly used up.</summary>
    public const double NearlyAll = 0.9;

    /// <summary>So many removed files and trees are many.</summary>
    public const long ManyTrashItems = 100_000;

    /// <summary>Records since the last Snapshot that are three times as many as there should be, for a namespace that is not large.</summary>
    public const long ManyRecords = 1_500_000;

    /// <summary>The findings, in no order.</summary>
    public static IEnumerable<DoctorFinding> All(ClusterPicture picture) => picture.Namespaces.SelectMany(one => one.Status is { } status
        ? Standbys(picture, status).Concat(EditLog(status)).Concat(Quotas(status)).Concat(Settings(picture, status))
            .Select(finding => finding with { Subject = $"namespace {one.Name}" })
        : [new(DoctorSeverity.Critical, $"namespace {one.Name}", "its master does not answer", one.Failure, "look whether a silo with the role meta and the database are up")]);

    private static IEnumerable<DoctorFinding> Standbys(ClusterPicture picture, NamespaceStatus status)
    {
        if (picture.MetaServers < 2) yield break;
        if (status.Standbys.Length == 0)
            yield return Warning("it has no standby", "its master has just been moved, or Silo:Standbys is 0",
                "it is given one in a moment; until then a failover takes as long as its names take to load");
        foreach (var standby in status.Standbys)
        {
            if (standby.EditLogNumber < 0)
                yield return Warning($"its standby on {standby.Silo} has no state yet", "it is loading it", "it is warm in a moment; a failover takes longer until then");
            else if (standby.Lag > MuchLag)
                yield return Warning(
                    Text($"its standby on {standby.Silo} is {standby.Lag.TotalSeconds:0} s behind"), "its silo or the database is slow, or does not answer",
                    "look at that silo; it catches up by itself");
        }
    }

    private static IEnumerable<DoctorFinding> EditLog(NamespaceStatus status)
    {
        var since = status.EditLogNumber - status.SnapshotNumber;
        if (since > Math.Max(ManyRecords, status.Names * 3 / 2))
        {
            yield return Warning(Text($"its EditLog has {since} records since the last Snapshot"),
                status.SnapshotAt is null ? "there is no Snapshot yet" : "no newer Snapshot came about",
                $"make one (gofsctl meta snapshot {status.Name}): a start of its master reads them all") with
            {
                Since = status.SnapshotAt,
            };
        }
    }

    private static IEnumerable<DoctorFinding> Quotas(NamespaceStatus status) =>
        Quota("names", status.Names, status.Config.MaxNames).Concat(Quota("bytes", status.LengthBytes, status.Config.MaxBytes))
            .Concat(Quota("stored bytes", status.StoredBytes, status.Config.MaxStoredBytes));

    private static IEnumerable<DoctorFinding> Quota(string what, long used, long most)
    {
        if (most <= 0 || used < most * NearlyAll) yield break;
        yield return new(used >= most ? DoctorSeverity.Critical : DoctorSeverity.Warning, "",
            Text($"its quota of {what} is {(used >= most ? "used up" : "nearly used up")}: {used} of {most}"), "what is in the trash counts",
            $"purge the trash, remove something, or raise it (gofsctl quota set)");
    }

    private static IEnumerable<DoctorFinding> Settings(ClusterPicture picture, NamespaceStatus status)
    {
        if (status.TrashItems >= ManyTrashItems)
            yield return Advice(Text($"{status.TrashItems} removed files and trees are in its trash"), "they stay for the retention that is set",
                "if their room is needed: gofsctl trash purge, or a shorter retention");
        if (status.Config.Durability == Durability.None)
            yield return Advice("its durability is none", "it was set so", "a power cut may take what was acknowledged; durability=flush if that matters");
        if (status.Config.Goal > picture.LiveServers)
            yield return Warning(Text($"it wants {status.Config.Goal} replicas and {picture.LiveServers} chunk servers are live"), "",
                "start the others, add one, or lower its goal");
        else if (status.Config.Goal == 1 && picture.LiveServers > 1)
            yield return Advice("it wants one replica of each chunk", "it was set so", "the loss of a disk is the loss of its files; a higher goal if that matters");
    }

    private static DoctorFinding Warning(string what, string why, string toDo) => new(DoctorSeverity.Warning, "", what, why, toDo);

    private static DoctorFinding Advice(string what, string why, string toDo) => new(DoctorSeverity.Advice, "", what, why, toDo);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
