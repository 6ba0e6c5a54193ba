using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Grains.ChunkServers;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Gofs.Grains.Chunks.Healing;

/// <summary>
/// Heals the chunks of one table. What: finds chunks that are not as they should be (<see cref="GoalSweep"/>, <see cref="ChunkHealth"/>), puts them in order
/// (<see cref="HealingQueue"/>), chooses servers (<see cref="HealingPlan"/>), has the replica copied, and makes the copy a replica
/// (<see cref="ReplicaJoin"/>). Why here: the table alone knows goal, version and places of a chunk, and decides which version counts.
/// <para>
/// All of it is volatile. The table dies: its next owner waits for the servers' reports, looks at all chunks and begins anew; a copy that was under way is
/// dropped by its server, a join that was under way leaves replicas of one version (see there). The target or the source dies: another is chosen.
/// Nothing is copied while most servers are silent at once, nor before every server that may come back has told this table what it has.
/// </para>
/// <para>Used on one thread at a time, between whose steps others may come.</para>
/// </summary>
internal sealed partial class ChunkHealing
{
    private const int Capacity = 100_000;
    private const int FewChunks = 2_000;
    private const int PlansAtOnce = 16;
    private const int SettlesNeedingAll = 5;
    private static readonly TimeSpan LeastReportPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan TallyEvery = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ReportTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LogEvery = TimeSpan.FromSeconds(10);
    private readonly IHealedChunks chunks;
    private readonly IReplicaServers servers;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly long startedAt;
    private readonly ServerStandings standings;
    private readonly GoalSweep sweep = new();
    private readonly HealingQueue queue = new(Capacity);
    private readonly CopyLoad load = new();
    private readonly ReplicaJoin join;
    private readonly Dictionary<ChunkHandle, int> unsettled = [];
    private readonly HashSet<ChunkHandle> settling = [];
    private long asks;
    private TimeSpan? lookAt;
    private long changesSeen;
    private bool beginning;
    private int roundDead;
    private readonly GoalTally tally = new();
    private bool isTallied;
    private TimeSpan tallyAt;
    private int deadServers;
    private int leaving;
    private ulong choices;
    private HealingStall stall = HealingStall.ReportsDue;
    private DateTimeOffset? wrongSince;
    private TimeSpan? loggedAt;
    private long chunkBytes;
    private bool mayCopy;
    private readonly Dictionary<ServerId, (DateTimeOffset Since, long Moved)> drained = [];
    private long copied;
    private long copiedBytes;

    /// <summary>Heals a table's chunks.</summary>
    public ChunkHealing(IHealedChunks chunks, IReplicaServers servers, TimeSpan deadTime, Random random, TimeProvider time, ILogger logger)
    {
        (this.chunks, this.servers, this.time, this.logger) = (chunks, servers, time, logger);
        (this.random, candidates) = (random, new(Candidates, random));
        (startedAt, standings, join) = (time.GetTimestamp(), new(deadTime), new(chunks, servers));
    }

    /// <summary>Whether replicas are moved from fuller servers to emptier ones.</summary>
    public bool Rebalances { get; set; }

    /// <summary>How long a server is missed until it is dead.</summary>
    public TimeSpan DeadTime
    {
        get => standings.DeadTime;
        set => standings.DeadTime = value;
    }

    private TimeSpan Now => time.GetElapsedTime(startedAt);

    /// <summary>Whether a chunk's replicas may have versions that were offered and do not count: a report of one is no news.</summary>
    public bool IsUnsettled(ChunkHandle handle) => unsettled.ContainsKey(handle);

    /// <summary>A chunk's replicas have different versions, and all of them are good: they are to be brought to one.</summary>
    public void Unsettle(ChunkHandle handle) => unsettled.TryAdd(handle, 0);

