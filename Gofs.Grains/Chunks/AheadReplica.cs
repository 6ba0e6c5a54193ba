using Gofs.Chunks;
using Gofs.Grains.ChunkServers;

namespace Gofs.Grains.Chunks;

/// <summary>What a replica is worth whose version is above the one that counts.</summary>
public enum AheadWorth
{
    /// <summary>It has every acknowledged byte, like those of the version that counts: all of them are to be brought to one version.</summary>
    Good,

    /// <summary>It missed what was written under the version that counts.</summary>
    Stale,

    /// <summary>That can't be said now.</summary>
    Unknown,
}

/// <summary>
/// A chunk server reports a version above the one that counts: an owner of the table offered it and did not log it, because it died first, or because others
/// did not answer (GFS §4.5). Nobody was ever told that version, so nothing was acknowledged under it, and nothing without the server since it took it: if its
/// replica was one of those that count then, it is as good as the others now, and they are as good as it is. Neither must be lost for the other.
/// <para>
/// Was it one of those? This owner knows, when it made the version count itself: exactly the servers that took it. Otherwise who offered what tells
/// (<see cref="VersionOffers"/>). What an owner offered that is not older than the one that logged, it offered to replicas that count. What an older one
/// offered may have come late, from a zombie, to a server that had been left out: that replica is taken up only when nobody has one of the version that counts,
/// which is known when every server there is, the silent ones too, has told what it has on all its disks.
/// </para>
/// </summary>
public static class AheadReplica
{
    /// <summary>Judges one. Pure.</summary>
    /// <param name="version">Its version.</param>
    /// <param name="counts">The version that counts.</param>
    /// <param name="owner">The number of the table's owner.</param>
    /// <param name="wasAmongAll">Whether its server is among those that took the version that counts; null: this owner does not know who did.</param>
    /// <param name="isAnyKnown">Whether some server is known to hold the version that counts.</param>
    public static AheadWorth Judge(ChunkVersion version, ChunkVersion counts, int owner, bool? wasAmongAll, bool isAnyKnown)
    {
        if (wasAmongAll is { } was) return was ? AheadWorth.Good : AheadWorth.Stale;
        var isFirst = counts == ChunkVersion.First; // no owner's: it was never offered
        if (isFirst || VersionOwners.AgeOf(version, owner) <= VersionOwners.AgeOf(counts, owner)) return AheadWorth.Good;
        return isAnyKnown ? AheadWorth.Stale : AheadWorth.Unknown;
    }
}
