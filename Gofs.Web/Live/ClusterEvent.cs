using Gofs.ChunkServers;
using Gofs.Web.Parts;

namespace Gofs.Web.Live;

/// <summary>Something that changed between two looks at the cluster.</summary>
/// <param name="At">When it was seen.</param>
/// <param name="IsBad">Whether it is for the worse.</param>
/// <param name="Text">One sentence.</param>
public sealed record ClusterEvent(DateTimeOffset At, bool IsBad, string Text)
{
    /// <summary>What changed from one look to the next.</summary>
    public static IEnumerable<ClusterEvent> Between(ClusterView before, ClusterView after)
    {
        var texts = Silos(before, after).Concat(Servers(before, after)).Concat(Namespaces(before, after));
        return texts.Select(one => new ClusterEvent(after.At, one.IsBad, one.Text));
    }

    private static IEnumerable<(bool IsBad, string Text)> Silos(ClusterView before, ClusterView after)
    {
        var were = before.Silos.Where(silo => silo.IsActive).Select(silo => silo.Name).ToHashSet();
        var are = after.Silos.Where(silo => silo.IsActive).Select(silo => silo.Name).ToHashSet();
        foreach (var gone in were.Except(are).Order(StringComparer.Ordinal)) yield return (true, $"Silo {gone} is no longer active.");
        foreach (var come in are.Except(were).Order(StringComparer.Ordinal)) yield return (false, $"Silo {come} is active.");
    }

    private static IEnumerable<(bool IsBad, string Text)> Servers(ClusterView before, ClusterView after)
    {
        var were = before.Servers.ToDictionary(server => server.Server);
        foreach (var server in after.Servers)
        {
            if (!were.TryGetValue(server.Server, out var was))
            {
                yield return (false, $"Chunk server {server.Server} is new.");
                continue;
            }

            if (was.Live && !server.Live) yield return (true, $"Chunk server {server.Server} is silent.");
            if (!was.Live && server.Live) yield return (false, $"Chunk server {server.Server} is back.");
            foreach (var disk in server.Disks.Where(disk => disk.Fault is not null && FaultOf(was, disk.Path) is null))
                yield return (true, $"Disk {disk.Path} of {server.Server} is out of service: {disk.Fault}.");
        }
    }

    private static IEnumerable<(bool IsBad, string Text)> Namespaces(ClusterView before, ClusterView after)
    {
        var were = before.Namespaces.ToDictionary(space => space.Name);
        foreach (var space in after.Namespaces)
        {
            if (!were.Remove(space.Name, out var was))
            {
                yield return (false, $"Namespace {space.Name} was made.");
                continue;
            }

            if (was.Status is not null && space.Status is null) yield return (true, $"Namespace {space.Name} does not answer.");
            if (was.Status is null && space.Status is not null) yield return (false, $"Namespace {space.Name} answers.");
            if (was.Status is not { } old || space.Status is not { } now) continue;
            if (old.Silo != now.Silo) yield return (false, $"The master of {space.Name} moved from {old.Silo} to {now.Silo}.");
            else if (old.Epoch != now.Epoch) yield return (false, $"The master of {space.Name} started again on {now.Silo}.");
            if (now.SnapshotNumber > old.SnapshotNumber) yield return (false, $"A Snapshot of {space.Name} was written at {Texts.Count(now.SnapshotNumber)}.");
        }

        foreach (var gone in were.Keys.Order(StringComparer.Ordinal)) yield return (false, $"Namespace {gone} was removed.");
    }

    private static string? FaultOf(ChunkServerInfo server, string path) => server.Disks.FirstOrDefault(disk => disk.Path == path)?.Fault;
}
