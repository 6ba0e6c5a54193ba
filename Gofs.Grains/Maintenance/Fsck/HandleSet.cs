using Gofs.Chunks;

namespace Gofs.Grains.Maintenance.Fsck;

/// <summary>A set of one namespace's chunks, a bit each.</summary>
internal sealed class HandleSet(int namespaceNumber, int shards)
{
    private readonly NumberSet[] counters = [.. Enumerable.Range(0, shards).Select(_ => new NumberSet())];

    /// <summary>How many there are.</summary>
    public long Count => counters.Sum(shard => shard.Count);

    /// <summary>Puts a chunk in.</summary>
    public void Add(ChunkHandle handle) => counters[handle.Shard].Add(handle.Counter);

    /// <summary>Puts a chunk in; false when it is there already. None and one of another namespace are passed over.</summary>
    public bool TryAdd(ChunkHandle handle) => !IsHere(handle) || counters[handle.Shard].Add(handle.Counter);

    /// <summary>Takes a chunk out; none, one that is not there and one of another namespace are passed over.</summary>
    public void Remove(ChunkHandle handle)
    {
        if (IsHere(handle)) counters[handle.Shard].Remove(handle.Counter);
    }

    private bool IsHere(ChunkHandle handle) => handle != ChunkHandle.None && handle.NamespaceNumber == namespaceNumber && handle.Shard < shards;

    /// <summary>The chunks, table by table, in order.</summary>
    public IEnumerable<ChunkHandle> All() =>
        counters.SelectMany((set, shard) => set.All().Select(counter => ChunkHandle.Create(namespaceNumber, shard, counter)));
}
