using System.Collections.Concurrent;
using Gofs.Chunks;
using Gofs.Grains.ChunkServers;

namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>What is where: one small entry for each replica, and what changed since the last chunk report.</summary>
internal sealed class ChunkIndex
{
    private readonly ConcurrentDictionary<ChunkHandle, ChunkPlace> places = new();
    private readonly Lock gate = new();
    private Dictionary<ChunkHandle, bool> changed = [];

    /// <summary>Where a chunk is.</summary>
    public bool TryGet(ChunkHandle handle, out ChunkPlace place) => places.TryGetValue(handle, out place);

    /// <summary>A chunk came, grew or got a version. Length alone is not worth a report.</summary>
    public void Set(ChunkHandle handle, ChunkPlace place)
    {
        while (true)
        {
            var isKnown = places.TryGetValue(handle, out var old);
            var isNews = !isKnown || old.Version != place.Version;
            var now = place with { MayAppend = place.MayAppend && (isNews || old.MayAppend) };
            if (isKnown ? !places.TryUpdate(handle, now, old) : !places.TryAdd(handle, now)) continue;
            if (isNews) Note(handle, isThere: true);
            return;
        }
    }

    /// <summary>Nothing more is appended to a chunk with this server as the primary, until it has another version.</summary>
    public void EndAppends(ChunkHandle handle, ChunkVersion version)
    {
        while (places.TryGetValue(handle, out var place) && place.Version == version && place.MayAppend)
            places.TryUpdate(handle, place with { MayAppend = false }, place);
    }

    /// <summary>A chunk is found when a disk is put into service; false: it is on another disk too.</summary>
    public bool TryAdd(ChunkHandle handle, ChunkPlace place)
    {
        if (!places.TryAdd(handle, place)) return false;
        Note(handle, isThere: true);
        return true;
    }

    /// <summary>A chunk went; answers from which disk, or null.</summary>
    public Disk? Remove(ChunkHandle handle)
    {
        if (!places.TryRemove(handle, out var place)) return null;
        Note(handle, isThere: false);
        return place.Disk;
    }

    /// <summary>All chunks of a disk went.</summary>
    public void RemoveAll(Disk disk)
    {
        foreach (var handle in places.Where(one => one.Value.Disk == disk).Select(one => one.Key).ToArray()) Remove(handle);
    }

    /// <summary>All replicas, or those of one chunk table.</summary>
    public List<ReplicaReport> All(int namespaceNumber = 0, int shard = 0)
    {
        List<ReplicaReport> all = [];
        foreach (var (handle, place) in places)
        {
            if (namespaceNumber == 0 || (handle.NamespaceNumber == namespaceNumber && handle.Shard == shard))
                all.Add(new(handle, place.Version, place.LengthBytes));
        }

        return all;
    }

    /// <summary>Forgets the changes so far.</summary>
    public void ForgetChanges()
    {
        lock (gate) changed = [];
    }

    /// <summary>The changes since the last call.</summary>
    public ChunkChanges TakeChanges()
    {
        Dictionary<ChunkHandle, bool> taken;
        lock (gate)
        {
            if (changed.Count == 0) return new([], []);
            (taken, changed) = (changed, []);
        }

        List<ReplicaReport> present = [];
        List<ChunkHandle> gone = [];
        foreach (var handle in taken.Keys)
        {
            if (places.TryGetValue(handle, out var place)) present.Add(new(handle, place.Version, place.LengthBytes));
            else gone.Add(handle);
        }

        return new(present, gone);
    }

    private void Note(ChunkHandle handle, bool isThere)
    {
        lock (gate) changed[handle] = isThere;
    }
}

/// <summary>Where a replica is.</summary>
/// <param name="Disk">The disk.</param>
/// <param name="Version">Its version.</param>
/// <param name="LengthBytes">Its length.</param>
/// <param name="IsSure">Whether it has that length for sure. Of one found at the start it is its file's, behind whose end may be what a crash left.</param>
/// <param name="MayAppend">
/// Whether this server may be the primary of appends under that version: it got the version since it started, and no append under it has failed.
/// </param>
internal readonly record struct ChunkPlace(Disk Disk, ChunkVersion Version, long LengthBytes, bool IsSure = true, bool MayAppend = true);
