using System.Globalization;
using Orleans;

namespace Gofs.Cluster;

/// <summary>A setting that somebody set for the cluster.</summary>
/// <param name="Key">Which (<see cref="ClusterSetting.Key"/>).</param>
/// <param name="Value">Its value, as it is kept.</param>
/// <param name="By">Who set it.</param>
/// <param name="At">When.</param>
[GenerateSerializer, Immutable, Alias("gofs.cluster.setting")]
public sealed record SettingValue(
    [property: Id(0)] string Key, [property: Id(1)] string Value, [property: Id(2)] Caller By, [property: Id(3)] DateTimeOffset At);

/// <summary>A change of a setting of the cluster.</summary>
/// <param name="Key">Which.</param>
/// <param name="Value">What it is from now on; null: the cluster does not say any more.</param>
[GenerateSerializer, Immutable, Alias("gofs.cluster.setting-change")]
public sealed record SettingChange([property: Id(0)] string Key, [property: Id(1)] string? Value);

/// <summary>What is set for the cluster.</summary>
/// <param name="Revision">Grows with every change; 0: nothing was ever set.</param>
/// <param name="Values">What is set, in no order.</param>
[GenerateSerializer, Immutable, Alias("gofs.cluster.settings")]
public sealed record ClusterSettings([property: Id(0)] long Revision, [property: Id(1)] SettingValue[] Values)
{
    /// <summary>Nothing is set.</summary>
    public static ClusterSettings None { get; } = new(0, []);

    /// <summary>What somebody set, or null.</summary>
    public SettingValue? Find(ClusterSetting setting) => Array.Find(Values, one => one.Key == setting.Key);

    /// <summary>A number that is set, or null.</summary>
    internal long? Number(ClusterSetting setting) => Find(setting) is { } set ? long.Parse(set.Value, CultureInfo.InvariantCulture) : null;

    /// <summary>Whether something is set to yes, or null.</summary>
    internal bool? Switch(ClusterSetting setting) => Find(setting) is { } set ? set.Value == "true" : null;
}

/// <summary>Where a value comes from.</summary>
public enum SettingOrigin
{
    /// <summary>Nobody said anything.</summary>
    Default = 0,

    /// <summary>A silo was started with it: its appsettings.json, environment or command line.</summary>
    Silo = 1,

    /// <summary>It was set for the cluster.</summary>
    Cluster = 2,
}

/// <summary>A setting as it is in force.</summary>
/// <param name="Setting">Which.</param>
/// <param name="Value">Its value on every silo, or, where silos were started with their own, on the others.</param>
/// <param name="Origin">Where it comes from: <see cref="SettingOrigin.Silo"/> when any silo has its own.</param>
public sealed record SettingInForce(ClusterSetting Setting, string Value, SettingOrigin Origin)
{
    /// <summary>Who set it for the cluster, and when; null when nobody did.</summary>
    public SettingValue? Set { get; init; }

    /// <summary>What silos were started with, by their names; without effect while it is set for the cluster.</summary>
    public IReadOnlyDictionary<string, string> OfSilos { get; init; } = new Dictionary<string, string>();
}
