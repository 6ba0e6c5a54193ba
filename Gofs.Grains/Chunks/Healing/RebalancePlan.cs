using Gofs.ChunkServers;
using Gofs.Grains.ChunkServers;
using Gofs.Grains.Placement;

namespace Gofs.Grains.Chunks.Healing;

/// <summary>How full a server's disks in service are.</summary>
/// <param name="Server">Which.</param>
/// <param name="TotalBytes">What they can hold.</param>
/// <param name="UsedBytes">What is on them.</param>
public readonly record struct ServerUse(ServerId Server, long TotalBytes, long UsedBytes)
{
    /// <summary>The used share, 0 to 1.</summary>
    public double Share => (double)UsedBytes / TotalBytes;
}

/// <summary>
/// Decides which server is to give a replica to which, so that all are equally full in proportion to their size. Every chunk table decides for its own chunks
/// and asks nobody. So that not all of them act on the same figures at once, a table takes only its share of a small part of what there is to move
/// (<see cref="MovesDue"/>); figures are a few seconds old, and the part is so small that what is under way does not carry a server past the others. Only
/// servers take part that are live and have no mark. Pure: the seeds come in.
/// </summary>
public sealed class RebalancePlan
{
    /// <summary>Nothing is moved until the fullest and the emptiest server are farther apart.</summary>
    public const double BeginSpread = 0.02;

    /// <summary>Once begun, replicas are moved until they are as near as this: so it does not begin and end all the time.</summary>
    public const double EndSpread = 0.01;

    /// <summary>Of what is to be moved the tables begin together in a second at most one part in so many.</summary>
    private const double Parts = 16;

    private readonly double mean;
    private readonly long replicas;

    /// <summary>A plan for the servers as they stand.</summary>
    /// <param name="standings">How they stand.</param>
    public RebalancePlan(ServerStandings standings)
    {
        var taking = standings.All.Where(server => server.Live && server.Mark == ServerMark.None).ToArray();
        // One that lives and has not said how full it is: without it the mean is none.
        IsKnown = taking.Length > 1 && Array.TrueForAll(taking, server => server.Disks.Length > 0);
        Servers = [.. taking.Select(UseOf).Where(use => use.TotalBytes > 0)];
        if (Servers.Count == 0) return;
        mean = (double)Servers.Sum(use => use.UsedBytes) / Servers.Sum(use => use.TotalBytes);
        replicas = taking.Sum(server => server.Disks.Sum(disk => disk.Chunks));
        (Least, Most) = (Servers.Min(use => use.Share), Servers.Max(use => use.Share));
    }

    /// <summary>Whether enough is known to move anything.</summary>
    public bool IsKnown { get; }

    /// <summary>The servers that take part.</summary>
    public IReadOnlyList<ServerUse> Servers { get; }

    /// <summary>The used share of the emptiest.</summary>
    public double Least { get; }

    /// <summary>The used share of the fullest.</summary>
    public double Most { get; }

    /// <summary>Whether replicas are to be moved.</summary>
    /// <param name="isMoving">Whether they are being moved.</param>
    public bool IsDue(bool isMoving) => IsKnown && Most - Least > (isMoving ? EndSpread : BeginSpread);

    /// <summary>How many moves a table is to begin in a second, on the average.</summary>
    /// <param name="tableReplicas">How many replicas its chunks have.</param>
    /// <param name="longestBytes">How long those are that it would move, as far as it knows; at least the mean is reckoned.</param>
    /// <param name="chunkBytes">How large a chunk may be.</param>
    public double MovesDue(long tableReplicas, long longestBytes, long chunkBytes)
    {
        if (replicas == 0) return 0;
        var surplus = Servers.Sum(use => Math.Max(0, Surplus(use)));
        var replicaBytes = Math.Clamp(Math.Max(longestBytes, (double)Servers.Sum(use => use.UsedBytes) / replicas), 1, chunkBytes);
        return surplus / replicaBytes / Parts * Math.Min(1, (double)tableReplicas / replicas);
    }

    /// <summary>
    /// The server that gives a replica and the one that gets it, more often those that are farther from the mean. None when no move of a whole chunk would
    /// leave them nearer: so whatever is moved, the servers come nearer to each other, and it ends.
    /// </summary>
    /// <param name="chunkBytes">How large a chunk may be.</param>
    /// <param name="one">Decides, 0 to 1.</param>
    /// <param name="other">Decides, 0 to 1.</param>
    public (ServerId From, ServerId To)? ChoosePair(long chunkBytes, double one, double other)
    {
        if (Servers.Count < 2) return null;
        var drawn = (From: Draw(Surplus, one), To: Draw(use => -Surplus(use), other));
        if (IsWorthwhile(drawn.From, drawn.To, chunkBytes)) return (drawn.From.Server, drawn.To.Server);
        var farthest = (From: Servers.MaxBy(use => use.Share), To: Servers.MinBy(use => use.Share));
        return IsWorthwhile(farthest.From, farthest.To, chunkBytes) ? (farthest.From.Server, farthest.To.Server) : null;
    }

    /// <summary>
    /// Whether a chunk's replica may go from one server to another: all its replicas are there and good, and are in no fewer racks afterwards.
    /// </summary>
    public static bool Fits(ServerId[] holders, int goal, ServerId from, ServerId to, ServerStandings standings)
    {
        if (holders.Length != goal || Array.IndexOf(holders, from) < 0 || Array.IndexOf(holders, to) >= 0) return false;
        if (!Array.TrueForAll(holders, server => standings.Find(server) is { Live: true, Mark: ServerMark.None })) return false;
        return RacksOf(holders.Where(server => server != from).Append(to), standings) >= RacksOf(holders, standings);
    }

    private static ServerUse UseOf(ChunkServerInfo server)
    {
        var disks = server.Disks.Where(disk => disk.Fault is null).ToArray();
        return new(server.Server, disks.Sum(disk => disk.TotalBytes), disks.Sum(disk => disk.TotalBytes - disk.FreeBytes));
    }

    // One that names no rack is in one of its own.
    private static int RacksOf(IEnumerable<ServerId> servers, ServerStandings standings) =>
        servers.Select(server => ReplicaPlacement.RackOf(standings.Find(server)) is { } rack ? (rack, "") : ("", server.Value)).Distinct().Count();

    private static bool IsWorthwhile(ServerUse from, ServerUse to, long chunkBytes) =>
        from.Share - to.Share > EndSpread
        && (from.UsedBytes - (double)chunkBytes) / from.TotalBytes >= (to.UsedBytes + (double)chunkBytes) / to.TotalBytes;

    private double Surplus(ServerUse use) => use.UsedBytes - (mean * use.TotalBytes);

    private ServerUse Draw(Func<ServerUse, double> weight, double draw)
    {
        var left = draw * Servers.Sum(use => Math.Max(0, weight(use)));
        foreach (var use in Servers)
        {
            if (weight(use) > 0 && (left -= weight(use)) <= 0) return use;
        }

        return Servers.MaxBy(weight);
    }
}
