using Gofs.Chunks;
using Gofs.ChunkServers;

namespace Gofs.Grains.ChunkServers;

/// <summary>
/// What a chunk server has yet to tell its chunk tables: for each table the newest word on each chunk. Pure. It is bounded by the chunks
/// there are; a table that does not answer keeps its entries until it does.
/// </summary>
public sealed class PendingReports
{
    /// <summary>Replicas in one part of a report.</summary>
    public const int PartReplicas = 10_000;

    private readonly Dictionary<(int Namespace, int Shard), Pending> tables = [];

    /// <summary>The tables something is to be told.</summary>
    public IReadOnlyList<(int Namespace, int Shard)> Tables => [.. tables.Keys];

    /// <summary>Everything there is: the server starts.</summary>
    public void AddAll(IReadOnlyList<ReplicaReport> all)
    {
        tables.Clear();
        foreach (var replica in all) Of(replica.Handle).Say(replica.Handle, replica);
        foreach (var pending in tables.Values) pending.Full = true;
    }

    /// <summary>What changed.</summary>
    public void Add(ChunkChanges changes)
    {
        foreach (var handle in changes.Gone) Of(handle).Say(handle, null);
        foreach (var replica in changes.Present) Of(replica.Handle).Say(replica.Handle, replica);
    }

    /// <summary>
    /// A table asks for everything: nothing is taken for it until all has been gathered (<see cref="Release"/>). A change that was told
    /// while the rest was gathered without it would be forgotten when the rest comes.
    /// </summary>
    public void Hold((int Namespace, int Shard) table) => Of(table).Holds++;

    /// <summary>Everything there is for the table was gathered; null: it could not be. Changes since <see cref="Hold"/> are newer word.</summary>
    public void Release((int Namespace, int Shard) table, IReadOnlyList<ReplicaReport>? all)
    {
        if (!tables.TryGetValue(table, out var pending)) return;
        pending.Holds--;
        foreach (var replica in all ?? []) pending.Words.TryAdd(replica.Handle, replica);
        pending.Full |= all is not null;
        if (pending.IsTold) tables.Remove(table);
    }

    /// <summary>
    /// Takes one table's next part; null when nothing is left, or all is being gathered. What could not be told is given back by <see cref="GiveBack"/>.
    /// </summary>
    public ChunkReport? Take((int Namespace, int Shard) table, ServerId server)
    {
        if (!tables.TryGetValue(table, out var pending) || pending.Holds > 0) return null;
        var part = pending.Words.Take(PartReplicas).ToArray();
        foreach (var (handle, _) in part) pending.Words.Remove(handle);
        var first = pending.Full;
        pending.Full = false;
        if (pending.IsTold) tables.Remove(table);
        return new(server, first,
            [.. part.Where(word => word.Value is not null).Select(word => word.Value!.Value)],
            [.. part.Where(word => word.Value is null).Select(word => word.Key)]) { HasMore = pending.Words.Count > 0 };
    }

    /// <summary>A part did not arrive: what was not said anew meanwhile is to be told again.</summary>
    public void GiveBack((int Namespace, int Shard) table, ChunkReport part)
    {
        var pending = Of(table);
        pending.Full |= part.First;
        foreach (var replica in part.Present) pending.Words.TryAdd(replica.Handle, replica);
        foreach (var handle in part.Gone) pending.Words.TryAdd(handle, null);
    }

    /// <summary>Nothing is to be told of a namespace that is no more.</summary>
    public void Forget(int namespaceNumber)
    {
        foreach (var table in tables.Keys.Where(table => table.Namespace == namespaceNumber).ToArray()) tables.Remove(table);
    }

    private Pending Of(ChunkHandle handle) => Of((handle.NamespaceNumber, handle.Shard));

    private Pending Of((int Namespace, int Shard) table)
    {
        if (!tables.TryGetValue(table, out var pending)) tables[table] = pending = new();
        return pending;
    }

    private sealed class Pending
    {
        public Dictionary<ChunkHandle, ReplicaReport?> Words { get; } = [];

        public bool Full { get; set; }

        public int Holds { get; set; }

        public bool IsTold => Words.Count == 0 && !Full && Holds == 0;

        public void Say(ChunkHandle handle, ReplicaReport? replica) => Words[handle] = replica;
    }
}
