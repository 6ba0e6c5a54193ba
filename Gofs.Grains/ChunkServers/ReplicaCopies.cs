using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Internal;
using Microsoft.Extensions.Logging;

namespace Gofs.Grains.ChunkServers;

/// <summary>
/// The copies this server makes: at most <see cref="Most"/> at once, and some more where it is urgent, one of a chunk. One that nobody installs within
/// <see cref="Unused"/> of its last use is dropped. They outlive the chunk server grain's activation, which may end at any time. Thread-safe.
/// </summary>
internal sealed partial class ReplicaCopies(CopyMeans means, ILogger<ReplicaCopies> logger) : IAsyncDisposable
{
    /// <summary>Copies at once, made ones that are not installed yet among them.</summary>
    public const int Most = 8;

    /// <summary>So many more for chunks that have one replica left.</summary>
    public const int MoreUrgent = 8;

    /// <summary>Of those at most so many that only fill servers evenly.</summary>
    public const int MostMoves = 2;

    /// <summary>How long a call waits for a copy.</summary>
    public static readonly TimeSpan Wait = TimeSpan.FromSeconds(2);

    /// <summary>How long a copy that was made lives unused.</summary>
    public static readonly TimeSpan Unused = TimeSpan.FromMinutes(2);

    private readonly Lock gate = new();
    private readonly Dictionary<ChunkHandle, Item> items = [];

    /// <summary>Ids of an earlier process mean nothing now: they were lower.</summary>
    private long lastId = means.Time.GetUtcNow().UtcTicks;

    /// <summary>
    /// See <see cref="IChunkServerGrain.CopyReplicaAsync"/>. No call waits longer than <see cref="Wait"/>: when a silo stops, Orleans ends the activations on
    /// other silos whose entries of the directory it had; but not before their calls have ended, and meanwhile they take no others. A copy lasts long,
    /// and waits for calls of the source, whose activation may be ended at the same time and wait for a copy from here.
    /// </summary>
    public async Task<ReplicaCopied> AskAsync(ReplicaCopy copy, CancellationToken cancellation)
    {
        var made = CopyAsync(copy, cancellation);
        await Task.WhenAny(made, Task.Delay(Wait, means.Time, cancellation));
        return made.IsCompleted ? await made : default;
    }

    /// <summary>Copies, and answers when the copy is made.</summary>
    public async Task<ReplicaCopied> CopyAsync(ReplicaCopy copy, CancellationToken cancellation)
    {
        while (true)
        {
            Item item;
            lock (gate)
            {
                if (items.TryGetValue(copy.Handle, out var there))
                {
                    item = there;
                    item.UsedAt = means.Time.GetTimestamp();
                }
                else
                {
                    if (items.Count >= (copy.IsUrgent ? Most + MoreUrgent : Most)
                        || (copy.IsMove && items.Values.Count(one => one.Copying.Copy.IsMove) >= MostMoves))
                        throw new GofsException(GofsError.Busy, $"{items.Count} replicas are being copied to this server", copy.Handle.ToString());
                    items[copy.Handle] = item = new(new(copy, ++lastId, means), means.Time.GetTimestamp());
                    item.Copying.Start();
                    _ = EndFailedAsync(item);
                }
            }

            var has = item.Copying.Copy;
            if (item.Ending is null && (has.Version, has.Source) == (copy.Version, copy.Source)) return await item.Copying.Made.WaitAsync(cancellation);
            await EndAsync(item).WaitAsync(cancellation);
        }
    }

    /// <summary>See <see cref="IChunkServerGrain.InstallReplicaAsync"/>.</summary>
    public async Task InstallAsync(ReplicaInstall install, CancellationToken cancellation)
    {
        if (Find(install.Handle, install.CopyId) is not { } item)
        {
            if (await HasAsync(install.Handle, install.Version, cancellation)) return;
            throw new GofsException(GofsError.ChunkNotFound, "there is no such copy any more", install.Handle.ToString());
        }

        // In the background: it ends whether or not who asked waits.
        var installing = means.Pool.RunAsync(() => item.Copying.InstallAsync(install, CancellationToken.None));
        await installing.WaitAsync(cancellation);
        _ = EndAsync(item);
    }

    /// <summary>See <see cref="IChunkServerGrain.DropCopyAsync"/>.</summary>
    public Task DropAsync(ChunkHandle handle, long copyId, CancellationToken cancellation) =>
        Find(handle, copyId) is { } item ? EndAsync(item).WaitAsync(cancellation) : Task.CompletedTask;

    /// <summary>Drops those that were made and that nobody uses.</summary>
    public void DropUnused()
    {
        Item[] unused;
        lock (gate)
        {
            unused = [.. items.Values.Where(item =>
                item.Ending is null && item.Copying.Made.IsCompleted && means.Time.GetElapsedTime(item.UsedAt) > Unused)];
        }

        foreach (var item in unused)
        {
            LogUnused(logger, item.Copying.Copy.Handle, item.Copying.Copy.Source);
            _ = EndAsync(item);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Item[] all;
        lock (gate) all = [.. items.Values];
        await Task.WhenAll(all.Select(EndAsync));
    }

    private async Task<bool> HasAsync(ChunkHandle handle, ChunkVersion version, CancellationToken cancellation)
    {
        try
        {
            await means.Store.GetLengthAsync(handle, version, cancellation);
            return true;
        }
        catch (GofsException other) when (other.Error is GofsError.ChunkNotFound or GofsError.StaleVersion)
        {
            return false;
        }
    }

    private Item? Find(ChunkHandle handle, long copyId)
    {
        lock (gate)
        {
            if (!items.TryGetValue(handle, out var item) || item.Copying.Id != copyId || item.Ending is not null) return null;
            item.UsedAt = means.Time.GetTimestamp();
            return item;
        }
    }

    private async Task EndFailedAsync(Item item)
    {
        await ((Task)item.Copying.Made).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        if (!item.Copying.Made.IsCompletedSuccessfully) await EndAsync(item);
    }

    // Its place is free when it has ended.
    private Task EndAsync(Item item)
    {
        lock (gate) return item.Ending ??= means.Pool.RunAsync(() => EndOnceAsync(item));
    }

    private async Task EndOnceAsync(Item item)
    {
        try
        {
            await item.Copying.DisposeAsync();
        }
        catch (GofsException failed)
        {
            // The disk refuses to remove the file. It is no replica; the next start removes it.
            LogNotRemoved(logger, item.Copying.Copy.Handle, failed);
        }
        finally
        {
            lock (gate) items.Remove(item.Copying.Copy.Handle);
        }
    }

    [LoggerMessage(2211, LogLevel.Information, "The copy of chunk {Handle} from {Source} was not wanted any more")]
    private static partial void LogUnused(ILogger logger, ChunkHandle handle, ServerId source);

    [LoggerMessage(2212, LogLevel.Warning, "The copy of chunk {Handle} could not be removed; the next start does that")]
    private static partial void LogNotRemoved(ILogger logger, ChunkHandle handle, Exception failed);

    private sealed class Item(ReplicaCopying copying, long usedAt)
    {
        public ReplicaCopying Copying => copying;

        public long UsedAt { get; set; } = usedAt;

        public Task? Ending { get; set; }
    }
}
