using System.Globalization;
using Gofs.Namespaces;

namespace Gofs.Cluster;

/// <summary>
/// A setting that is the same for all silos and may change while they run: what it may be, and what it is when nobody says. A silo may be started with a
/// value of its own under the same name (<c>Silo:DeadSeconds</c>); one that is set for the cluster goes before it, everywhere.
/// </summary>
public sealed class ClusterSetting
{
    private readonly long least;
    private readonly long most;
    private readonly string[] words;

    private ClusterSetting(string key, string unit, string meaning, string normal, long least, long most, params string[] words)
    {
        (Key, Unit, Meaning, Default) = (key, unit, meaning, normal);
        (this.least, this.most, this.words) = (least, most, words);
    }

    /// <summary>How long a chunk server is silent until its replicas are made again elsewhere.</summary>
    public static ClusterSetting DeadSeconds { get; } = Number(
        "DeadSeconds", "s", 60, 3, 86_400, "how long a chunk server is silent until its replicas are made again elsewhere");

    /// <summary>How much each chunk server copies from others in a second.</summary>
    public static ClusterSetting CopyBytesPerSecond { get; } = Number(
        "CopyBytesPerSecond", BytesPerSecond, 64L << 20, 1L << 20, 1L << 40,
        "how much each chunk server copies from others to make replicas again; 8 times that while no client uses it");

    /// <summary>Whether replicas are moved from fuller chunk servers to emptier ones.</summary>
    public static ClusterSetting Rebalance { get; } = new(
        "Rebalance", "", "whether replicas are moved from fuller chunk servers to emptier ones", "true", 0, 0, "true", "false");

    /// <summary>How much each chunk server copies in a second for that.</summary>
    public static ClusterSetting RebalanceBytesPerSecond { get; } = Number(
        "RebalanceBytesPerSecond", BytesPerSecond, 16L << 20, 4L << 20, 1L << 40, "how much of CopyBytesPerSecond each chunk server copies for that");

    /// <summary>Within how many days every replica is read and checked.</summary>
    public static ClusterSetting ScrubDays { get; } = Number(
        "ScrubDays", "days", 14, 0, 365, "within how many days every replica is read and checked; 0: only when somebody asks");

    /// <summary>How much of that each chunk server reads in a second at most.</summary>
    public static ClusterSetting ScrubMegabytesPerSecond { get; } = Number(
        "ScrubMegabytesPerSecond", "MiB/s", 32, 1, 100_000, "how much each chunk server reads for that at most");

    /// <summary>The goal of namespaces that are made without one.</summary>
    public static ClusterSetting NewNamespaceGoal { get; } = Number(
        "NewNamespaceGoal", "replicas", 0, 1, NamespaceConfig.MostReplicas, "the goal of namespaces made without one; 1 embedded and 3 in a cluster when not set");

    /// <summary>How many replicas a write needs in namespaces that are made without saying.</summary>
    public static ClusterSetting NewNamespaceMinReplicas { get; } = Number(
        "NewNamespaceMinReplicas", "replicas", 1, 1, NamespaceConfig.MostReplicas, "how many replicas a write needs in namespaces made without saying; at most their goal");

    /// <summary>The durability of namespaces that are made without one.</summary>
    public static ClusterSetting NewNamespaceDurability { get; } = new(
        "NewNamespaceDurability", "", "the durability of namespaces made without one", "flush", 0, 0, "flush", "write", "none");

    /// <summary>How long removed files can be restored in namespaces that are made without saying.</summary>
    public static ClusterSetting NewNamespaceTrashSeconds { get; } = Number(
        "NewNamespaceTrashSeconds", "s", 86_400, 0, 315_360_000, "how long removed files can be restored in namespaces made without saying; 0: not at all");

    /// <summary>All of them.</summary>
    public static IReadOnlyList<ClusterSetting> All { get; } =
    [
        DeadSeconds, CopyBytesPerSecond, Rebalance, RebalanceBytesPerSecond, ScrubDays, ScrubMegabytesPerSecond,
        NewNamespaceGoal, NewNamespaceMinReplicas, NewNamespaceDurability, NewNamespaceTrashSeconds,
    ];

    private const string BytesPerSecond = "bytes/s";

    /// <summary>Its name.</summary>
    public string Key { get; }

    /// <summary>Its unit; empty for a word.</summary>
    public string Unit { get; }

    /// <summary>What it says, in a few words.</summary>
    public string Meaning { get; }

    /// <summary>What it is when nobody says; "0" where that depends on the file system (<see cref="NewNamespaceGoal"/>).</summary>
    public string Default { get; }

    /// <summary>What it may be.</summary>
    public string Range => words.Length > 0
        ? $"{string.Join(", ", words[..^1])} or {words[^1]}"
        : string.Create(CultureInfo.InvariantCulture, $"{least} to {most} {Unit}");

    /// <summary>The words it may be; empty: it is a number.</summary>
    public IReadOnlyList<string> Words => words;

    /// <summary>Whether a silo can be started with a value of its own.</summary>
    internal bool IsOfSilos => !Key.StartsWith("NewNamespace", StringComparison.Ordinal);

    /// <summary>The setting of a name, in any case; null: there is none.</summary>
    public static ClusterSetting? Find(string key) => All.FirstOrDefault(one => one.Key.Equals(key, StringComparison.OrdinalIgnoreCase));

    /// <summary>
    /// Reads a value: a number, of bytes with an optional K, M, G or T (powers of 1,024), or a word, in any case; on and off are true and false.
    /// </summary>
    /// <param name="text">What was written.</param>
    /// <param name="value">The value as it is kept: digits, or the word.</param>
    /// <returns>Whether it may be so.</returns>
    public bool TryRead(string text, out string value)
    {
        ArgumentNullException.ThrowIfNull(text);
        value = "";
        if (words.Length > 0)
        {
            var word = words[0] != "true" ? text : text.ToUpperInvariant() switch { "ON" => "true", "OFF" => "false", _ => text };
            value = words.FirstOrDefault(one => one.Equals(word, StringComparison.OrdinalIgnoreCase)) ?? "";
            return value.Length > 0;
        }

        var last = Unit == BytesPerSecond && text.Length > 0 ? char.ToUpperInvariant(text[^1]) : '0';
        var shift = last switch { 'K' => 10, 'M' => 20, 'G' => 30, 'T' => 40, _ => 0 };
        if (!long.TryParse(text.AsSpan(0, text.Length - (shift > 0 ? 1 : 0)), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            || number > most >> shift || number << shift < least) return false;
        value = (number << shift).ToString(CultureInfo.InvariantCulture);
        return true;
    }

    /// <summary>What is wrong with a value; null: nothing.</summary>
    internal string? FaultOf(string text) => TryRead(text, out _) ? null : $"{Key} is {Range}, not '{text}'";

    private static ClusterSetting Number(string key, string unit, long normal, long least, long most, string meaning) =>
        new(key, unit, meaning, normal.ToString(CultureInfo.InvariantCulture), least, most);
}
