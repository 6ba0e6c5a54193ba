using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Namespaces;

namespace Gofs.Web.Live;

/// <summary>
/// Whether two looks show a person the same, whenever they were taken: then pages that tell no ages need not be drawn anew. What only moves in figures that
/// nobody can see, such as a disk's last bytes, is the same. Found out once a look, for all pages.
/// </summary>
internal static class ViewFace
{
    private const int Steps = 4096;
    private static readonly StandbyStatus[] NoStandbys = [];
    private static readonly GoalCount[] NoCounts = [];

    /// <summary>Whether they do.</summary>
    public static bool IsSame(ClusterView one, ClusterView other) =>
        All(one.Servers, other.Servers, IsSame) && one.Silos.SequenceEqual(other.Silos) && All(one.Namespaces, other.Namespaces, IsSame)
        && IsSame(one.Healing, other.Healing) && one.Drains.SequenceEqual(other.Drains);

    private static bool IsSame(ChunkServerInfo one, ChunkServerInfo other) =>
        one.Server == other.Server && one.Live == other.Live && one.Standing == other.Standing && one.Mark == other.Mark
        && one.MarkedUntil == other.MarkedUntil && one.Scrub == other.Scrub && All(one.Disks, other.Disks, IsSame);

    private static bool IsSame(DiskStatus one, DiskStatus other) => one with { FreeBytes = Coarse(one) } == other with { FreeBytes = Coarse(other) };

    private static bool IsSame(NamespaceView one, NamespaceView other) =>
        one.Name == other.Name && one.Failure == other.Failure && IsSame(one.Status, other.Status);

    private static bool IsSame(NamespaceStatus? one, NamespaceStatus? other) => one is null || other is null
        ? one == other
        : one with { Standbys = NoStandbys } == other with { Standbys = NoStandbys } && one.Standbys.SequenceEqual(other.Standbys);

    private static bool IsSame(HealingStatus? one, HealingStatus? other) => one is null || other is null
        ? one == other
        : one with { ByGoal = NoCounts } == other with { ByGoal = NoCounts } && one.ByGoal.SequenceEqual(other.ByGoal);

    private static bool All<T>(IReadOnlyList<T> some, IReadOnlyList<T> others, Func<T, T, bool> same) =>
        some.Count == others.Count && some.Zip(others, same).All(one => one);

    private static long Coarse(DiskStatus disk) => disk.TotalBytes < Steps ? disk.FreeBytes : disk.FreeBytes / (disk.TotalBytes / Steps);
}