    /// <summary>A step, once a second: looks at some chunks, and begins what is to be done.</summary>
    /// <param name="known">The registry's list.</param>
    /// <param name="hasReported">Whether a server has told this table everything it has.</param>
    /// <param name="largestChunkBytes">How large a chunk may be.</param>
    public void Step(IReadOnlyList<ChunkServerInfo> known, Func<ServerId, bool> hasReported, long largestChunkBytes)
    {
        chunkBytes = largestChunkBytes;
        standings.Update(known, Now);
        NoteDrains();
        if (!IsAnyReportOnItsWay(known, hasReported))
        {
            foreach (var handle in unsettled.Keys.Where(settling.Add).ToArray()) _ = SettleAsync(handle);
        }

        mayCopy = false;
        if (sweep.Rounds == 0 && known.Any(one => IsDue(one, hasReported)))
        {
            stall = HealingStall.ReportsDue;
            return;
        }

        Sweep();
        if (standings.Changes != changesSeen) queue.RetryAll();
        changesSeen = standings.Changes;
        Date();
        stall = standings.IsMassSilence ? HealingStall.MassSilence : HealingStall.None;
        mayCopy = !standings.IsMassSilence;
        Begin();
        Rebalance();
    }

    /// <summary>Something about a chunk has changed.</summary>
    public void Look(ChunkHandle handle)
    {
        if (sweep.Rounds > 0) Judge(handle);
    }

    /// <summary>Another number of replicas of a chunk is wanted.</summary>
    public void Want(ChunkHandle handle)
    {
        Look(handle);
        queue.Trim(handle, Now);
    }

    /// <summary>A version counts, on all replicas that count.</summary>
    public void Moved(ChunkHandle handle)
    {
        unsettled.Remove(handle);
        Look(handle);
    }

    /// <summary>Many chunks may have changed: a server tells everything anew. They are looked at when it has had time to.</summary>
    public void LookAtAll() => lookAt ??= Now + ReportTime;

    /// <summary>Somebody waits for a chunk.</summary>
    public void Wait(ChunkHandle handle) => queue.Wait(handle);

    /// <summary>How the chunks are.</summary>
    /// <param name="count">How many there are.</param>
    public HealingStatus Status(int count)
    {
        Date();
        if (count <= FewChunks) Tally();
        return new()
        {
            Chunks = count,
            UnderGoal = queue.CountOf(ChunkDanger.UnderGoal),
            Endangered = queue.CountOf(ChunkDanger.Endangered),
            Missing = queue.CountOf(ChunkDanger.Missing),
            Draining = queue.CountOf(ChunkDanger.Draining),
            CopiesUnderWay = load.UnderWay,
            Copied = copied,
            CopiedBytes = copiedBytes,
            Stall = wrongSince is not null || sweep.Rounds == 0 || queue.CountOf(ChunkDanger.Draining) > 0 ? stall : HealingStall.None,
            Since = wrongSince,
            DeadServers = deadServers,
            IsRebalancing = isRebalancing,
            Moved = moved,
            MovedBytes = movedBytes,
            MovesUnderWay = moving.Count,
            LeastUse = leastUse,
            MostUse = mostUse,
            TablesNotReady = sweep.Rounds == 0 ? 1 : 0,
            ByGoal = tally.Last,
        };
    }

    /// <summary>What it matters for this table's chunks that a server is there.</summary>
    /// <param name="server">Which.</param>
    /// <param name="mayHoldMore">Whether it may hold what it has not told.</param>
    public ServerCensus CensusOf(ServerId server, bool mayHoldMore) => new(server, mayHoldMore, chunks, standings)
    {
        IsReady = sweep.Rounds > 0,
        IsDrainSeen = standings.IsDrained(server),
        Moved = drained.GetValueOrDefault(server).Moved,
        Since = drained.TryGetValue(server, out var since) ? since.Since : null,
    };

    // Few are counted in no time: whoever watches them sees each change.
    private void Tally()
    {
        if (sweep.Rounds == 0 || sweep.IsUnderWay || Now < tallyAt) return;
        tallyAt = Now + TallyEvery;
        tally.Begin();
        foreach (var handle in chunks.All)
        {
            if (chunks.TryGet(handle, out var row)) tally.See(ChunkHealth.Of(chunks.HoldersOf(handle), row.Goal, standings));
        }

        tally.End();
    }

    private void Date()
    {
        var isWrong = queue.CountOf(ChunkDanger.UnderGoal) + queue.CountOf(ChunkDanger.Endangered) + queue.CountOf(ChunkDanger.Missing) > 0;
        wrongSince = isWrong ? wrongSince ?? time.GetUtcNow() : null;
    }

