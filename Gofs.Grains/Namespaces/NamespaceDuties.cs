using Gofs.Chunks;
using Gofs.Files;
using Gofs.Grains.Control;
using Gofs.Namespaces;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;

namespace Gofs.Grains.Namespaces;

/// <summary>
/// What a namespace sees to by itself, a bounded step at a time, driven by what stands in its state: so whatever was under way when a
/// master died, the next one finds and finishes. Every step may happen twice.
/// </summary>
internal sealed partial class NamespaceDuties(
    NamespaceState state, Action<NamespaceEvent> raise, Func<CancellationToken, Task> durable, ToldFiles told, CloneDuties clones, GoalDuties goals,
    IGrainFactory grains, TimeProvider time, ILogger logger)
{
    /// <summary>Time between steps.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    private const int InodesAtOnce = 2000;
    private const int FilesAtOnce = 256;
    private const int ChunksAtOnce = 8192;
    private const int GrainsAtOnce = 32;
    private readonly Dictionary<long, long> askedAt = [];
    private readonly long startedAt = (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;
    private bool running;

    private long Now => (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;

    /// <summary>One step of each duty; returns at once while the last is under way.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        if (running) return;
        running = true;
        try
        {
            await ConfirmAsync(cancellation);
            await SettleAsync(cancellation);
            if (TrashDecisions.PurgeExpired(state, Now) is { } purged) raise(purged);
            if (state.GivingUp.TryPeek(out var top) && !state.Clones.Has(top)) raise(new InodesGivenUp(InodesAtOnce));
            await durable(cancellation);
            await ReleaseAsync(cancellation);
            await ReleaseChunksAsync(cancellation);
            // Clones that can't be settled now keep no goals from being told.
            await Task.WhenAll(clones.RunAsync(cancellation), goals.RunAsync(cancellation));
        }
        catch (Exception failed) when (failed is GofsException or TimeoutException or OrleansException or OperationCanceledException)
        {
            LogFailed(logger, state.Name, failed);
        }
        finally
        {
            running = false;
        }
    }

    /// <summary>
    /// The chunk tables know of all files put whole until now. Those that are put meanwhile wait: else it would not end while files are put all the time.
    /// </summary>
    public async Task ConfirmAsync(CancellationToken cancellation)
    {
        foreach (var few in state.ToConfirm.Keys.ToArray().Chunk(ChunksAtOnce))
        {
            // Not what was confirmed or let go of meanwhile.
            var some = few.Where(state.ToConfirm.ContainsKey).Select(chunk => KeyValuePair.Create(chunk, state.ToConfirm[chunk])).ToArray();
            if (some.Length == 0) continue;
            await Task.WhenAll(some.GroupBy(one => (one.Key.Shard, Goal: one.Value)).Select(same =>
                Table(same.Key.Shard).ConfirmAsync([.. same.Select(one => one.Key)], same.Key.Goal, cancellation)));
            raise(new OnlyChunksConfirmed([.. some.Select(one => one.Key)]));
            await durable(cancellation);
        }
    }

    // What is not confirmed yet is not released yet: the table would take a confirmation that comes later for a file that is there.
    private async Task ReleaseChunksAsync(CancellationToken cancellation)
    {
        while (true)
        {
            // Whoever shares a chunk with a file that is gone must be known before that lets go.
            while (state.ToShare.Count > 0) await clones.TellSharesAsync(cancellation);
            var some = state.ToRelease.Where(one => !state.ToConfirm.ContainsKey(one.Chunk)).Take(ChunksAtOnce).ToArray();
            if (some.Length == 0) return;
            await Task.WhenAll(some.GroupBy(one => one.Chunk.Shard).Select(shard =>
                grains.GetGrain<IChunkTableControlGrain>(ChunkTableKey.Of(state.Number, shard.Key)).ReleaseReferencesAsync([.. shard], cancellation)));
            raise(new OnlyReferencesReleased(some));
            await durable(cancellation);
        }
    }

    private async Task SettleAsync(CancellationToken cancellation)
    {
        var now = Now;
        var patience = state.Config.LeaseTime.Ticks * 100;
        foreach (var gone in askedAt.Keys.Where(inode => !state.Open.ContainsKey(inode)).ToArray()) askedAt.Remove(gone);
        var due = state.Open.Where(open => IsDue(open.Key, open.Value, now, patience)).Take(FilesAtOnce).ToArray();
        foreach (var some in due.Chunk(GrainsAtOnce)) await Task.WhenAll(some.Select(open => SettleAsync(open.Key, open.Value, cancellation)));
        if (due.Length > 0) await durable(cancellation);
    }

    // A file that was open when this master started is asked about at once: its writer, or the silo its grain was on, may have died with the last.
    private bool IsDue(long inode, long openedAt, long now, long patience) =>
        askedAt.TryGetValue(inode, out var asked) ? asked + patience <= now : openedAt < startedAt || openedAt + patience <= now;

    private async Task SettleAsync(long inode, long openedAt, CancellationToken cancellation)
    {
        askedAt[inode] = Now;
        var settled = await grains.GetGrain<IFileControlGrain>(FileKey.Of(state.Number, new(inode))).SettleOpenAsync(openedAt, cancellation);
        if (settled is null || !told.IsNews(new(inode), settled.EditLogNumber)) return;
        if (OpenFileDecisions.Settle(state, inode, openedAt, settled, Now) is { } happened) raise(happened);
    }

    private async Task ReleaseAsync(CancellationToken cancellation)
    {
        while (state.Releasing.Count > 0)
        {
            var some = state.Releasing.Take(FilesAtOnce).ToArray();
            foreach (var few in some.Chunk(GrainsAtOnce)) await Task.WhenAll(few.Select(inode => File(inode).ReleaseAsync(cancellation)));
            raise(new FilesReleased(some));
            await durable(cancellation);
        }
    }

    private IChunkTableGrain Table(int shard) => grains.GetGrain<IChunkTableGrain>(ChunkTableKey.Of(state.Number, shard));

    private IFileGrain File(long inode) => grains.GetGrain<IFileGrain>(FileKey.Of(state.Number, new(inode)));

    [LoggerMessage(2401, LogLevel.Warning, "A duty of namespace {Name} was not finished; it goes on in a second")]
    private static partial void LogFailed(ILogger logger, string name, Exception failed);
}
