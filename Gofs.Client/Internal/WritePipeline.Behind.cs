using Gofs.Namespaces;

namespace Gofs.Internal;

/// <summary>
/// Flushing behind the writer. A chunk that was written up to its end is flushed while the next one fills, so that closing a large file finds most of
/// it durable, and the disks work while the bytes still come. Nobody relies on it: what fails here is dirty again and is flushed by
/// whoever flushes the file. No chunk is written while it is flushed, so a flush covers all that was acknowledged before it (<see cref="UnflushedWrites"/>).
/// </summary>
internal sealed partial class WritePipeline
{
    /// <summary>Chunks flushed at once behind the writer; he waits for the oldest when there are as many.</summary>
    private const int MostBehind = 4;

    /// <summary>What is being flushed, the oldest first. Used in the gate.</summary>
    private readonly List<FlushBehind> behind = [];

    private sealed record FlushBehind(int Index, Task<bool> Flushed);

    /// <summary>The writer has sent bytes that end here: when that is the end of a dirty chunk, its flush begins.</summary>
    private async ValueTask StartFlushBehindAsync(long end, CancellationToken cancellation)
    {
        if (end % lease.ChunkSizeBytes != 0) return;
        var index = checked((int)((end - 1) / lease.ChunkSizeBytes));
        if (!dirty.Contains(index)) return;
        if (behind.Count >= MostBehind) await EndFlushBehindAsync(behind[0], cancellation);
        dirty.Remove(index);
        behind.Add(new(index, FlushWhenWrittenAsync(index, window.WhenEndedAsync(end - lease.ChunkSizeBytes, end))));
    }

    /// <summary>Waits until a chunk is not being flushed.</summary>
    private async ValueTask EndFlushBehindAsync(int index, CancellationToken cancellation)
    {
        if (behind.Find(one => one.Index == index) is { } flush) await EndFlushBehindAsync(flush, cancellation);
    }

    private async ValueTask EndAllFlushesBehindAsync(CancellationToken cancellation)
    {
        while (behind.Count > 0) await EndFlushBehindAsync(behind[0], cancellation);
    }

    private async ValueTask EndFlushBehindAsync(FlushBehind flush, CancellationToken cancellation)
    {
        var isFlushed = await flush.Flushed.WaitAsync(cancellation);
        behind.Remove(flush);
        if (!isFlushed) dirty.Add(flush.Index);
    }

    private async Task<bool> FlushWhenWrittenAsync(int index, Task<bool> written)
    {
        try
        {
            if (!await written) return false;
            await FlushAsync(index, stop.Token);
            return true;
        }
        catch (Exception)
        {
            // See above: not lost, and told if it happens again.
            return false;
        }
    }
}
