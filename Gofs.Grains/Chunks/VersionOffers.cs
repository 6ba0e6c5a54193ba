using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Grains.ChunkServers;

namespace Gofs.Grains.Chunks;

/// <summary>
/// The versions a chunk table has offered to chunk servers and not yet settled. A server that was offered one and did not answer may have taken
/// it, and misses what is written from then on. So what it was offered must never become the version that counts: each
/// round offers a newer one than any before (GFS §4.5 leaves this open). Whatever servers report while versions are offered is kept until
/// it is settled which counts. Pure.
/// <para>
/// An owner of the table that dies leaves offers nobody knows of. So the owners that offer versions are counted (<see cref="OwnerCounted"/>), and each
/// offers only versions with the remainder of its number (<see cref="VersionOwners"/>): none of the fifteen that follow offers the same, and a server that
/// took one of a former owner's can't be mistaken for one that took its own. Epochs would not do: all streams draw them from one sequence, and two owners of
/// one table that follow each other may have the same remainder.
/// </para>
/// </summary>
public sealed class VersionOffers
{
    private readonly Dictionary<ChunkHandle, ChunkVersion> offered = [];
    private readonly Dictionary<ChunkHandle, List<(ServerId Server, ChunkVersion? Version)>> heard = [];

    /// <summary>The version to offer now: above the one that counts and above all that were offered.</summary>
    /// <param name="handle">The chunk.</param>
    /// <param name="counts">The version that counts.</param>
    /// <param name="owner">The owner's number.</param>
    public ChunkVersion Next(ChunkHandle handle, ChunkVersion counts, int owner)
    {
        var last = offered.GetValueOrDefault(handle, counts);
        var after = (last > counts ? last : counts).Value;
        var step = (owner - after) % VersionOwners.Count;
        return offered[handle] = new(checked(after + (step > 0 ? step : step + VersionOwners.Count)));
    }

    /// <summary>A replica has a version that another owner offered: the next is to be above it.</summary>
    public void Saw(ChunkHandle handle, ChunkVersion version)
    {
        if (version > offered.GetValueOrDefault(handle)) offered[handle] = version;
    }

    /// <summary>A server reported a version while others were offered; null: that it does not have the chunk.</summary>
    public void Hear(ChunkHandle handle, ServerId server, ChunkVersion? version)
    {
        if (!heard.TryGetValue(handle, out var words)) heard[handle] = words = [];
        words.RemoveAll(word => word.Server == server);
        words.Add((server, version));
    }

    /// <summary>No more is offered for now: answers what was reported meanwhile. What was offered and does not count yet stays known.</summary>
    public IReadOnlyList<(ServerId Server, ChunkVersion? Version)> End(ChunkHandle handle, ChunkVersion counts)
    {
        if (offered.TryGetValue(handle, out var last) && last <= counts) offered.Remove(handle);
        return heard.Remove(handle, out var words) ? words : [];
    }

    /// <summary>The chunk is no more.</summary>
    public void Forget(ChunkHandle handle) => offered.Remove(handle);
}
