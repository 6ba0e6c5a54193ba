using System.Globalization;
using Gofs.Namespaces;

namespace Gofs.Ctl.Commands;

/// <summary>A namespace's settings, each with its value and whether that is what a new namespace has.</summary>
internal static class NamespaceSettingsTable
{
    /// <summary>The settings by the names they are set by.</summary>
    public static IEnumerable<(string Key, string Value, string Unit)> Rows(NamespaceConfig config) =>
    [
        ("chunk-size", Text(config.ChunkSizeBytes), "bytes"), ("goal", Text(config.Goal), "replicas"),
        ("min-replicas", Text(Math.Max(1, config.MinReplicas)), "replicas"), ("durability", config.Durability.ToString().ToLowerInvariant(), ""),
        ("trash", Text((long)config.TrashRetention.TotalSeconds), "s"), ("max-names", Text(config.MaxNames), "names"),
        ("max-bytes", Text(config.MaxBytes), "bytes"), ("max-stored", Text(config.MaxStoredBytes), "bytes"),
        ("lease", Text((long)config.LeaseTime.TotalSeconds), "s"), ("shards", Text(config.ChunkTableShards), "grains"),
    ];

    /// <summary>Prints them.</summary>
    public static async Task ShowAsync(Invocation run, string name, bool withOrigin)
    {
        var client = await run.ConnectAsync();
        var own = await client.Namespace(name).GetConfigAsync(run.Cancellation);
        var defaults = Rows(await client.GetDefaultConfigAsync(run.Cancellation)).ToDictionary(row => row.Key, row => row.Value, StringComparer.Ordinal);
        foreach (var (key, value, unit) in Rows(own))
        {
            var isDefault = defaults[key] == value;
            var origin = isDefault ? "default" : $"set for {name}; a namespace made now has {defaults[key]}";
            run.Out.Show($"{key,-13} {value,-12} {unit,-8} {(withOrigin ? origin : "")}".TrimEnd(), json =>
            {
                json.WriteString("namespace", name);
                json.WriteString("key", key);
                json.WriteString("value", value);
                json.WriteString("unit", unit);
                json.WriteString("origin", isDefault ? "default" : "namespace");
            });
        }
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
