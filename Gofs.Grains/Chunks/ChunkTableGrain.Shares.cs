using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Grains.Control;
using Gofs.Namespaces;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Gofs.Grains.Chunks;

/// <summary>
/// Chunks that several files refer to, and copy-on-write (GFS §3.4). A file that wants to write to such a chunk gets a copy: the chunk's replicas
/// first take a new version, so that nobody's older right to write reaches them; then each server copies its own replica to a new handle, under
/// the same version. That is above the first, so that a server that loses its copy later can't take a write to it for one to a new chunk. Nobody else
/// offers versions of the chunk meanwhile: neither whoever heals it nor another file that wants a copy, which waits.
/// <para>
/// Who dies. A server while it copies: it is left out, and nothing is left of what it did. A server that does not say
/// whether it is done: the others take one version more, so that its copy is stale. The table: the copy is a chunk no file refers to, and is
/// collected. The file grain before it has logged the copy: the same.
/// </para>
/// </summary>
internal sealed partial class ChunkTableGrain
{
    private static readonly TimeSpan CopyPatience = TimeSpan.FromSeconds(20);
    private readonly Dictionary<(ChunkHandle Handle, InodeNumber Inode), Task<ChunkLocation>> copying = [];

    /// <inheritdoc/>
    public async Task ShareAsync(ChunkShare[] shares, CancellationToken cancellation)
    {
        foreach (var share in shares)
        {
            Check(share.Chunk);
            if (!State.TryGet(share.Chunk, out _)) throw new GofsException(GofsError.ChunkNotFound, "no file refers to the chunk", share.Chunk.ToString());
        }

        var news = shares.Where(share => !State.ReferrersOf(share.Chunk).Contains(share.Taker)).ToArray();
        if (news.Length > 0) Raise(new ChunksShared(news));
        await DurableAsync(cancellation);
    }

    /// <inheritdoc/>
    public async Task ReleaseReferencesAsync(ChunkReference[] references, CancellationToken cancellation)
    {
        foreach (var reference in references) Check(reference.Chunk);
        var there = references.Where(IsThere).ToArray();
        if (there.Length > 0) Raise(new ReferencesReleased(there));
        foreach (var reference in there.Where(reference => !State.TryGet(reference.Chunk, out _))) late.Released(reference.Chunk, time.GetUtcNow());
        await DurableAsync(cancellation);
        foreach (var handle in there.Select(reference => reference.Chunk).Distinct())
        {
            if (State.TryGet(handle, out _))
            {
                // Those that are left may want fewer replicas.
                Healing.Want(handle);
                continue;
            }

            unconfirmed.Release(handle);
            offers.Forget(handle);
            replicas.Forget(handle);
        }
    }

    /// <inheritdoc/>
    public async Task SetGoalsAsync(ChunkReference[] references, int goal, CancellationToken cancellation)
    {
        if (!NamespaceConfig.IsGoal(goal)) throw new GofsException(GofsError.InvalidArgument, $"goal is 1 to {NamespaceConfig.MostReplicas}, not {goal}");
        foreach (var reference in references) Check(reference.Chunk);
        var changed = references.Where(one => State.GoalOf(one.Chunk, one.Inode) is > 0 and var wanted && wanted != goal).ToArray();
        if (changed.Length > 0) Raise(new ChunkGoalsSet(changed, goal));
        foreach (var reference in changed) Healing.Want(reference.Chunk);
        await DurableAsync(cancellation);
    }

    /// <inheritdoc/>
    public async Task<ChunkLocation> GrantOwnAsync(ChunkHandle handle, InodeNumber inode, CancellationToken cancellation)
    {
        Check(handle);
        if (State.ReferencesTo(handle) <= 1) return await GrantVersionAsync(handle, cancellation);
        // Who asked may stop waiting and ask again: the copy goes on.
        if (!copying.TryGetValue((handle, inode), out var running)) copying[(handle, inode)] = running = CopyForAsync(handle, inode);
        return await running.WaitAsync(cancellation);
    }

    private bool IsThere(ChunkReference reference) =>
        State.TryGet(reference.Chunk, out _)
        && (State.ReferrersOf(reference.Chunk) is not { Count: > 0 } files || files.Contains(reference.Inode));

    private async Task<ChunkLocation> CopyForAsync(ChunkHandle handle, InodeNumber inode)
    {
        // Not in the caller's turn: what this ends is looked up by others before it has begun.
        await Task.Yield();
        try
        {
            var (_, config) = await settings.GetAsync(namespaceNumber, CancellationToken.None);
            var copy = ChunkHandle.Create(namespaceNumber, shard, nextCounter++);
            unconfirmed.Keep(copy, ChunkOwner.Of(inode), time.GetUtcNow(), config.LeaseTime);
            await ReserveAsync(copy.Counter, CancellationToken.None);
            await HearEnoughAsync(handle, CancellationToken.None);
            return await AloneAsync(handle, async () =>
            {
                var from = await GrantAsync(handle, CancellationToken.None);
                return await GrantOnceAsync(copy, () => CopyNowAsync(from, copy), CancellationToken.None);
            });
        }
        finally
        {
            copying.Remove((handle, inode));
        }
    }

    private async Task<ChunkLocation> CopyNowAsync(ChunkLocation from, ChunkHandle copy)
    {
        var made = await Task.WhenAll(from.Servers.Select(server => TryCopyAsync(server, from, copy)));
        ServerId[] holders = [.. from.Servers.Where((_, i) => made[i])];
        if (holders.Length < Math.Min(from.Servers.Length, await LeastReplicasAsync(from.Handle, CancellationToken.None)))
            throw new GofsException(
                GofsError.ChunkUnavailable, $"{holders.Length} of {from.Servers.Length} servers copied the chunk, which is shared", from.Handle.ToString());
        var location = await MoveAsync(copy, from.Version, holders, CancellationToken.None);
        return holders.Length == from.Servers.Length ? location : await LeaveOutOthersAsync(location);
    }

    // A server that did not answer may finish its copy later, and must not count then: it misses what is written meanwhile.
    private async Task<ChunkLocation> LeaveOutOthersAsync(ChunkLocation copy)
    {
        var (version, holders) = await OfferAsync(copy.Servers, copy.Handle, ServerPatience, CancellationToken.None);
        if (holders.Length == 0)
            throw new GofsException(GofsError.ChunkUnavailable, $"none of its {copy.Servers.Length} replicas took version {version}", copy.Handle.ToString());
        return await MoveAsync(copy.Handle, version, holders, CancellationToken.None);
    }

    private async Task<bool> TryCopyAsync(ServerId server, ChunkLocation from, ChunkHandle copy)
    {
        try
        {
            await GrainFactory.GetGrain<IChunkCopyGrain>(server.Value).CopyLocalAsync(from.Handle, from.Version, copy, CancellationToken.None)
                .WaitAsync(CopyPatience, time);
            return true;
        }
        catch (Exception failed) when (failed is GofsException or TimeoutException or OrleansException)
        {
            LogNotCopied(logger, server, from.Handle, copy, failed);
            return false;
        }
    }

    [LoggerMessage(2107, LogLevel.Warning, "Chunk server {Server} did not copy chunk {Handle} to {Copy}: it has no replica of the copy")]
    private static partial void LogNotCopied(ILogger logger, ServerId server, ChunkHandle handle, ChunkHandle copy, Exception failed);
}
