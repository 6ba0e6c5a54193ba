using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Grains.ChunkServers;
using Gofs.Grains.Placement;

namespace Gofs.Grains.Chunks.Healing;

/// <summary>What is done next for a chunk.</summary>
/// <param name="Stall">Why nothing; else None.</param>
/// <param name="Source">The server a replica is copied from.</param>
/// <param name="Target">The server it is copied to.</param>
public readonly record struct HealingStep(HealingStall Stall, ServerId Source = default, ServerId Target = default);

/// <summary>
/// Chooses from which server to which a chunk's replica is copied. Pure: what differs from try to try comes in, so that a pair that fails is not chosen for
/// ever.
/// </summary>
public static class HealingPlan
{
    /// <summary>Whether there is any server that could take another replica of a chunk.</summary>
    public static bool HasServerFor(ReadOnlySpan<ServerId> holders, ServerStandings standings)
    {
        foreach (var server in standings.All)
        {
            if (standings.Of(server.Server) != ServerStanding.Dead && server.Mark != ServerMark.Drain && holders.IndexOf(server.Server) < 0) return true;
        }

        return false;
    }

    /// <summary>The next step for a chunk that lacks a replica.</summary>
    /// <param name="holders">The servers that have it.</param>
    /// <param name="standings">How servers stand.</param>
    /// <param name="load">What is under way.</param>
    /// <param name="chunkBytes">How large a chunk may be.</param>
    /// <param name="tries">How often it was tried.</param>
    /// <param name="seed">Mixes the choice.</param>
    /// <param name="now">The time.</param>
    public static HealingStep Choose(
        ServerId[] holders, ServerStandings standings, CopyLoad load, long chunkBytes, int tries, ulong seed, TimeSpan now)
    {
        if (standings.IsMassSilence) return new(HealingStall.MassSilence);
        ServerId[] sources = [.. holders.Where(server => standings.Of(server) == ServerStanding.Live)];
        if (sources.Length == 0) return new(HealingStall.SuspectServer);
        // A new version leaves out whoever is silent: one that is about to come back would have its good replica made stale.
        if (Array.Exists(holders, server => IsAwaited(server, standings))) return new(HealingStall.SuspectServer);
        if (!HasServerFor(holders, standings)) return new(HealingStall.TooFewServers);
        ChunkServerInfo[] able = [.. standings.All.Where(server => server.Live && server.Mark != ServerMark.Drain
            && Array.IndexOf(holders, server.Server) < 0 && !load.IsRefusing(server.Server, now) && Room(server, load, chunkBytes) > 0)];
        if (able.Length == 0) return new(HealingStall.NoRoom);
        ChunkServerInfo[] free = [.. able.Where(server => load.Onto(server.Server) < CopyLoad.MostOntoOne)];
        if (free.Length == 0) return new(HealingStall.TriedAgain);
        var racks = holders.Where(server => standings.Of(server) != ServerStanding.Dead && !standings.IsDrained(server))
            .Select(server => ReplicaPlacement.RackOf(standings.Find(server))).OfType<string>().ToArray();
        var target = ReplicaPlacement.ChooseBeside(free, racks, server => Room(server, load, chunkBytes), seed + (ulong)tries);
        var source = sources.Select((server, place) => (Server: server, Turn: (place + tries) % sources.Length))
            .OrderBy(one => load.From(one.Server)).ThenBy(one => one.Turn).First().Server;
        return new(HealingStall.None, source, target);
    }

    /// <summary>Which replica of a chunk that has too many goes: one in a rack that has another, on the server with the least room. Null: none can.</summary>
    public static ServerId? ChooseSurplus(ServerId[] holders, int goal, ServerStandings standings)
    {
        var live = holders.Where(server => standings.Of(server) == ServerStanding.Live && !standings.IsDrained(server)).ToArray();
        if (live.Length <= goal || live.Length < 2 || Array.Exists(holders, server => IsAwaited(server, standings))) return null;
        var racks = live.GroupBy(server => ReplicaPlacement.RackOf(standings.Find(server)) ?? "").ToDictionary(same => same.Key, same => same.Count());
        return live.OrderByDescending(server => racks[ReplicaPlacement.RackOf(standings.Find(server)) ?? ""])
            .ThenBy(server => ReplicaPlacement.Room(standings.Find(server)!)).First();
    }

    private static bool IsAwaited(ServerId server, ServerStandings standings) =>
        standings.Of(server) == ServerStanding.Suspect && standings.Find(server) is null or { Mark: ServerMark.None };

    private static double Room(ChunkServerInfo server, CopyLoad load, long chunkBytes) =>
        ReplicaPlacement.Room(server) - (load.Onto(server.Server) * (double)chunkBytes);
}
