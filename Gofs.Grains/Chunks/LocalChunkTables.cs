using Gofs.Chunks;

namespace Gofs.Grains.Chunks;

/// <summary>
/// How the chunk tables on this silo stand, by namespace, as of a second ago. What was copied is counted on after a table has moved away, so that the
/// silo's sums never go back. Thread-safe.
/// </summary>
internal sealed class LocalChunkTables
{
    private readonly Lock gate = new();
    private readonly Dictionary<object, (string Name, HealingStatus Status)> tables = [];
    private readonly Dictionary<string, HealingStatus> former = new(StringComparer.Ordinal);

    /// <summary>A table says how it stands.</summary>
    public void Show(object table, string name, HealingStatus status)
    {
        lock (gate) tables[table] = (name, status);
    }

    /// <summary>A table is here no more.</summary>
    public void Hide(object table)
    {
        lock (gate)
        {
            if (!tables.Remove(table, out var last)) return;
            var (name, status) = last;
            former[name] = Copies(former.GetValueOrDefault(name) ?? new()).With(Copies(status));
        }
    }

    /// <summary>The sum of each namespace's tables.</summary>
    public IReadOnlyList<(string Name, HealingStatus Status)> Sums()
    {
        lock (gate)
        {
            Dictionary<string, HealingStatus> sums = new(former, StringComparer.Ordinal);
            foreach (var (name, status) in tables.Values) sums[name] = (sums.GetValueOrDefault(name) ?? new()).With(status);
            return [.. sums.OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => (one.Key, one.Value))];
        }
    }

    private static HealingStatus Copies(HealingStatus status) => new()
    {
        Copied = status.Copied,
        CopiedBytes = status.CopiedBytes,
        Moved = status.Moved,
        MovedBytes = status.MovedBytes,
    };
}
