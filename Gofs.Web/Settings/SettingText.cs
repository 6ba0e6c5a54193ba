using System.Globalization;
using Gofs.Cluster;
using Gofs.Web.Parts;

namespace Gofs.Web.Settings;

/// <summary>Settings as people read and type them, and what changing one does.</summary>
internal static class SettingText
{
    /// <summary>A value with its unit: "64 MiB/s", "1 min", "3 replicas".</summary>
    public static string Show(ClusterSetting setting, string value)
    {
        if (setting.Words.Count > 0 || !long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return value;
        if (IsRate(setting)) return $"{Units.Size(number)}/s";
        if (IsTime(setting)) return Units.Span(TimeSpan.FromSeconds(number));
        return number == 1 && setting.Unit is "days" or "replicas" ? $"1 {setting.Unit[..^1]}" : $"{Texts.Count(number)} {setting.Unit}";
    }

    /// <summary>What stands in its field: as shown where that can be typed.</summary>
    public static string Field(ClusterSetting setting, string value) =>
        IsTime(setting) || IsRate(setting) ? Show(setting, value).Replace("/s", "", StringComparison.Ordinal) : value;

    /// <summary>The value that was typed, as it is kept; null: it may not be so.</summary>
    public static string? Read(ClusterSetting setting, string text)
    {
        var typed = text.Trim();
        var number = IsRate(setting) ? Units.ParseSize(typed.EndsWith("/s", StringComparison.Ordinal) ? typed[..^2] : typed)
            : IsTime(setting) && Units.ParseSpan(typed) is { } span && span.Ticks % TimeSpan.TicksPerSecond == 0 ? (long)span.TotalSeconds : null;
        return setting.TryRead(number?.ToString(CultureInfo.InvariantCulture) ?? typed, out var value) ? value : null;
    }

    /// <summary>What it may be: "3 s to 1 d".</summary>
    public static string Range(ClusterSetting setting) => setting.Words.Count > 0 ? setting.Range
        : string.Join(" to ", setting.Range.Split(' ')[..^1].Where(part => part != "to").Select(part => Show(setting, part)));

    /// <summary>What the change does to what is there, where somebody has to be sure of it; null: it is for namespaces that are not there yet.</summary>
    /// <param name="setting">Which.</param>
    /// <param name="before">What is in force.</param>
    /// <param name="after">What would be; null: what holds when the cluster does not say.</param>
    public static string? Consequence(ClusterSetting setting, string before, string? after)
    {
        if (setting.Key.StartsWith("NewNamespace", StringComparison.Ordinal)) return null;
        var to = after is null ? "what each silo was started with, else the default" : Show(setting, after);
        var change = $"{setting.Key} goes from {Show(setting, before)} to {to}, on every silo within seconds.";
        var falls = after is not null && long.TryParse(before, out var was) && long.TryParse(after, out var will) && will < was;
        return setting switch
        {
            _ when setting == ClusterSetting.DeadSeconds && falls =>
                $"{change} A chunk server that is silent for longer than that counts as dead at once, and its replicas are made again elsewhere.",
            _ when setting == ClusterSetting.CopyBytesPerSecond && falls => $"{change} Chunks below their goal stay so for longer.",
            _ when setting == ClusterSetting.CopyBytesPerSecond || setting == ClusterSetting.RebalanceBytesPerSecond =>
                $"{change} Copying takes from disks and network what clients have otherwise.",
            _ when setting == ClusterSetting.ScrubDays && after == "0" => $"{change} Rotten bytes are found only when somebody reads them or asks for a scrub.",
            _ => change,
        };
    }

    private static bool IsRate(ClusterSetting setting) => setting.Unit == "bytes/s";

    private static bool IsTime(ClusterSetting setting) => setting.Unit == "s";
}
