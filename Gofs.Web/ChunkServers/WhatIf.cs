using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Web.Live;
using Gofs.Web.Parts;

namespace Gofs.Web.ChunkServers;

/// <summary>What would come of taking a chunk server away, in sentences a person reads before it is done.</summary>
internal static class WhatIf
{
    /// <summary>It is drained.</summary>
    public static string Drained(ChunkServerInfo server, ServerReplicas replicas, ClusterView view)
    {
        List<string> says = [Holds(replicas)];
        says.Add(replicas.Needed == 0
            ? "Every chunk has its replicas without it."
            : $"{Texts.Count(replicas.Needed, "chunk is", "chunks are")} copied elsewhere first; it serves them until then, and takes no new ones.");
        var others = Others(server, view);
        var (most, room) = (MostToMove(server, replicas, view), Room(others));
        if (most > room)
            says.Add($"Up to {Texts.Size(most)} have to move, and the others have {Texts.Size(room)} free: they may not have the room.");
        says.AddRange(LacksServers(others.Count, view));
        return Sentences(says, replicas);
    }

    /// <summary>It is silent for a while.</summary>
    public static string Maintained(ChunkServerInfo server, ServerReplicas replicas, ClusterView view)
    {
        List<string> says = [Holds(replicas)];
        says.Add(replicas.Only == 0
            ? "Each of them has a replica elsewhere too, so all files can be read while it is away."
            : $"{Texts.Count(replicas.Only, "chunk has", "chunks have")} no other replica: what is in them can't be read while it is away.");
        says.AddRange(LacksServers(Others(server, view).Count, view));
        return Sentences(says, replicas);
    }

    /// <summary>It is forgotten.</summary>
    public static string Removed(ServerReplicas replicas)
    {
        List<string> says = ["The cluster forgets it, and counts on nothing it has."];
        if (replicas.Only > 0)
            says.Add($"{Texts.Count(replicas.Only, "chunk has", "chunks have")} no replica elsewhere: what only it has is lost unless the server comes back.");
        if (replicas.Needed > 0)
            says.Add($"{Texts.Count(replicas.Needed, "chunk has", "chunks have")} fewer replicas than wanted without it, so it will be refused for now.");
        if (replicas.Needed + replicas.BeingWritten + replicas.TablesNotReady == 0) says.Add("Every chunk has its replicas without it.");
        return Sentences(says, replicas);
    }

    private static string Holds(ServerReplicas replicas) => $"It holds {Texts.Count(replicas.Held, "chunk")}.";

    // A disk may have more on it than chunks, and few chunks are as long as they may be.
    private static long MostToMove(ChunkServerInfo server, ServerReplicas replicas, ClusterView view)
    {
        var used = server.Disks.Sum(disk => disk.TotalBytes - disk.FreeBytes);
        var longest = view.Namespaces.Max(space => space.Status?.Config.ChunkSizeBytes) ?? used;
        return (long)Math.Min(used, (double)longest * replicas.Needed);
    }

    private static List<ChunkServerInfo> Others(ChunkServerInfo server, ClusterView view) =>
        [.. view.Servers.Where(one => one.Server != server.Server && one is { Live: true, Mark: ServerMark.None })];

    private static long Room(IEnumerable<ChunkServerInfo> servers) =>
        servers.SelectMany(one => one.Disks).Where(disk => disk.Fault is null).Sum(disk => disk.FreeBytes);

    private static IEnumerable<string> LacksServers(int left, ClusterView view)
    {
        var wanting = view.Namespaces.Where(space => space.Status is { } status && status.Config.Goal > left).Select(space => space.Name).ToArray();
        if (wanting.Length > 0)
        {
            var want = $"{string.Join(", ", wanting)} {(wanting.Length == 1 ? "wants" : "want")}";
            yield return $"{Texts.Count(left, "server is", "servers are")} left without it, fewer than {want} replicas.";
        }
    }

    private static string Sentences(List<string> says, ServerReplicas replicas)
    {
        if (replicas.TablesNotReady > 0)
            says.Add($"{Texts.Count(replicas.TablesNotReady, "chunk table has", "chunk tables have")} not looked at all chunks yet: there may be more.");
        return string.Join(' ', says);
    }
}
