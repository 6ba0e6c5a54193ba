using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Web.Live;
using Gofs.Web.Parts;

namespace Gofs.Web.Overview;

/// <summary>Something the cluster does by itself that takes a while.</summary>
/// <param name="Title">What.</param>
/// <param name="Text">How far it is, in words.</param>
/// <param name="Done">The part that is done, 0 to 1; null: not to be said.</param>
/// <param name="ExpectedEnd">When it ends at the pace so far; null: not to be said.</param>
public sealed record Duty(string Title, string Text, double? Done, DateTimeOffset? ExpectedEnd)
{
    /// <summary>What is under way, of what the news say.</summary>
    internal static IReadOnlyList<Duty> Of(ClusterNews news)
    {
        if (news.View is not { } view) return [];
        return [.. Healing(news, view), .. view.Servers.Where(one => one.Mark == ServerMark.Drain).Select(one => Drain(one, view)), .. Scrubs(view)];
    }

    private static IEnumerable<Duty> Healing(ClusterNews news, ClusterView view)
    {
        if (view.Healing is not { } healing) yield break;
        if (news.Healing is { } run)
        {
            var left = $"{Texts.Count(run.Left, "chunk lacks", "chunks lack")} replicas, {Texts.Count(run.Copied)} made since {Texts.Clock(run.StartedAt)}";
            yield return new("Re-replication", healing.Doing.Length == 0 ? left : $"{left}; {healing.Doing}", run.Done, run.ExpectedEnd(view.At));
        }

        if (healing.MovesUnderWay > 0)
            yield return new(
                "Rebalancing", $"{Texts.Count(healing.MovesUnderWay, "replica")} being moved, {Texts.Size(healing.MovedBytes)} moved so far", null, null);
    }

    /// <summary>How far a drain is.</summary>
    internal static Duty Drain(ChunkServerInfo server, ClusterView view)
    {
        var title = $"Drain of {server.Server}";
        if (view.Drains.GetValueOrDefault(server.Server) is not { } replicas) return new(title, "it is being looked at", null, null);
        if (replicas.IsSafeToRemove) return new(title, "everything it has is elsewhere too: it can be stopped and removed", 1, null);
        var whole = replicas.Moved + replicas.Needed;
        var text = $"{Texts.Count(replicas.Needed, "chunk")} yet to be copied elsewhere, {Texts.Count(replicas.Moved)} copied";
        return new(title, text, whole == 0 ? null : (double)replicas.Moved / whole, replicas.ExpectedEnd(view.At));
    }

    private static IEnumerable<Duty> Scrubs(ClusterView view)
    {
        foreach (var server in view.Servers.Where(one => one is { Live: true, Scrub.IsRunning: true }))
        {
            var (scrub, whole) = (server.Scrub!, server.Scrub!.Bytes + server.Scrub.LeftBytes);
            var found = scrub.Found > 0 ? $", {Texts.Count(scrub.Found, "damage")} found and {Texts.Count(scrub.Repaired)} repaired" : "";
            yield return new(
                $"Scrub of {server.Server}", $"{Texts.Size(scrub.Bytes)} of {Texts.Size(whole)} read{found}",
                whole == 0 ? null : (double)scrub.Bytes / whole, scrub.ExpectedEndAt);
        }
    }
}
