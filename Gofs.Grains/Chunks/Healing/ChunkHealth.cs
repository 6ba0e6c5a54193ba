using Gofs.ChunkServers;
using Gofs.Grains.ChunkServers;

namespace Gofs.Grains.Chunks.Healing;

/// <summary>How a chunk's replicas are, against how many there are to be; the more urgent first.</summary>
public enum ChunkDanger
{
    /// <summary>Below its goal, and one server at hand has it.</summary>
    Endangered,

    /// <summary>Below its goal.</summary>
    UnderGoal,

    /// <summary>At its goal, but only with what servers have that are to be taken away.</summary>
    Draining,

    /// <summary>Above its goal.</summary>
    Surplus,

    /// <summary>All servers that had it are dead: nothing can be done but wait for one.</summary>
    Missing,

    /// <summary>As it should be.</summary>
    None,
}

/// <summary>A chunk's replicas, counted by how their servers stand.</summary>
/// <param name="Live">On live servers.</param>
/// <param name="Suspect">On servers that are expected back.</param>
/// <param name="Maintained">Of those, on servers in maintenance.</param>
/// <param name="Drained">On live servers that are to be taken away: they can be copied from, and count for nothing else.</param>
/// <param name="Dead">On servers that are not expected back.</param>
/// <param name="Goal">How many are wanted.</param>
public readonly record struct ChunkHealth(int Live, int Suspect, int Maintained, int Drained, int Dead, int Goal)
{
    /// <summary>How many can be copied from now.</summary>
    public int AtHand => Live + Drained;

    /// <summary>How many are missing from the goal; negative: so many too many.</summary>
    public int Lacking => Goal - Live - Suspect;

    /// <summary>How the chunk is.</summary>
    public ChunkDanger Danger
    {
        get
        {
            if (AtHand + Suspect == 0) return ChunkDanger.Missing;
            // Who is in maintenance is not missed, but one replica alone is too few to wait for it.
            if (AtHand == 1 && Goal > 1 && (Lacking > 0 || Maintained > 0)) return ChunkDanger.Endangered;
            if (Lacking > 0) return AtHand == 0 ? ChunkDanger.Endangered : Lacking > Drained ? ChunkDanger.UnderGoal : ChunkDanger.Draining;
            return Lacking < 0 && Suspect == 0 ? ChunkDanger.Surplus : ChunkDanger.None;
        }
    }

    /// <summary>Whether the chunk lacks a replica that can be copied, however urgent that is.</summary>
    public bool IsToBeCopied => Danger is ChunkDanger.Endangered or ChunkDanger.UnderGoal or ChunkDanger.Draining;

    /// <summary>Counts a chunk's replicas.</summary>
    public static ChunkHealth Of(ReadOnlySpan<ServerId> holders, int goal, ServerStandings standings)
    {
        var (live, suspect, maintained, drained, dead) = (0, 0, 0, 0, 0);
        foreach (var server in holders)
        {
            var isDrained = standings.IsDrained(server);
            switch (standings.Of(server))
            {
                case ServerStanding.Dead:
                    dead++;
                    break;
                case ServerStanding.Live when isDrained:
                    drained++;
                    break;
                case ServerStanding.Live:
                    live++;
                    break;
                case var _ when isDrained:
                    break; // silent, and not wanted: neither counted on nor copied from
                default:
                    suspect++;
                    if (standings.Find(server)?.Mark == ServerMark.Maintenance) maintained++;
                    break;
            }
        }

        return new(live, suspect, maintained, drained, dead, goal);
    }
}
