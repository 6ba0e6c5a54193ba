using Gofs.Cluster;

namespace Gofs.Grains.Namespaces;

/// <summary>What administrators did to the namespace, as its records tell it.</summary>
internal sealed partial class NamespaceState
{
    /// <summary>The longest word about an act, in characters: a Snapshot has to be able to take it, whatever path it names.</summary>
    internal const int MostActChars = 1000;

    /// <summary>The latest, the last one last; the oldest go.</summary>
    public List<AuditEntry> Audit { get; } = [];

    /// <summary>How many there were; the number of the last.</summary>
    public long LastAudit { get; internal set; }

    private void Apply(Administered act)
    {
        if (act.What is { } what) Apply(what);
        Audit.Add(new(++LastAudit, DateTimeOffset.UnixEpoch.AddTicks(act.At / 100), act.By, Cut(act.Act), Cut(act.Details)) { Namespace = Name });
        if (Audit.Count > AuditEntry.Most) Audit.RemoveRange(0, Audit.Count - AuditEntry.Most);
    }

    /// <summary>What of a word about an act is kept.</summary>
    internal static string Cut(string text) => text.Length <= MostActChars ? text : text[..MostActChars];
}
