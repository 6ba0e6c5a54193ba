using Gofs.Chunks;
using Gofs.ChunkServers;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Gofs.Grains.Chunks.Healing;

/// <summary>The work of healing: each runs beside the others, and puts its chunk back into the queue, or takes it out.</summary>
internal sealed partial class ChunkHealing
{
    private async Task CopyAsync(ChunkHandle handle, ChunkVersion version, ServerId source, ServerId target, bool isUrgent)
    {
        load.Begin(source, target);
        var hasFailed = true;
        try
        {
            var copy = new ReplicaCopy(handle, version, source, chunks.ReadToken(handle, version)) { IsUrgent = isUrgent };
            var made = await CopyPatientlyAsync(target, copy);
            var end = await ChangeAsync(handle, () => join.JoinAsync(copy, target, made.CopyId, IsLive));
            hasFailed = end != JoinEnd.Done;
            if (end == JoinEnd.Done) Count(handle, target, made);
            else await servers.DropAsync(target, handle, made.CopyId);
        }
        catch (Exception failed)
        {
            // Nobody awaits this: what is not said here is lost.
            hasFailed = Blame(handle, version, source, target, failed);
        }
        finally
        {
            load.End(source, target);
            End(handle, hasFailed);
        }
    }

    // A call that was lost is no reason to copy all of it again: asked for the same, a target goes on with what it has.
    private async Task<ReplicaCopied> CopyPatientlyAsync(ServerId target, ReplicaCopy copy)
    {
        try
        {
            return await servers.CopyAsync(target, copy);
        }
        catch (Exception lost) when (lost is TimeoutException or GofsException { Error: GofsError.Timeout })
        {
            return await servers.CopyAsync(target, copy);
        }
    }

    /// <summary>Draws the lesson from a failure; answers whether it counts as one.</summary>
    private bool Blame(ChunkHandle handle, ChunkVersion version, ServerId source, ServerId target, Exception failed)
    {
        switch ((failed as GofsException)?.Error)
        {
            case GofsError.Busy:
                Say(HealingStall.TriedAgain);
                return false;
            case GofsError.NoSpace or GofsError.DiskFailed:
                load.Refuse(target, Now);
                break;
            case GofsError.ChunkNotFound or GofsError.StaleVersion when chunks.TryGet(handle, out var row) && row.Version == version && !IsUnsettled(handle):
                chunks.Lose(handle, source);
                break;
        }

        Say(HealingStall.TriedAgain);
        if (loggedAt is null || Now - loggedAt >= LogEvery)
        {
            loggedAt = Now;
            LogNotCopied(logger, handle, source, target, failed);
        }

        return true;
    }

    private async Task LeaveAsync(ChunkHandle handle, ServerId surplus)
    {
        leaving++;
        var hasFailed = true;
        try
        {
            if (await TrimAsync(handle, (replicas, goal) => SurplusChoice.Choose(replicas, goal, surplus)) is not { } left) return;
            hasFailed = false;
            // What fails here the server's next report says again: it is stale then.
            await servers.DeleteOlderAsync(left.Server, handle, left.Than);
        }
        catch (Exception failed)
        {
            LogNotTrimmed(logger, handle, surplus, failed);
        }
        finally
        {
            leaving--;
            End(handle, hasFailed);
        }
    }

    // Much may have happened until nobody else changes the chunk: only what counts for the goal is counted, and enough must stay that is good. Answers which
    // went, and before which version its replica does not count.
    private async Task<(ServerId Server, ChunkVersion Than)?> TrimAsync(
        ChunkHandle handle, Func<IReadOnlyList<(ServerId Server, ReplicaState? State)>, int, ServerId?> choose)
    {
        (ServerId Server, ChunkVersion Than)? left = null;
        await ChangeAsync(handle, async () =>
        {
            if (!chunks.TryGet(handle, out var row)) return JoinEnd.NotBegun;
            var holders = chunks.HoldersOf(handle);
            var health = ChunkHealth.Of(holders, row.Goal, standings);
            if (health.Live <= row.Goal || health.Suspect > 0) return JoinEnd.NotBegun;
            var counted = holders.Where(server => IsLive(server) && !standings.IsDrained(server));
            if (choose(await Task.WhenAll(counted.Select(server => LookAsync(server, handle, row.Version))), row.Goal) is not { } leaves)
            {
                LogNotSound(logger, handle, row.Goal);
                return JoinEnd.NotBegun;
            }

            var end = await join.LeaveAsync(handle, leaves, IsLive);
            // It may become a replica again before it hears that it is none.
            if (end == JoinEnd.Done && chunks.TryGet(handle, out row)) left = (leaves, row.Version);
            return end;
        });
        return left;
    }

