using Gofs.ChunkServers;
using Gofs.Cluster;
using Gofs.Namespaces;
using Gofs.Web.Live;

namespace Gofs.Tests.Web;

/// <summary>Looks at clusters that are not there.</summary>
internal static class Views
{
    public static readonly DateTimeOffset At = new(2026, 5, 4, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Two silos, two chunk servers, one namespace with a warm standby: nothing to complain of.</summary>
    public static ClusterView Healthy { get; } = new(
        At, [Server("silo-1"), Server("silo-2")], [Silo("silo-1"), Silo("silo-2")], [Space("projects")]);

    public static ClusterView Empty { get; } = new(At, [], [], []);

    public static ChunkServerInfo Server(string id, params DiskStatus[] disks) =>
        new(new ServerId(id), [], disks.Length > 0 ? disks : [Disk()], At - TimeSpan.FromMilliseconds(400), Live: true);

    public static DiskStatus Disk() => new("/srv/disk", TotalBytes: 1L << 40, FreeBytes: 1L << 39, Chunks: 1234, Fault: null);

    public static SiloInfo Silo(string name) => new(name, "127.0.0.1:1", "127.0.0.1:2", SiloRoles.Meta | SiloRoles.Chunks, "Active");

    public static NamespaceView Space(string name, Func<NamespaceStatus, NamespaceStatus>? change = null)
    {
        var status = new NamespaceStatus(
            name, 1, NamespaceConfig.Default, Names: 4200, LengthBytes: 3L << 30, TrashItems: 7, OpenFiles: 2, Silo: "silo-1", Epoch: 3,
            EditLogNumber: 98_765, SnapshotNumber: 90_000, SnapshotAt: At - TimeSpan.FromHours(1), LoadTime: TimeSpan.FromMilliseconds(120))
        {
            Standbys = [new("silo-2", 98_765, TimeSpan.Zero)],
        };
        return new(Info(name), change is null ? status : change(status), null);
    }

    public static NamespaceView Mute(string name) => new(Info(name), null, "it has been silent for 2 s");

    private static NamespaceInfo Info(string name) => new(name, 1, NamespaceConfig.Default, At - TimeSpan.FromDays(3));
}
