using System.Globalization;
using Gofs.Namespaces;
using Gofs.Web.Parts;

namespace Gofs.Web.Namespaces;

/// <summary>The settings of a namespace as a person types them, with units, and what is wrong with them.</summary>
public sealed class NamespaceForm
{
    /// <summary>The name of a new namespace.</summary>
    public string Name { get; set; } = "";

    /// <summary>Chunk size, as "64 MiB".</summary>
    public string ChunkSize { get; set; } = "";

    /// <summary>Wanted replicas.</summary>
    public string Goal { get; set; } = "";

    /// <summary>Replicas a write needs at least; empty for the default.</summary>
    public string MinReplicas { get; set; } = "";

    /// <summary>When bytes are on stable storage.</summary>
    public Durability Durability { get; set; }

    /// <summary>How long the trash keeps, as "1 d".</summary>
    public string TrashRetention { get; set; } = "";

    /// <summary>Quota of names; empty for none.</summary>
    public string MaxNames { get; set; } = "";

    /// <summary>Quota of bytes, as "1 TiB"; empty for none.</summary>
    public string MaxBytes { get; set; } = "";

    /// <summary>Quota of stored bytes, of each file its length times its goal, as "3 TiB"; empty for none.</summary>
    public string MaxStoredBytes { get; set; } = "";

    /// <summary>How long a writer lease lives, as "60 s".</summary>
    public string LeaseTime { get; set; } = "";

    private int Shards { get; set; } = NamespaceConfig.Default.ChunkTableShards;

    /// <summary>The form of settings there are.</summary>
    public static NamespaceForm Of(string name, NamespaceConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return new()
        {
            Name = name,
            ChunkSize = Units.Size(config.ChunkSizeBytes),
            Goal = config.Goal.ToString(CultureInfo.InvariantCulture),
            MinReplicas = config.MinReplicas == 0 ? "" : config.MinReplicas.ToString(CultureInfo.InvariantCulture),
            Durability = config.Durability,
            TrashRetention = Units.Span(config.TrashRetention),
            MaxNames = config.MaxNames == 0 ? "" : config.MaxNames.ToString(CultureInfo.InvariantCulture),
            MaxBytes = config.MaxBytes == 0 ? "" : Units.Size(config.MaxBytes),
            MaxStoredBytes = config.MaxStoredBytes == 0 ? "" : Units.Size(config.MaxStoredBytes),
            LeaseTime = Units.Span(config.LeaseTime),
            Shards = config.ChunkTableShards,
        };
    }

    /// <summary>The settings, or everything that is wrong, by field.</summary>
    public (NamespaceConfig? Config, IReadOnlyDictionary<string, string> Faults) Read()
    {
        Dictionary<string, string> faults = [];
        if (Name.Length is < 1 or > 63 || Name[0] is '-' or '_' || !Name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_'))
            faults[nameof(Name)] = "1 to 63 of a-z, 0-9, '-' and '_', beginning with a letter or digit";
        var chunkSize = Units.ParseSize(ChunkSize);
        if (chunkSize is not { } size || !NamespaceConfig.IsChunkSize(size)) faults[nameof(ChunkSize)] = "A multiple of 64 KiB, 64 KiB to 1 GiB";
        var goal = Number(nameof(Goal), Goal, 1, 9, "1 to 9", faults);
        var least = Number(nameof(MinReplicas), MinReplicas, 0, Math.Max(goal, 1), "Up to the goal", faults);
        var retention = Units.ParseSpan(TrashRetention);
        if (retention is not { } kept || kept < TimeSpan.Zero) faults[nameof(TrashRetention)] = "A time such as 12 h or 7 d; 0 s removes at once";
        var names = Number(nameof(MaxNames), MaxNames, 0, long.MaxValue, "A number, or nothing for no quota", faults);
        var bytes = MaxBytes.Trim().Length == 0 ? 0 : Units.ParseSize(MaxBytes);
        if (bytes is null) faults[nameof(MaxBytes)] = "A size such as 500 GiB, or nothing for no quota";
        var stored = MaxStoredBytes.Trim().Length == 0 ? 0 : Units.ParseSize(MaxStoredBytes);
        if (stored is null) faults[nameof(MaxStoredBytes)] = "A size such as 500 GiB, or nothing for no quota";
        var lease = Units.ParseSpan(LeaseTime);
        if (lease is not { } lives || lives < TimeSpan.FromSeconds(1) || lives > TimeSpan.FromHours(1)) faults[nameof(LeaseTime)] = "1 s to 1 h";
        if (faults.Count > 0) return (null, faults);
        var config = new NamespaceConfig(chunkSize!.Value, (int)goal, Durability, retention!.Value, names, bytes!.Value, lease!.Value, Shards)
        {
            MinReplicas = (int)least, MaxStoredBytes = stored!.Value,
        };
        return (config, faults);
    }

    private static long Number(string field, string text, long least, long most, string fault, Dictionary<string, string> faults)
    {
        var trimmed = text.Trim();
        if (trimmed.Length == 0 && least == 0) return 0;
        var digits = trimmed.Replace(",", "", StringComparison.Ordinal);
        if (long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most) return number;
        faults[field] = fault;
        return 0;
    }
}
