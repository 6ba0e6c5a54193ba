using System.Globalization;
using Orleans;

namespace Gofs.Chunks;

/// <summary>Why chunks that are below their goal are not copied; the graver last.</summary>
public enum HealingStall
{
    /// <summary>They are, or none is below its goal.</summary>
    None = 0,

    /// <summary>A copy failed, or a server is busy; it is tried again within a minute.</summary>
    TriedAgain = 1,

    /// <summary>A server that has some of them is silent and may come back: that is found out within the dead time.</summary>
    SuspectServer = 2,

    /// <summary>The table has just started, and servers have yet to report what they have.</summary>
    ReportsDue = 3,

    /// <summary>There are no more servers than the chunks have replicas.</summary>
    TooFewServers = 4,

    /// <summary>No server that could take a copy has room, or all refuse.</summary>
    NoRoom = 5,

    /// <summary>More than half of the servers are silent at once: a network or power failure, not so many deaths. Nothing is copied meanwhile.</summary>
    MassSilence = 6,
}

/// <summary>How the replicas of a chunk table, a namespace or the cluster are.</summary>
[GenerateSerializer, Immutable, Alias("gofs.chunk.healing")]
public sealed record HealingStatus
{
    /// <summary>Chunks that files refer to.</summary>
    [Id(0)] public long Chunks { get; init; }

    /// <summary>Chunks with fewer replicas than wanted, but more than one at hand.</summary>
    [Id(1)] public long UnderGoal { get; init; }

    /// <summary>Chunks with fewer replicas than wanted, and one at hand or none.</summary>
    [Id(2)] public long Endangered { get; init; }

    /// <summary>Chunks all of whose servers are dead.</summary>
    [Id(3)] public long Missing { get; init; }

    /// <summary>Replicas being made now.</summary>
    [Id(4)] public int CopiesUnderWay { get; init; }

    /// <summary>Replicas made since the tables started.</summary>
    [Id(5)] public long Copied { get; init; }

    /// <summary>How many bytes those had.</summary>
    [Id(6)] public long CopiedBytes { get; init; }

    /// <summary>Why no more is copied.</summary>
    [Id(7)] public HealingStall Stall { get; init; }

    /// <summary>Since when chunks are not as they should be, by the tables' clocks; null: all are.</summary>
    [Id(8)] public DateTimeOffset? Since { get; init; }

    /// <summary>Tables that have not looked at all their chunks since they started, or did not answer: what they have is not in these figures.</summary>
    [Id(9)] public int TablesNotReady { get; init; }

    /// <summary>Servers that were dead when all chunks were last looked at: what those had is among these figures.</summary>
    [Id(10)] public int DeadServers { get; init; }

    /// <summary>Chunks that have their replicas only with what drained servers hold: they are copied elsewhere before those are taken away.</summary>
    [Id(11)] public long Draining { get; init; }

    /// <summary>Whether replicas are to be moved from fuller servers to emptier ones.</summary>
    [Id(12)] public bool IsRebalancing { get; init; }

    /// <summary>Replicas moved so since the tables started.</summary>
    [Id(13)] public long Moved { get; init; }

    /// <summary>How many bytes those had.</summary>
    [Id(14)] public long MovedBytes { get; init; }

    /// <summary>Replicas being moved now.</summary>
    [Id(15)] public int MovesUnderWay { get; init; }

    /// <summary>The used share, 0 to 1, of the emptiest server that takes part: live and without a mark.</summary>
    [Id(16)] public double LeastUse { get; init; }

    /// <summary>The same of the fullest.</summary>
    [Id(17)] public double MostUse { get; init; }

    /// <summary>
    /// How many chunks want how many replicas and have how many, as the tables' last rounds over all chunks found it: some seconds old, of large tables up to a
    /// minute.
    /// </summary>
    [Id(18)] public GoalCount[] ByGoal { get; init; } = [];

    /// <summary>Whether every chunk has the replicas it is to have, as far as is known.</summary>
    public bool IsHealthy => BelowGoal == 0 && TablesNotReady == 0;

    /// <summary>Chunks with fewer replicas than wanted, however many.</summary>
    internal long BelowGoal => UnderGoal + Endangered + Missing;

    /// <summary>In words: how many are being copied, and why not more; empty when there is nothing to say.</summary>
    public string Doing
    {
        get
        {
            var why = Stall switch
            {
                HealingStall.None => "",
                HealingStall.TriedAgain => "a copy failed or a server was busy: tried again within a minute",
                HealingStall.SuspectServer => "a server that has some is silent and may come back",
                HealingStall.ReportsDue => "waiting for servers to report what they have",
                HealingStall.TooFewServers => "there are no more servers to copy to: add one, or lower the goal",
                HealingStall.NoRoom => "no server has room for a copy, or those that have refused",
                HealingStall.MassSilence => "more than half of the chunk servers are silent at once: nothing is copied until they are back or are removed",
                _ => Stall.ToString(),
            };
            if (CopiesUnderWay == 0) return why;
            var copies = string.Create(CultureInfo.InvariantCulture, $"{CopiesUnderWay} being copied");
            return why.Length == 0 ? copies : $"{copies}; {why}";
        }
    }

    /// <summary>Both together.</summary>
    public HealingStatus With(HealingStatus other) => new()
    {
        Chunks = Chunks + other.Chunks,
        UnderGoal = UnderGoal + other.UnderGoal,
        Endangered = Endangered + other.Endangered,
        Missing = Missing + other.Missing,
        CopiesUnderWay = CopiesUnderWay + other.CopiesUnderWay,
        Copied = Copied + other.Copied,
        CopiedBytes = CopiedBytes + other.CopiedBytes,
        Stall = Stall > other.Stall ? Stall : other.Stall,
        Since = Since is null || other.Since < Since ? other.Since ?? Since : Since,
        TablesNotReady = TablesNotReady + other.TablesNotReady,
        DeadServers = Math.Max(DeadServers, other.DeadServers),
        Draining = Draining + other.Draining,
        IsRebalancing = IsRebalancing || other.IsRebalancing,
        Moved = Moved + other.Moved,
        MovedBytes = MovedBytes + other.MovedBytes,
        MovesUnderWay = MovesUnderWay + other.MovesUnderWay,
        LeastUse = MostUse == 0 ? other.LeastUse : other.MostUse == 0 ? LeastUse : Math.Min(LeastUse, other.LeastUse),
        MostUse = Math.Max(MostUse, other.MostUse),
        ByGoal = ByGoal.Length == 0 ? other.ByGoal : other.ByGoal.Length == 0 ? ByGoal : GoalCount.Sum(ByGoal.Concat(other.ByGoal)),
    };
}