    private async Task<(ServerId Server, ReplicaState? State)> LookAsync(ServerId server, ChunkHandle handle, ChunkVersion version)
    {
        try
        {
            return (server, (await servers.CheckAsync(server, [new(handle, version)]))[0]);
        }
        catch (Exception silent) when (silent is GofsException or TimeoutException or OrleansException)
        {
            // That it says nothing is part of the answer.
            return (server, null);
        }
    }

    private async Task SettleAsync(ChunkHandle handle)
    {
        try
        {
            var tries = ++unsettled[handle];
            await ChangeAsync(handle, () => join.SettleAsync(handle, IsLive, needsAll: tries <= SettlesNeedingAll));
        }
        catch (Exception failed)
        {
            LogNotSettled(logger, handle, failed);
        }
        finally
        {
            settling.Remove(handle);
            Look(handle);
        }
    }

    // Noted before the reports that waited are heard: the versions they name were offered here.
    private Task<JoinEnd> ChangeAsync(ChunkHandle handle, Func<Task<JoinEnd>> change) => chunks.AloneAsync(handle, async () =>
    {
        var end = await change();
        if (end == JoinEnd.Unsettled) unsettled.TryAdd(handle, 0);
        else if (end == JoinEnd.Done) unsettled.Remove(handle);
        return end;
    });

    private void End(ChunkHandle handle, bool hasFailed)
    {
        Judge(handle);
        queue.Retry(handle, Now, hasFailed);
        Begin();
    }

    // What the end of a drain is reckoned by.
    private void NoteDrains()
    {
        foreach (var ended in drained.Keys.Where(server => !standings.IsDrained(server)).ToArray()) drained.Remove(ended);
        foreach (var server in standings.All.Where(server => server.Mark == ServerMark.Drain)) drained.TryAdd(server.Server, (time.GetUtcNow(), 0));
    }

    private void Count(ChunkHandle handle, ServerId target, ReplicaCopied made)
    {
        foreach (var server in chunks.HoldersOf(handle))
        {
            if (drained.TryGetValue(server, out var had)) drained[server] = had with { Moved = had.Moved + 1 };
        }

        copied++;
        copiedBytes += made.LengthBytes;
        LogCopied(logger, handle, target, made.LengthBytes);
    }

    [LoggerMessage(2111, LogLevel.Debug, "Chunk {Handle} has a replica more, on {Target}: {Bytes} bytes")]
    private static partial void LogCopied(ILogger logger, ChunkHandle handle, ServerId target, long bytes);

    [LoggerMessage(2112, LogLevel.Warning, "A replica of chunk {Handle} was not copied from {Source} to {Target}; it is tried again, and so are others of which nothing is said")]
    private static partial void LogNotCopied(ILogger logger, ChunkHandle handle, ServerId source, ServerId target, Exception failed);

    [LoggerMessage(2113, LogLevel.Warning, "Chunk {Handle} keeps a replica too many on {Server} for now")]
    private static partial void LogNotTrimmed(ILogger logger, ChunkHandle handle, ServerId server, Exception failed);

    [LoggerMessage(2116, LogLevel.Information, "Chunk {Handle} keeps a replica too many for now: it is not known of {Goal} others that they are good")]
    private static partial void LogNotSound(ILogger logger, ChunkHandle handle, int goal);

    [LoggerMessage(2114, LogLevel.Warning, "The replicas of chunk {Handle} have different versions; they are asked again to take one")]
    private static partial void LogNotSettled(ILogger logger, ChunkHandle handle, Exception failed);
}
