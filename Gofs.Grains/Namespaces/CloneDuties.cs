using Gofs.Chunks;
using Gofs.Files;
using Gofs.Grains.Control;
using Orleans;

namespace Gofs.Grains.Namespaces;

/// <summary>
/// What is left to do of a clone (GFS §3.4: copies share their chunks until one of them is written to).
/// <para>
/// A clone is one record (<see cref="TreeCloned"/>): names and attributes are copied at that EditLog number, bytes are not. Of a file put whole the
/// clone has the same chunk, and the chunk table has to be told that both refer to it (<see cref="NamespaceState.ToShare"/>). Of any other the file
/// grain has the chunk list, and hands it to the clone's (<see cref="NamespaceState.Clones"/>). Both are outboxes: they are worked off in the background, and
/// at once for a file that somebody wants to write to or whose clone somebody reads. Until then neither file is changed, so the clone is
/// of that EditLog number. A file that was open is of the moment of the handing over, and the clone is answered after that.
/// </para>
/// <para>
/// Who dies. The master: both outboxes stand in the state of the next. A file grain, a chunk table: the step is taken again; each may be taken twice.
/// Confirmations go before shares and shares before releases, so a table never lets go of a chunk that a clone refers to.
/// </para>
/// </summary>
internal sealed class CloneDuties(NamespaceState state, Action<NamespaceEvent> raise, Func<CancellationToken, Task> durable, IGrainFactory grains)
{
    private const int SharesAtOnce = 8192;
    private const int ClonesAtOnce = 256;
    private const int GrainsAtOnce = 32;
    private const int OriginsAtOnce = 2048;
    private readonly Dictionary<long, Task> settling = [];
    private Task sharing = Task.CompletedTask;

    /// <summary>Confirms what is to be confirmed first.</summary>
    public required Func<CancellationToken, Task> ConfirmAsync { get; init; }

    /// <summary>Works off both outboxes.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        await TellSharesAsync(cancellation);
        // One that can't be settled now keeps no other from it.
        Task failed = Task.CompletedTask;
        foreach (var some in state.Clones.Origins.Take(OriginsAtOnce).ToArray().Chunk(GrainsAtOnce))
        {
            var all = Task.WhenAll(some.Select(inode => SettleAsync(inode, cancellation)));
            await all.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            if (!all.IsCompletedSuccessfully) failed = all;
        }

        await failed;
    }

    /// <summary>A clone is going to be read: it has its own chunk list afterwards.</summary>
    public async Task SettleItselfAsync(long inode, CancellationToken cancellation)
    {
        while (state.Clones.TryGet(inode, out var clone)) await ClonesSettledAsync(clone.Origin, cancellation);
    }

    /// <summary>A file is going to be changed: it has its own chunk list afterwards, and so have its clones.</summary>
    public async Task SettleAsync(long inode, CancellationToken cancellation)
    {
        await SettleItselfAsync(inode, cancellation);
        while (state.Clones.Of(inode).Count > 0) await ClonesSettledAsync(inode, cancellation);
    }

    /// <summary>The clones of files that were open when they were cloned are of the moment in which they are settled: it has come afterwards.</summary>
    public async Task SettleOpenAsync(CancellationToken cancellation)
    {
        long[] origins = [.. state.Clones.All.Where(clone => clone.Value.WasOpen).Select(clone => clone.Value.Origin).Distinct()];
        foreach (var some in origins.Chunk(GrainsAtOnce)) await Task.WhenAll(some.Select(inode => SettleAsync(inode, cancellation)));
    }

    /// <summary>The chunk tables know of all shares there are now.</summary>
    public async Task TellSharesAsync(CancellationToken cancellation)
    {
        while (state.ToShare.Count > 0)
        {
            if (sharing.IsCompleted) sharing = TellSomeSharesAsync();
            await sharing.WaitAsync(cancellation);
        }
    }

    private async Task TellSomeSharesAsync()
    {
        await ConfirmAsync(CancellationToken.None);
        var some = state.ToShare.Take(SharesAtOnce).ToArray();
        await Task.WhenAll(some.GroupBy(share => share.Chunk.Shard).Select(shard =>
            grains.GetGrain<IChunkTableControlGrain>(ChunkTableKey.Of(state.Number, shard.Key)).ShareAsync([.. shard])));
        raise(new SharesTold(some.Length));
        await durable(CancellationToken.None);
    }

    private Task ClonesSettledAsync(long origin, CancellationToken cancellation)
    {
        if (!settling.TryGetValue(origin, out var running)) settling[origin] = running = SettleClonesAsync(origin);
        return running.WaitAsync(cancellation);
    }

    private async Task SettleClonesAsync(long origin)
    {
        // Not in the caller's turn: what this ends is looked up by others before it has begun.
        await Task.Yield();
        try
        {
            // Up to where the chunk list is: a clone is younger than its origin, so nobody waits for itself.
            await SettleItselfAsync(origin, CancellationToken.None);
            await TellSharesAsync(CancellationToken.None);
            // What follows is of what is durable: a clone that is lost with the master must not share anything.
            await durable(CancellationToken.None);
            if (state.Clones.Of(origin).Take(ClonesAtOnce).ToArray() is not { Length: > 0 } clones) return;
            var wasOpen = clones.Any(clone => state.Clones.TryGet(clone, out var pending) && pending.WasOpen);
            var settled = await grains.GetGrain<IFileControlGrain>(FileKey.Of(state.Number, new(origin)))
                .ShareAsync(new(clones, NamespaceQueries.WholeFileOf(state, origin), wasOpen));
            raise(new ClonesSettled(settled));
            await durable(CancellationToken.None);
        }
        finally
        {
            settling.Remove(origin);
        }
    }
}
