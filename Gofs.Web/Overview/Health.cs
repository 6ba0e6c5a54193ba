using Gofs.Cluster;
using Gofs.Web.Live;
using Gofs.Web.Parts;

namespace Gofs.Web.Overview;

/// <summary>How well something is.</summary>
public enum HealthLevel
{
    /// <summary>Nothing to do.</summary>
    Good,

    /// <summary>It serves, and somebody should look.</summary>
    Warning,

    /// <summary>Something does not serve, or is about not to.</summary>
    Bad,
}

/// <summary>One thing that is not as it should be.</summary>
/// <param name="Level">How bad it is.</param>
/// <param name="Text">What, why and since when, one sentence.</param>
/// <param name="Page">The page that shows more of it.</param>
public sealed record HealthReason(HealthLevel Level, string Text, string Page);

/// <summary>The health of the cluster in one sentence, with its reasons: a function of one look, so what is said can be tested.</summary>
/// <param name="Level">The worst of the reasons.</param>
/// <param name="Sentence">One sentence.</param>
/// <param name="Reasons">Why, worst first.</param>
public sealed record Health(HealthLevel Level, string Sentence, IReadOnlyList<HealthReason> Reasons)
{
    private const double NearlyFull = 0.9;

    /// <summary>Judges a look.</summary>
    public static Health Of(ClusterView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        HealthReason[] reasons = [.. Servers(view).Concat(Chunks(view)).Concat(Silos(view)).Concat(Namespaces(view)).OrderByDescending(one => one.Level)];
        var level = reasons.Length == 0 ? HealthLevel.Good : reasons[0].Level;
        var sentence = level switch
        {
            HealthLevel.Good => "Everything is healthy.",
            HealthLevel.Warning => $"It serves, and {Things(reasons.Length)} attention.",
            _ => $"{Things(reasons.Count(one => one.Level == HealthLevel.Bad))} attention now.",
        };
        return new(level, Texts.Sentence(sentence), reasons);
    }

    private static string Things(int count) => count == 1 ? "one thing needs" : $"{Texts.Count(count)} things need";

    private static IEnumerable<HealthReason> Servers(ClusterView view)
    {
        const string Page = "chunkservers";
        if (view.Servers.Count == 0) yield return new(HealthLevel.Bad, "No chunk server has sent a heartbeat yet: nothing can be written.", Page);
        foreach (var server in view.Servers)
        {
            if (!server.Live)
            {
                var silent = Texts.Span(view.At - server.LastHeartbeatAt);
                yield return new(HealthLevel.Bad, $"Chunk server {server.Server} has been silent for {silent}: its replicas do not count.", Page);
                continue;
            }

            foreach (var disk in server.Disks)
            {
                var bad = disk.BadChecksumBlocks - disk.RepairedChecksumBlocks;
                if (disk.Fault is not null) yield return new(HealthLevel.Bad, $"Disk {disk.Path} of {server.Server} is out of service: {disk.Fault}.", Page);
                else if (disk.TotalBytes > 0 && disk.FreeBytes < (1 - NearlyFull) * disk.TotalBytes)
                    yield return new(HealthLevel.Warning, $"Disk {disk.Path} of {server.Server} has {Texts.Size(disk.FreeBytes)} left of {Texts.Size(disk.TotalBytes)}.", Page);
                if (bad > 0)
                    yield return new(HealthLevel.Bad, $"Disk {disk.Path} of {server.Server} has {Texts.Count(bad, "checksum block")} that do not match their CRC and are not repaired.", Page);
            }
        }
    }

    private static IEnumerable<HealthReason> Chunks(ClusterView view)
    {
        const string Page = "chunkservers";
        if (view.Healing is not { } healing) yield break;
        var doing = healing.Doing.Length == 0 ? "" : $" ({healing.Doing})";
        if (healing.Missing > 0)
            yield return new(HealthLevel.Bad, $"{Texts.Count(healing.Missing, "chunk has", "chunks have")} no replica at hand: all servers that have one are gone.", Page);
        if (healing.Endangered > 0)
            yield return new(HealthLevel.Bad, $"{Texts.Count(healing.Endangered, "chunk has", "chunks have")} one replica left or none at hand{doing}.", Page);
        if (healing.UnderGoal > 0)
            yield return new(HealthLevel.Warning, $"{Texts.Count(healing.UnderGoal, "chunk has", "chunks have")} fewer replicas than wanted{doing}.", Page);
    }

    private static IEnumerable<HealthReason> Silos(ClusterView view)
    {
        foreach (var silo in view.Silos.Where(silo => !silo.IsActive))
            yield return new(HealthLevel.Warning, $"Silo {silo.Name} is {silo.Status.ToLowerInvariant()}.", "metaserver");
    }

    private static IEnumerable<HealthReason> Namespaces(ClusterView view)
    {
        var live = view.Servers.Count(server => server.Live);
        var masters = view.Silos.Count(silo => silo.IsActive && silo.Roles.HasFlag(SiloRoles.Meta));
        foreach (var space in view.Namespaces)
        {
            if (space.Status is not { } status)
            {
                yield return new(HealthLevel.Bad, $"Namespace {space.Name} does not answer: {space.Failure}.", "metaserver");
                continue;
            }

            var config = status.Config;
            if (live > 0 && live < config.Goal)
            {
                var there = Texts.Count(live, "chunk server is", "chunk servers are");
                yield return new(HealthLevel.Warning, $"Namespace {space.Name} wants {Texts.Count(config.Goal, "replica")} and {there} live.", "namespaces");
            }

            if (masters > 1 && status.Standbys.All(standby => standby.EditLogNumber < 0))
                yield return new(HealthLevel.Warning, $"Namespace {space.Name} has no standby that could take over.", "metaserver");
            if (config.MaxBytes > 0 && status.LengthBytes >= NearlyFull * config.MaxBytes)
                yield return new(HealthLevel.Warning, $"Namespace {space.Name} uses {Texts.Percent(status.LengthBytes, config.MaxBytes)} of its bytes.", "namespaces");
            if (config.MaxNames > 0 && status.Names >= NearlyFull * config.MaxNames)
                yield return new(HealthLevel.Warning, $"Namespace {space.Name} uses {Texts.Percent(status.Names, config.MaxNames)} of its names.", "namespaces");
        }
    }
}