    // Who is not asked to take the version that all are brought to is left out.
    private bool IsAnyReportOnItsWay(IReadOnlyList<ChunkServerInfo> known, Func<ServerId, bool> hasReported) =>
        sweep.Rounds == 0 && Now < ReportTime && known.Any(server => server.Live && !hasReported(server.Server));

    // One that lives and can't report for so long is gone without, or it would keep all others' chunks from being healed.
    private bool IsDue(ChunkServerInfo server, Func<ServerId, bool> hasReported)
    {
        var patience = 2 * standings.DeadTime;
        if (patience < LeastReportPatience) patience = LeastReportPatience;
        return !hasReported(server.Server) && standings.Of(server.Server) != ServerStanding.Dead && Now < patience;
    }

    private void Sweep()
    {
        if (Now >= lookAt)
        {
            asks++;
            lookAt = null;
        }

        if (sweep.IsDue(Now, standings.Changes + asks))
        {
            sweep.Begin(chunks.All, Now, standings.Changes + asks);
            candidates.Clear();
            tally.Begin();
            isTallied = sweep.IsUnderWay;
            if (!isTallied) tally.End();
            roundDead = standings.All.Count(server => standings.Of(server.Server) == ServerStanding.Dead);
        }

        foreach (var handle in sweep.Take())
        {
            if (Judge(handle) is { } health) tally.See(health);
            candidates.See(handle);
        }

        if (sweep.IsUnderWay) return;
        deadServers = roundDead;
        if (isTallied) tally.End();
        isTallied = false;
    }

    private ChunkHealth? Judge(ChunkHandle handle)
    {
        if (!chunks.TryGet(handle, out var row))
        {
            queue.Remove(handle);
            return null;
        }

        var holders = chunks.HoldersOf(handle);
        var health = ChunkHealth.Of(holders, row.Goal, standings);
        var canAct = health.Danger switch
        {
            ChunkDanger.Surplus => true,
            _ => health.IsToBeCopied && health.AtHand > 0 && HealingPlan.HasServerFor(holders, standings),
        };
        queue.Put(handle, health.Danger, health.Lacking, canAct, Now);
        return health;
    }

    /// <summary>Begins as much as may be under way at once.</summary>
    private void Begin()
    {
        if (!mayCopy || beginning) return;
        beginning = true;
        for (var plans = 0; plans < PlansAtOnce && load.UnderWay + leaving < CopyLoad.MostAtOnce && queue.TryTake(Now, out var turn); plans++)
        {
            var why = Begin(turn);
            if (why == HealingStall.None) continue;
            Say(why);
            queue.Retry(turn.Handle, Now, hasFailed: why != HealingStall.TriedAgain);
            // The next would find no place either.
            if (why is HealingStall.NoRoom or HealingStall.TriedAgain) break;
        }

        beginning = false;
    }

    private HealingStall Begin(HealingTurn turn)
    {
        Judge(turn.Handle);
        if (!chunks.TryGet(turn.Handle, out var row)) return HealingStall.None;
        var holders = chunks.HoldersOf(turn.Handle);
        var health = ChunkHealth.Of(holders, row.Goal, standings);
        var danger = health.Danger;
        if (danger == ChunkDanger.Surplus && HealingPlan.ChooseSurplus(holders, row.Goal, standings) is { } surplus)
        {
            _ = LeaveAsync(turn.Handle, surplus);
            return HealingStall.None;
        }

        if (!health.IsToBeCopied) return danger == ChunkDanger.None ? HealingStall.None : HealingStall.SuspectServer;
        var step = HealingPlan.Choose(holders, standings, load, chunkBytes, turn.Tries, turn.Handle.Value + choices++, Now);
        if (step.Stall != HealingStall.None) return step.Stall;
        _ = CopyAsync(turn.Handle, row.Version, step.Source, step.Target, isUrgent: danger == ChunkDanger.Endangered);
        return HealingStall.None;
    }

    private void Say(HealingStall why)
    {
        if (why > stall) stall = why;
    }

    private bool IsLive(ServerId server) => standings.Of(server) == ServerStanding.Live;
}
