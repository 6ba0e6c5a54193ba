using Gofs.ChunkServers;

namespace Gofs.Grains.Placement;

/// <summary>Which servers get a new chunk's replicas. Pure: the seed comes in.</summary>
public static class ReplicaPlacement
{
    /// <summary>The label that names a rack.</summary>
    public const string RackLabel = "rack";

    /// <summary>A disk with less free than this takes no new chunk.</summary>
    public const long LeastFreeBytes = 32L << 20;

    /// <summary>A server that is emptier than the others gets at most so many times as many new chunks as one that is as full as all together.</summary>
    public const double MostFavour = 2;

    /// <summary>Chunks allocated together that have the same servers: as many as a client fills with one message.</summary>
    public const int RunLength = 16;

    /// <summary>
    /// Chooses up to <paramref name="goal"/> of the live servers that have room, more often those with more of it (a new one is empty: within
    /// <see cref="MostFavour"/>, or all that is written would go there), and in as many racks as there are. Fewer servers than the goal is not an error: the
    /// chunk is under-goal from the start.
    /// </summary>
    /// <exception cref="GofsException">
    /// <see cref="GofsError.Unavailable"/>: no server is live. <see cref="GofsError.NoSpace"/>: none of the live has room.
    /// </exception>
    public static ServerId[] Choose(IReadOnlyList<ChunkServerInfo> servers, int goal, ulong seed)
    {
        var live = servers.Where(server => server.Live && server.Mark != ServerMark.Drain).ToArray();
        if (live.Length == 0) throw new GofsException(GofsError.Unavailable, "no chunk server is live");
        if (live.Length == 1 && Room(live[0]) > 0) return [live[0].Server];
        var most = MostFavour * live.Sum(Room) / Math.Max(1, live.Sum(Size));
        var ranked = live
            .Select((server, index) => (Server: server, Room: Math.Min(Room(server), most * Size(server)), Draw: Draw(seed, index)))
            .Where(one => one.Room > 0)
            .OrderBy(one => -Math.Log(one.Draw) / one.Room)
            .Select(one => one.Server)
            .ToList();
        if (ranked.Count == 0)
            throw new GofsException(
                GofsError.NoSpace, $"none of the {live.Length} live chunk servers has a disk in service with {LeastFreeBytes >> 20} MiB free");
        return SpreadOverRacks(ranked, goal);
    }

    /// <summary>
    /// The same for many chunks that are to be filled with small files: a run of <see cref="RunLength"/> has the same servers in the same order, so that
    /// whoever fills them at the same time sends each server one message. The next run has others: over the runs servers are used as over single chunks.
    /// </summary>
    /// <exception cref="GofsException">As <see cref="Choose"/>.</exception>
    public static ServerId[][] ChooseRuns(IReadOnlyList<ChunkServerInfo> servers, int goal, int chunks, ulong seed)
    {
        var chosen = new ServerId[chunks][];
        for (var i = 0; i < chunks; i++) chosen[i] = i % RunLength > 0 ? chosen[i - 1] : Choose(servers, goal, seed + (ulong)i);
        return chosen;
    }

    /// <summary>Chooses one of some servers for a replica beside others: in a rack that has the fewest of them, more often one with more room.</summary>
    /// <param name="servers">One or more.</param>
    /// <param name="racks">The racks of the replicas there are.</param>
    /// <param name="room">How much room a server has; more than zero.</param>
    /// <param name="seed">Decides.</param>
    public static ServerId ChooseBeside(
        IReadOnlyList<ChunkServerInfo> servers, IReadOnlyCollection<string> racks, Func<ChunkServerInfo, double> room, ulong seed) => servers
        .Select((server, index) => (server.Server, Rack: RackOf(server), Rank: -Math.Log(Draw(seed, index)) / room(server)))
        .OrderBy(one => racks.Count(rack => rack == one.Rack)).ThenBy(one => one.Rank).First().Server;

    /// <summary>The rack of a server; null when it names none.</summary>
    public static string? RackOf(ChunkServerInfo? server) => server?.Labels.GetValueOrDefault(RackLabel);

    /// <summary>Bytes free on the disks of a server that take new chunks.</summary>
    public static double Room(ChunkServerInfo server) =>
        server.Disks.Where(disk => disk.Fault is null && disk.FreeBytes >= LeastFreeBytes).Sum(disk => (double)disk.FreeBytes);

    private static double Size(ChunkServerInfo server) => server.Disks.Where(disk => disk.Fault is null).Sum(disk => (double)disk.TotalBytes);

    private static ServerId[] SpreadOverRacks(List<ChunkServerInfo> ranked, int goal)
    {
        List<ServerId> chosen = [];
        while (chosen.Count < goal && ranked.Count > 0)
        {
            HashSet<string> racks = [];
            foreach (var server in ranked.ToArray())
            {
                if (chosen.Count == goal) break;
                if (server.Labels.TryGetValue(RackLabel, out var rack) && !racks.Add(rack)) continue;
                chosen.Add(server.Server);
                ranked.Remove(server);
            }
        }

        return [.. chosen];
    }

    // SplitMix64 over (seed, index), as a number in (0, 1].
    private static double Draw(ulong seed, int index)
    {
        var z = seed + ((ulong)index + 1) * 0x9E3779B97F4A7C15UL;
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ z >> 27) * 0x94D049BB133111EBUL;
        return ((z ^ z >> 31) >> 11) * (1.0 / (1UL << 53)) + (0.5 / (1UL << 53));
    }
}
