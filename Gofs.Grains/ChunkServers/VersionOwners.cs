using Gofs.Chunks;

namespace Gofs.Grains.ChunkServers;

/// <summary>
/// Which owner of a chunk table offered a version, as the version says: the owners are counted, and each offers only versions with the remainder of its
/// number by sixteen. Pure.
/// </summary>
public static class VersionOwners
{
    /// <summary>So many owners that follow each other offer different versions.</summary>
    public const int Count = 16;

    // So many of them count as later ones than the one that looks: owners that came after one that does not know yet that it is none.
    private const int Later = 4;

    /// <summary>How many owners ago a version was offered, by an owner's number: 0 to 15, and a multiple of 16 more.</summary>
    public static int AgeOf(ChunkVersion version, int owner) => (((owner - version.Value) % Count) + Count) % Count;

    /// <summary>
    /// Whether a replica may be replaced by one that was copied. Not when it has a version of a later owner than the one that copied: that is none any more,
    /// and what it replaced could be the one that counts.
    /// </summary>
    /// <param name="current">The replica's version.</param>
    /// <param name="copied">The version of the copy.</param>
    public static bool MayReplace(ChunkVersion current, ChunkVersion copied) =>
        current == ChunkVersion.First || (current < copied && AgeOf(current, copied.Value) < Count - Later);

    /// <summary>
    /// Whether a replica may take a version that it is offered: whether it is one of those that count. It is, when it has the version that counts for whoever
    /// offers, or a later one that was offered by that owner or an earlier one, not older than the one whose version counts, and not logged. Not when it
    /// missed the version that counts. Nor when it has one of a later owner: then whoever offers is none any more, and what counts for it does not count; what
    /// it makes equal may be one that is good and one that was left out long ago.
    /// </summary>
    /// <param name="current">The replica's version.</param>
    /// <param name="counts">The version that counts, as the owner that offers knows it.</param>
    /// <param name="offered">The version it offers.</param>
    public static bool MayTake(ChunkVersion current, ChunkVersion counts, ChunkVersion offered)
    {
        if (current == counts || current == offered) return true;
        if (current < counts || current > offered) return false;
        var age = AgeOf(current, offered.Value);
        return age < Count - Later && (counts == ChunkVersion.First || age <= AgeOf(counts, offered.Value));
    }
}
