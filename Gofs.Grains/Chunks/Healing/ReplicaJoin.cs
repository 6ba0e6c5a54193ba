using Gofs.Chunks;
using Gofs.ChunkServers;
using Orleans.Runtime;

namespace Gofs.Grains.Chunks.Healing;

/// <summary>How a change of a chunk's replicas ended.</summary>
public enum JoinEnd
{
    /// <summary>It is done.</summary>
    Done,

    /// <summary>Nothing was changed: the chunk is not what it was when the change was planned, or a server did not answer.</summary>
    NotBegun,

    /// <summary>The copy is not to be had; the replicas there were are as they were, under a newer version.</summary>
    WithoutCopy,

    /// <summary>The replicas there are have different versions. They are to be brought to one (<see cref="ReplicaJoin.SettleAsync"/>).</summary>
    Unsettled,
}

/// <summary>
/// Makes a copy a replica, or takes a replica away, while the chunk is written. What: a new version for the replicas that are to count, which shuts
/// writers out until the table has logged it; between, the copy fetches what was touched last. Why: whatever was acknowledged before was written to
/// every holder, so it is in the copy; whatever is acknowledged later is under the new version, so it was written to the new replica too.
/// <para>
/// The order: each holder makes durable what it has (one that can't is found out before anything is changed); each holder takes the version; the
/// copy is installed; the version and the servers are logged. Who dies. A holder, before it has taken the version: it is asked again, and left out only
/// when the copy makes up for it. The source: then the copy can't be had, and the others are brought to one version again. The target, or it is silent: it may
/// have become a replica of a version that nobody must count then, so the holders take a newer one. The table: nobody writes under a version that
/// is not logged, so whatever replicas its next owner hears of under it are as good as those of the version that counts (<see cref="AheadReplica"/>).
/// A former owner of it that does not know that it is none: what it copied replaces no replica that a later one has offered a version
/// (<see cref="ChunkServers.VersionOwners.MayReplace"/>), and what it left out is deleted only below a version it had logged.
/// </para>
/// <para>A chunk is never left with fewer good replicas than it had, but for those whose servers die meanwhile.</para>
/// </summary>
/// <param name="chunks">The table.</param>
/// <param name="servers">The chunk servers.</param>
public sealed class ReplicaJoin(IHealedChunks chunks, IReplicaServers servers)
{
    /// <summary>A copy becomes a replica. To be run while nobody else offers versions of the chunk.</summary>
    /// <param name="copy">What was copied, and from where.</param>
    /// <param name="target">Where to.</param>
    /// <param name="copyId">The copy.</param>
    /// <param name="isLive">Whether a server is live now.</param>
    public async Task<JoinEnd> JoinAsync(ReplicaCopy copy, ServerId target, long copyId, Func<ServerId, bool> isLive)
    {
        var handle = copy.Handle;
        if (!chunks.TryGet(handle, out var row)) return JoinEnd.NotBegun;
        var holders = chunks.HoldersOf(handle).Where(isLive).ToArray();
        if (!holders.Contains(copy.Source) || holders.Contains(target)) return JoinEnd.NotBegun;
        if (!await CanBeginAsync(handle, row.Version, holders)) return JoinEnd.NotBegun;
        var round = new VersionRound(holders, Math.Max(1, holders.Length - 1));
        if (await OfferAsync(handle, row.Version, round) is not { } version || !round.Asked.Contains(copy.Source)) return JoinEnd.Unsettled;
        if (await IsInstalledAsync(target, new(handle, copyId, version, chunks.ReadToken(handle, version))))
            return await MoveAsync(handle, version, [.. round.Asked, target], JoinEnd.Done);
        // It may have become a replica all the same, and misses what is written from now on: that version must not count.
        var without = new VersionRound(round.Asked, holders.Length);
        return await OfferAsync(handle, row.Version, without) is { } newer
            ? await MoveAsync(handle, newer, without.Asked, JoinEnd.WithoutCopy)
            : JoinEnd.Unsettled;
    }

