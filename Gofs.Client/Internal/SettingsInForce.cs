using System.Globalization;
using Gofs.Cluster;
using Gofs.Namespaces;

namespace Gofs.Internal;

/// <summary>What is in force, of what is set for the cluster, what silos were started with, and what holds when nobody says. Pure.</summary>
internal static class SettingsInForce
{
    /// <summary>Every setting.</summary>
    /// <param name="set">What is set for the cluster.</param>
    /// <param name="silos">The silos, with their own settings.</param>
    /// <param name="newNamespaces">The settings of a namespace that is made without any.</param>
    public static IReadOnlyList<SettingInForce> All(ClusterSettings set, IReadOnlyList<SiloInfo> silos, NamespaceConfig newNamespaces) =>
        [.. ClusterSetting.All.Select(setting => Of(setting, set.Find(setting), OfSilos(setting, silos), newNamespaces))];

    private static SettingInForce Of(ClusterSetting setting, SettingValue? set, Dictionary<string, string> own, NamespaceConfig newNamespaces)
    {
        var origin = set is not null ? SettingOrigin.Cluster : own.Count > 0 ? SettingOrigin.Silo : SettingOrigin.Default;
        return new(setting, set?.Value ?? OfNewNamespaces(setting, newNamespaces) ?? setting.Default, origin) { Set = set, OfSilos = own };
    }

    private static Dictionary<string, string> OfSilos(ClusterSetting setting, IReadOnlyList<SiloInfo> silos)
    {
        Dictionary<string, string> own = new(StringComparer.Ordinal);
        var prefix = setting.Key + "=";
        foreach (var silo in silos)
        {
            var said = silo.OwnSettings.Split(' ').FirstOrDefault(one => one.StartsWith(prefix, StringComparison.Ordinal));
            if (said is not null) own[silo.Name] = said[prefix.Length..];
        }

        return own;
    }

    private static string? OfNewNamespaces(ClusterSetting setting, NamespaceConfig config) =>
        setting == ClusterSetting.NewNamespaceGoal ? Text(config.Goal)
        : setting == ClusterSetting.NewNamespaceMinReplicas ? Text(Math.Max(1, config.MinReplicas))
        : setting == ClusterSetting.NewNamespaceDurability ? config.Durability.ToString().ToLowerInvariant()
        : setting == ClusterSetting.NewNamespaceTrashSeconds ? Text((long)config.TrashRetention.TotalSeconds)
        : null;

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
