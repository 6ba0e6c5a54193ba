using System.Globalization;
using Gofs.Cluster;
using Gofs.Namespaces;
using Orleans;

namespace Gofs.Grains.Cluster;

/// <summary>What administrators set for the cluster, and what they did.</summary>
public sealed partial class ClusterState
{
    /// <summary>The most settings that are changed at once.</summary>
    public const int MostChanges = 100;

    private const int MostText = 1000;

    /// <summary>Grows with every change of <see cref="Settings"/>.</summary>
    [Id(10)] public long SettingsRevision { get; set; }

    /// <summary>What is set for the cluster.</summary>
    [Id(11)] public List<SettingValue> Settings { get; set; } = [];

    /// <summary>What administrators did, the latest last; the oldest go.</summary>
    [Id(12)] public List<AuditEntry> Audit { get; set; } = [];

    /// <summary>Number of the last of them.</summary>
    [Id(13)] public long LastAudit { get; set; }

    /// <summary>Changes settings: all of these or none.</summary>
    /// <param name="changes">Which; of several of one setting the last counts.</param>
    /// <param name="newNamespaces">What namespaces are made with when nothing is set.</param>
    /// <param name="by">Who asks for it.</param>
    /// <param name="now">When.</param>
    /// <exception cref="GofsException"><see cref="GofsError.InvalidArgument"/>: the message has every fault.</exception>
    public void Change(IReadOnlyList<SettingChange> changes, NamespaceConfig newNamespaces, Caller by, DateTimeOffset now)
    {
        if (changes.Count is 0 or > MostChanges)
            throw new GofsException(GofsError.InvalidArgument, $"1 to {MostChanges} settings are changed at once, not {changes.Count}");
        List<string> faults = [];
        var values = Settings.ToDictionary(one => one.Key, StringComparer.Ordinal);
        foreach (var (key, text) in changes)
        {
            if (ClusterSetting.Find(key) is not { } setting) faults.Add($"there is no setting '{key}' (gofsctl config show lists them)");
            else if (text is null) values.Remove(setting.Key);
            else if (setting.TryRead(text, out var value)) values[setting.Key] = new(setting.Key, value, by, now);
            else faults.Add(setting.FaultOf(text)!);
        }

        // It also grows past what was lost with a database that was restored: silos take no older settings than they have.
        var changed = new ClusterSettings(Math.Max(SettingsRevision + 1, now.ToUnixTimeMilliseconds()), [.. values.Values]);
        if (faults.Count == 0) faults.AddRange(Relations(changed, newNamespaces));
        if (faults.Count > 0) throw new GofsException(GofsError.InvalidArgument, string.Join("; ", faults));
        Note(by, changes.All(one => one.Value is null) ? "config unset" : "config set", string.Join(", ", changes.Select(Describe)), now);
        (SettingsRevision, Settings) = (changed.Revision, [.. changed.Values]);
    }

    /// <summary>What is set for the cluster.</summary>
    public ClusterSettings InForce() => new(SettingsRevision, [.. Settings]);

    /// <summary>The settings of a namespace that is made without any.</summary>
    /// <param name="settings">What is set for the cluster.</param>
    /// <param name="otherwise">What holds where it says nothing.</param>
    public static NamespaceConfig NewNamespaces(ClusterSettings settings, NamespaceConfig otherwise) => otherwise with
    {
        Goal = (int)(settings.Number(ClusterSetting.NewNamespaceGoal) ?? otherwise.Goal),
        MinReplicas = (int)(settings.Number(ClusterSetting.NewNamespaceMinReplicas) ?? otherwise.MinReplicas),
        Durability = settings.Find(ClusterSetting.NewNamespaceDurability) is { } set
            ? Enum.Parse<Durability>(set.Value, ignoreCase: true)
            : otherwise.Durability,
        TrashRetention = settings.Number(ClusterSetting.NewNamespaceTrashSeconds) is { } seconds ? TimeSpan.FromSeconds(seconds) : otherwise.TrashRetention,
    };

    /// <summary>Remembers what an administrator did.</summary>
    public void Note(Caller by, string act, string text, DateTimeOffset now)
    {
        Audit.Add(new(++LastAudit, now, by, act, text.Length <= MostText ? text : text[..MostText]));
        if (Audit.Count > AuditEntry.Most) Audit.RemoveRange(0, Audit.Count - AuditEntry.Most);
    }

    private static IEnumerable<string> Relations(ClusterSettings settings, NamespaceConfig newNamespaces)
    {
        var (copy, move) = (ClusterSetting.CopyBytesPerSecond, ClusterSetting.RebalanceBytesPerSecond);
        if (InForce(settings, move) > InForce(settings, copy))
            yield return string.Create(CultureInfo.InvariantCulture,
                $"{move.Key} ({InForce(settings, move)} {move.Unit}) is at most {copy.Key} ({InForce(settings, copy)} {copy.Unit}): it is part of it");
        var made = NewNamespaces(settings, newNamespaces);
        if (made.MinReplicas > made.Goal)
            yield return string.Create(CultureInfo.InvariantCulture,
                $"{ClusterSetting.NewNamespaceMinReplicas.Key} ({made.MinReplicas}) is at most {ClusterSetting.NewNamespaceGoal.Key} ({made.Goal}): no write could end");
    }

    // What silos were started with is theirs: where nothing is set, what holds when nobody says.
    private static long InForce(ClusterSettings settings, ClusterSetting setting) =>
        settings.Number(setting) ?? long.Parse(setting.Default, CultureInfo.InvariantCulture);

    private string Describe(SettingChange change)
    {
        var setting = ClusterSetting.Find(change.Key)!;
        var before = Settings.Find(one => one.Key == setting.Key)?.Value ?? "not set";
        return $"{setting.Key}: {(change.Value is { } text && setting.TryRead(text, out var value) ? value : "not set")} (before: {before})";
    }
}
