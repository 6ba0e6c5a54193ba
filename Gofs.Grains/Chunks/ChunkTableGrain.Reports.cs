using Gofs.Chunks;
using Gofs.ChunkServers;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Gofs.Grains.Chunks;

/// <summary>How a chunk table learns where replicas are: servers report what changes, and everything when they or the table start.</summary>
internal sealed partial class ChunkTableGrain
{
    private static readonly TimeSpan LeastWait = TimeSpan.FromMilliseconds(1); // a delay below it is none: whoever waits would go round and round
    private readonly AwaitedReports awaited = new();
    private readonly UnclearReplicas unclear = new();

    /// <inheritdoc/>
    public async Task<ChunkHandle[]> ReportAsync(ChunkReport report, CancellationToken cancellation)
    {
        foreach (var replica in report.Present) Check(replica.Handle);
        List<ChunkHandle> stale = [];
        // One synchronous stretch: between forgetting and hearing anew nobody may look.
        var now = time.GetUtcNow();
        if (report.First) Forget(report.Server, now);
        foreach (var handle in report.Gone) See(report.Server, handle);
        foreach (var (handle, version, _) in report.Present)
        {
            See(report.Server, handle, version, stale);
            if (!State.TryGet(handle, out _)) unconfirmed.SeeStranger(handle, now, writersLease);
        }

        awaited.Heard(report.Server, report.HasMore, report.LacksADisk);
        // What a former owner takes in its successor would never hear, and what it calls stale may count.
        await OwnedAsync(cancellation);
        return [.. stale];
    }

    private void Forget(ServerId server, DateTimeOffset now)
    {
        replicas.Forget(server, now - ReportPatience);
        unclear.Forget(server);
        // What is settled for these meanwhile is not to bring back what the server does not have.
        foreach (var handle in granting.Keys.Concat(joining.Keys)) offers.Hear(handle, server, null);
        Healing.LookAtAll();
    }

    private void See(ServerId server, ChunkHandle gone)
    {
        left.Forget(gone, server);
        unclear.Forget(gone, server);
        if (IsOffered(gone)) offers.Hear(gone, server, null);
        else replicas.Remove(gone, server);
        Healing.Look(gone);
    }

    private void See(ServerId server, ChunkHandle handle, ChunkVersion version, List<ChunkHandle> stale)
    {
        var counts = State.VersionOf(handle);
        unclear.Forget(handle, server);
        if (IsOffered(handle))
        {
            offers.Hear(handle, server, version);
            if (version == counts) Count(server, handle);
        }
        else if (version == counts || (version > counts && Healing.IsUnsettled(handle)))
        {
            if (version > counts) offers.Saw(handle, version);
            Count(server, handle);
        }
        else if (version > counts)
        {
            SeeAhead(server, handle, version, stale);
        }
        else
        {
            LeaveOut(server, handle, version, stale);
        }
    }

    private void SeeAhead(ServerId server, ChunkHandle handle, ChunkVersion version, List<ChunkHandle> stale)
    {
        var isReferred = State.TryGet(handle, out _);
        var isAnyKnown = Array.Exists(replicas.Of(handle), one => one != server);
        switch (AheadReplica.Judge(version, State.VersionOf(handle), OwnerNumber, replicas.WasAmongAll(handle, server), isAnyKnown))
        {
            case AheadWorth.Good when isReferred:
                offers.Saw(handle, version);
                Count(server, handle);
                Healing.Unsettle(handle);
                break;
            case AheadWorth.Unknown when !HaveAllTold():
                unclear.Note(handle, server, version);
                break;
            case AheadWorth.Stale:
                // What counts from now on is above it: so it can be told from that when it is deleted.
                offers.Saw(handle, version);
                LeaveOut(server, handle, version, stale);
                break;
            default:
                TakeUp(server, handle, version);
                break;
        }
    }

    private void TakeUp(ServerId server, ChunkHandle handle, ChunkVersion version)
    {
        Raise(new VersionMoved(handle, version));
        // Others may have it too, or be stale: they tell.
        foreach (var other in replicas.Of(handle).Where(other => other != server)) awaited.Lost(other);
        left.Forget(handle, server);
        replicas.Set(handle, [server]);
        replicas.Forget(handle);
    }

    private void LeaveOut(ServerId server, ChunkHandle handle, ChunkVersion version, List<ChunkHandle> stale)
    {
        replicas.Remove(handle, server);
        if (replicas.Of(handle).Length > 0 && HasEnough(handle, LiveServers())) stale.Add(handle);
        else left.Note(handle, server, time.GetUtcNow(), version);
    }