    /// <summary>A replica too many goes: the others take a new version without it. To be run while nobody else offers versions of the chunk.</summary>
    public async Task<JoinEnd> LeaveAsync(ChunkHandle handle, ServerId surplus, Func<ServerId, bool> isLive)
    {
        if (!chunks.TryGet(handle, out var row)) return JoinEnd.NotBegun;
        var staying = chunks.HoldersOf(handle).Where(server => server != surplus && isLive(server)).ToArray();
        if (staying.Length < row.Goal || !await CanBeginAsync(handle, row.Version, staying)) return JoinEnd.NotBegun;
        // More may be wanted by now.
        if (!chunks.TryGet(handle, out row) || staying.Length < row.Goal) return JoinEnd.NotBegun;
        var round = new VersionRound(staying, staying.Length);
        if (await OfferAsync(handle, row.Version, round) is not { } version) return JoinEnd.Unsettled;
        return await MoveAsync(handle, version, round.Asked, JoinEnd.Done);
    }

    /// <summary>
    /// Brings replicas that have different versions to one. To be run while nobody else offers versions of the chunk.
    /// </summary>
    /// <param name="handle">The chunk.</param>
    /// <param name="isLive">Whether a server is live now; the others are left out.</param>
    /// <param name="needsAll">Whether every live one must take it; else one is enough, because they had time.</param>
    public async Task<JoinEnd> SettleAsync(ChunkHandle handle, Func<ServerId, bool> isLive, bool needsAll)
    {
        if (!chunks.TryGet(handle, out var row)) return JoinEnd.Done;
        var holders = chunks.HoldersOf(handle).Where(isLive).ToArray();
        if (holders.Length == 0) return JoinEnd.Unsettled;
        var round = new VersionRound(holders, needsAll ? holders.Length : 1);
        return await OfferAsync(handle, row.Version, round) is { } version ? await MoveAsync(handle, version, round.Asked, JoinEnd.Done) : JoinEnd.Unsettled;
    }

    private async Task<JoinEnd> MoveAsync(ChunkHandle handle, ChunkVersion version, ServerId[] holders, JoinEnd end)
    {
        // Released meanwhile: it has no version any more.
        if (!chunks.TryGet(handle, out _)) return JoinEnd.NotBegun;
        await chunks.MoveAsync(handle, version, holders);
        return end;
    }

    // Whoever does not answer now would not take a version either: better nobody has been asked to.
    private async Task<bool> CanBeginAsync(ChunkHandle handle, ChunkVersion version, ServerId[] holders)
    {
        var answers = await Task.WhenAll(holders.Select(server => AskAsync(() => servers.FlushAsync(server, handle, version))));
        foreach (var (server, answer) in holders.Zip(answers))
        {
            if (answer is OfferAnswer.Refused or OfferAnswer.Newer) chunks.Lose(handle, server);
        }

        return Array.TrueForAll(answers, answer => answer == OfferAnswer.Taken);
    }

    private async Task<ChunkVersion?> OfferAsync(ChunkHandle handle, ChunkVersion counts, VersionRound round)
    {
        while (true)
        {
            var version = await chunks.NextVersionAsync(handle);
            var answers = await Task.WhenAll(round.Asked.Select(server => AskAsync(() => servers.OfferVersionAsync(server, handle, version, counts))));
            var lost = round.Refused.Count;
            var end = round.Hear(answers);
            foreach (var server in round.Refused.Skip(lost)) chunks.Lose(handle, server);
            if (end != RoundEnd.Again) return end == RoundEnd.Done ? version : null;
        }
    }

    private async Task<bool> IsInstalledAsync(ServerId target, ReplicaInstall install)
    {
        var answer = await AskAsync(() => servers.InstallAsync(target, install));
        if (answer == OfferAnswer.Unknown) answer = await AskAsync(() => servers.InstallAsync(target, install));
        return answer == OfferAnswer.Taken;
    }

    private static async Task<OfferAnswer> AskAsync(Func<Task> call)
    {
        try
        {
            await call();
            return OfferAnswer.Taken;
        }
        catch (Exception failed) when (failed is GofsException or TimeoutException or OrleansException)
        {
            return VersionRound.AnswerOf(failed);
        }
    }
}
