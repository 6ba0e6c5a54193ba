using Gofs.Grains.EditLogs;

namespace Gofs.Grains.Namespaces;

/// <summary>
/// The results of the last commands by op-id, so that one asked again after an unknown outcome gets its first answer. Bounded: the
/// oldest make room. A refusal is a result below zero.
/// </summary>
internal sealed class OpResults
{
    /// <summary>How many are kept.</summary>
    public const int Most = 65_536;

    private readonly Dictionary<OpId, long> results = [];
    private readonly Queue<OpId> order = new();

    /// <summary>The result of a command that was done, if it is still known.</summary>
    public bool TryGet(OpId id, out long result) => results.TryGetValue(id, out result);

    /// <summary>The result that a refusal is.</summary>
    public static long Of(GofsError refusal) => ~(long)refusal;

    /// <summary>A result, or the refusal that it is.</summary>
    public static long OrThrow(long result) =>
        result >= 0 ? result : throw new GofsException((GofsError)~result, "it was refused already, when it was asked for before");

    /// <summary>Keeps a result.</summary>
    public void Add(OpId id, long result)
    {
        if (!results.TryAdd(id, result)) return;
        order.Enqueue(id);
        if (order.Count > Most) results.Remove(order.Dequeue());
    }

    /// <summary>Writes them, oldest first.</summary>
    public void Write(SnapshotWriter writer)
    {
        writer.WriteInt32(order.Count);
        foreach (var id in order)
        {
            writer.WriteGuid(id.Value);
            writer.WriteInt64(results[id]);
        }
    }

    /// <summary>Reads them.</summary>
    public void Read(SnapshotReader reader)
    {
        for (var left = reader.ReadCount(Most); left > 0; left--) Add(new(reader.ReadGuid()), reader.ReadInt64());
    }
}