    // Whether nobody can come back with what counts. A server that is away for good, or a disk, keeps this from being so until it is removed.
    private bool HaveAllTold() => awaited.IsComplete && servers.Last is { Count: > 0 } all && all.All(one => one.Live && awaited.HasToldAll(one.Server));

    // What could not be judged while somebody had not told.
    private void SeeUnclear()
    {
        if (!HaveAllTold()) return;
        List<ChunkHandle> stale = [];
        foreach (var (handle, server, version) in unclear.TakeAll())
        {
            See(server, handle, version, stale);
            if (stale.Count > 0) left.Note(handle, server, time.GetUtcNow());
            stale.Clear();
        }
    }

    private void Count(ServerId server, ChunkHandle handle)
    {
        replicas.Add(handle, server);
        left.Forget(handle, server);
    }

    private void HearWhatWaited(ChunkHandle handle)
    {
        List<ChunkHandle> stale = [];
        var counts = State.VersionOf(handle);
        foreach (var (server, version) in offers.End(handle, counts))
        {
            if (Array.IndexOf(replicas.Of(handle), server) >= 0 && (version is null || version < counts))
            {
                // It spoke before it took the version that counts, or it lost the replica after: that it says anew.
                if (version is null) awaited.Lost(server);
                continue;
            }

            try
            {
                if (version is { } reported) See(server, handle, reported, stale);
                else See(server, handle);
                if (stale.Count > 0) left.Note(handle, server, time.GetUtcNow(), version ?? default);
                stale.Clear();
            }
            catch (GofsException busy)
            {
                LogNoReport(logger, namespaceNumber, shard, server, busy);
                awaited.Lost(server);
            }
        }
    }

    /// <summary>Waits, for a while, until a server has reported each of the chunks; of those the table does not have only while reports are due.</summary>
    private async Task HearOfAsync(ChunkHandle[] handles, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        while (Array.Exists(handles, handle => replicas.Of(handle).Length == 0 && (!awaited.IsComplete || State.TryGet(handle, out _))))
        {
            var left = (awaited.IsComplete ? ChangePatience : ServerPatience) - time.GetElapsedTime(started);
            if (left < LeastWait) return;
            await Task.WhenAny(NextWordAsync(), Task.Delay(left, time, cancellation));
            cancellation.ThrowIfCancellationRequested();
        }
    }

    // Before versions are offered, because then reports wait. Who has not told yet that it has a good replica would be left with a stale one.
    private async Task HearEnoughAsync(ChunkHandle handle, CancellationToken cancellation)
    {
        if (State.TryGet(handle, out _)) await HearOfAsync([handle], cancellation);
        if (State.TryGet(handle, out var row) && replicas.Of(handle).Length < row.Goal) await HearOfAllAsync(ServerPatience, cancellation);
    }

    /// <summary>Waits, so long at most, until every server has reported: who counts replicas before that counts too few.</summary>
    private async Task HearOfAllAsync(TimeSpan patience, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        while (!awaited.IsComplete)
        {
            var left = patience - time.GetElapsedTime(started);
            if (left < LeastWait) return;
            await Task.WhenAny(NextWordAsync(), Task.Delay(left, time, cancellation));
            cancellation.ThrowIfCancellationRequested();
        }
    }

    // Not the word itself: who waits for one of several is told by the thread that brings it, and here by a turn of this grain's.
    private async Task NextWordAsync() => await awaited.Next;

    // The registry may not know a server yet when this table starts, and a server may not answer: who has not reported is asked again.
    private async Task AskForReportsAsync(CancellationToken cancellation)
    {
        foreach (var server in awaited.TakeToAsk(await servers.GetAsync(cancellation))) _ = AskForReportAsync(server);
    }

    private async Task AskForReportAsync(ServerId server)
    {
        try
        {
            await GrainFactory.GetGrain<IChunkServerGrain>(server.Value).ReportToAsync(namespaceNumber, shard, CancellationToken.None)
                .WaitAsync(ReportPatience, time);
            awaited.Reported(server);
        }
        catch (Exception silent)
        {
            // Nobody awaits this: what is not said here is lost.
            awaited.Failed(server);
            LogNoReport(logger, namespaceNumber, shard, server, silent);
        }
    }

    [LoggerMessage(2102, LogLevel.Warning, "Chunk table {Namespace}/{Shard} has no report of {Server} yet; it is asked again")]
    private static partial void LogNoReport(ILogger logger, int @namespace, int shard, ServerId server, Exception silent);
}
