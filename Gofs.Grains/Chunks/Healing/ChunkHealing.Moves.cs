using Gofs.Chunks;
using Gofs.ChunkServers;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Gofs.Grains.Chunks.Healing;

/// <summary>
/// Rebalancing: replicas move from fuller servers to emptier ones (<see cref="RebalancePlan"/>). A move is a copy that joins as any other, and then the
/// replica on the fuller server leaves as any other that is too many: there are never fewer good replicas than before. Whoever dies between: the
/// chunk has a replica too many or a copy is dropped, and healing sees to it. Nothing is moved while this table has anything to heal, while servers are
/// silent that are expected back, and when it is switched off; a target that makes enough copies already refuses, and is left in peace for a while.
/// <para>
/// The longest replicas go first: what a move costs the master, its EditLog and three servers is the same for one of a few bytes. A table has no lengths, so it
/// asks the server that is to give one for those of some that could go (<see cref="MoveCandidates"/>).
/// </para>
/// </summary>
internal sealed partial class ChunkHealing
{
    /// <summary>Moves of one table under way at once.</summary>
    private const int MostMoves = 4;

    private const int Candidates = 512;
    private const int MeasuredAtOnce = 32;
    private const int SilentPart = 10;
    private static readonly TimeSpan MoveRest = TimeSpan.FromSeconds(5);
    private readonly HashSet<ChunkHandle> moving = [];
    private readonly Random random;
    private readonly MoveCandidates candidates;
    private bool isRebalancing;
    private bool isChoosing;
    private TimeSpan restsUntil;
    private double leastUse;
    private double mostUse;
    private long moved;
    private long movedBytes;

    private bool MayMove => Rebalances && mayCopy && load.UnderWay + leaving == 0 && unsettled.Count == 0
        && queue.CountOf(ChunkDanger.UnderGoal) + queue.CountOf(ChunkDanger.Endangered) + queue.CountOf(ChunkDanger.Draining) == 0
        && standings.All.Count(IsMissed) * SilentPart <= standings.All.Count;

    private bool IsMissed(ChunkServerInfo server) => server.Mark == ServerMark.None && standings.Of(server.Server) == ServerStanding.Suspect;

    private void Rebalance()
    {
        var plan = new RebalancePlan(standings);
        (leastUse, mostUse) = (plan.Least, plan.Most);
        isRebalancing = Rebalances && plan.IsDue(isRebalancing);
        if (!isRebalancing || !MayMove || isChoosing || Now < restsUntil) return;
        var due = plan.MovesDue(candidates.Seen * GoalOfOne(), candidates.LongestBytes, chunkBytes);
        var begin = Math.Min(MostMoves - moving.Count, (int)Math.Min(due + random.NextDouble(), MostMoves));
        if (begin > 0) _ = BeginMovesAsync(plan, begin);
    }

    private async Task BeginMovesAsync(RebalancePlan plan, int begin)
    {
        isChoosing = true;
        try
        {
            for (; begin > 0; begin--)
            {
                if (plan.ChoosePair(chunkBytes, random.NextDouble(), random.NextDouble()) is not var (from, to) || load.IsRefusing(to, Now)) continue;
                if (!await IsMeasuredAsync(from, to)) break;
                if (candidates.TryTakeLongest(one => MayGo(one, from, to), out var handle)) _ = MoveAsync(handle, from, to);
            }
        }
        finally
        {
            isChoosing = false;
        }
    }

    private async Task<bool> IsMeasuredAsync(ServerId from, ServerId to)
    {
        var some = candidates.NotMeasured(MeasuredAtOnce, one => MayGo(one, from, to));
        var queries = some.Select(handle => new ReplicaQuery(handle, chunks.TryGet(handle, out var row) ? row.Version : default)).ToArray();
        if (queries.Length == 0) return true;
        try
        {
            // One that is no good there is as good as empty: others go before it, and a move of it would look again.
            foreach (var (handle, state) in some.Zip(await servers.CheckAsync(from, queries))) candidates.Measure(handle, state.LengthBytes);
            return true;
        }
        catch (Exception silent) when (silent is GofsException or TimeoutException or OrleansException)
        {
            restsUntil = Now + MoveRest;
            LogNotMeasured(logger, from, silent);
            return false;
        }
    }

    private bool MayGo(ChunkHandle handle, ServerId from, ServerId to) => !moving.Contains(handle) && Fits(handle, from, to);

    // All chunks of a namespace have about as many replicas.
    private int GoalOfOne() => chunks.All.Select(handle => chunks.TryGet(handle, out var row) ? row.Goal : 1).FirstOrDefault(1);

    private bool Fits(ChunkHandle handle, ServerId from, ServerId to) => !IsUnsettled(handle)
        && chunks.TryGet(handle, out var row) && RebalancePlan.Fits(chunks.HoldersOf(handle), row.Goal, from, to, standings);

    private async Task MoveAsync(ChunkHandle handle, ServerId from, ServerId to)
    {
        moving.Add(handle);
        try
        {
            if (!chunks.TryGet(handle, out var row)) return;
            var holders = chunks.HoldersOf(handle);
            var source = holders[random.Next(holders.Length)];
            var copy = new ReplicaCopy(handle, row.Version, source, chunks.ReadToken(handle, row.Version)) { IsMove = true };
            var made = await servers.CopyAsync(to, copy);
            // Much may have happened while it was copied.
            var end = Fits(handle, from, to) ? await ChangeAsync(handle, () => join.JoinAsync(copy, to, made.CopyId, IsLive)) : JoinEnd.NotBegun;
            if (end != JoinEnd.Done)
            {
                await servers.DropAsync(to, handle, made.CopyId);
                return;
            }

            if (await TrimAsync(handle, (replicas, goal) => SurplusChoice.MayLeave(replicas, goal, from) ? from : null) is not { } left) return;
            moved++;
            movedBytes += made.LengthBytes;
            await servers.DeleteOlderAsync(from, handle, left.Than); // what fails here the server's next report says again
        }
        catch (Exception failed)
        {
            // Nobody awaits this: what is not said here is lost. It is no harm: the chunk has its replicas, and perhaps one too many.
            restsUntil = Now + MoveRest;
            if (failed is GofsException { Error: GofsError.NoSpace or GofsError.DiskFailed }) load.Refuse(to, Now);
            if (failed is not GofsException { Error: GofsError.Busy or GofsError.StaleVersion or GofsError.ChunkNotFound })
                LogNotMoved(logger, handle, from, to, failed);
        }
        finally
        {
            moving.Remove(handle);
            Judge(handle);
        }
    }

    [LoggerMessage(2117, LogLevel.Warning, "{From} did not say how long its replicas are: for a while nothing is moved")]
    private static partial void LogNotMeasured(ILogger logger, ServerId from, Exception failed);

    [LoggerMessage(2115, LogLevel.Warning, "A move of chunk {Handle} from {From} to {To} did not end well: it has its replicas, and maybe one too many for a while")]
    private static partial void LogNotMoved(ILogger logger, ChunkHandle handle, ServerId from, ServerId to, Exception failed);
}
