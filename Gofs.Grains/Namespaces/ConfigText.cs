using System.Globalization;
using Gofs.Namespaces;

namespace Gofs.Grains.Namespaces;

/// <summary>What is different in a namespace's settings, as gofsctl names them.</summary>
internal static class ConfigText
{
    /// <summary>Each setting that changes, with what it was and what it is.</summary>
    public static string Changes(NamespaceConfig before, NamespaceConfig after)
    {
        var changes = Parts(before).Zip(Parts(after)).Where(both => both.First.Value != both.Second.Value)
            .Select(both => $"{both.First.Key}: {both.First.Value} to {both.Second.Value}").ToArray();
        return changes.Length == 0 ? "as before" : string.Join(", ", changes);
    }

    private static IEnumerable<(string Key, string Value)> Parts(NamespaceConfig config) =>
    [
        ("chunk-size", Text(config.ChunkSizeBytes)), ("goal", Text(config.Goal)), ("min-replicas", Text(Math.Max(1, config.MinReplicas))),
        ("durability", config.Durability.ToString().ToLowerInvariant()), ("trash", $"{Text((long)config.TrashRetention.TotalSeconds)} s"),
        ("max-names", Text(config.MaxNames)), ("max-bytes", Text(config.MaxBytes)), ("max-stored", Text(config.MaxStoredBytes)),
        ("lease", $"{Text((long)config.LeaseTime.TotalSeconds)} s"),
    ];

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
