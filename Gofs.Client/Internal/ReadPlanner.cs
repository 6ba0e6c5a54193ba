using Gofs.Chunks;
using Gofs.Files;
using Gofs.Namespaces;

namespace Gofs.Internal;

/// <summary>
/// Turns reads of a file into transfers: each within one chunk and at most <see cref="GofsClientOptions.TransferBytes"/>, at
/// most <see cref="GofsClientOptions.TransfersInFlight"/> at once. Readers see the length that was flushed when they opened the
/// file; at its end they ask whether it has grown. May be used by many at once.
/// </summary>
internal sealed class ReadPlanner
{
    private readonly ClientContext context;
    private readonly LayoutCache layout;
    private readonly ChunkReader chunks;

    /// <summary>Reads a file; with <paramref name="whole"/>, an entry with an only chunk, without asking its file grain.</summary>
    public ReadPlanner(ClientContext context, IFileGrain file, GofsPath path, Entry? whole = null)
    {
        this.context = context;
        layout = new LayoutCache(context, file, path, whole);
        chunks = new ChunkReader(context, layout, path);
    }

    /// <summary>The flushed length, as last heard.</summary>
    public long LengthBytes => layout.LengthBytes;

    /// <summary>The file's chunk size; 0 before it was first heard.</summary>
    public long ChunkSizeBytes => layout.ChunkSizeBytes;

    /// <summary>Up to where no byte will ever be another one, as last heard.</summary>
    public long SettledBytes => layout.SettledBytes;

    /// <summary>The version of the chunk at a place, as last heard; the default: it is not known.</summary>
    public ChunkVersion VersionAt(long offset) => layout.VersionOf(checked((int)(offset / layout.ChunkSizeBytes)));

    /// <summary>Asks for the length and the chunks at a place.</summary>
    public Task RefreshAsync(long offset, CancellationToken cancellation) =>
        layout.RefreshAsync(layout.ChunkSizeBytes == 0 ? 0 : checked((int)(offset / layout.ChunkSizeBytes)), cancellation);

    /// <summary>Forgets where chunks are, and asks for the length again.</summary>
    public Task StartOverAsync(CancellationToken cancellation)
    {
        layout.Forget();
        return RefreshAsync(0, cancellation);
    }

    /// <summary>How many bytes the transfer that begins at a place has, given where reading stops.</summary>
    public int TransferBytesAt(long offset, long end)
    {
        var inChunk = offset % layout.ChunkSizeBytes;
        return (int)Math.Min(Math.Min(context.Options.TransferBytes, layout.ChunkSizeBytes - inChunk), end - offset);
    }

    /// <summary>One transfer: answers how many of the bytes are the file's (all, unless it was cut meanwhile).</summary>
    public async Task<int> ReadTransferAsync(long offset, Memory<byte> destination, CancellationToken cancellation)
    {
        var index = checked((int)(offset / layout.ChunkSizeBytes));
        await chunks.ReadAsync(index, offset % layout.ChunkSizeBytes, destination, cancellation);
        return (int)Math.Clamp(layout.LengthBytes - offset, 0, destination.Length);
    }

    /// <summary>Reads at a place; answers fewer bytes than asked for only at the end of the file.</summary>
    public async ValueTask<int> ReadAtAsync(long offset, Memory<byte> destination, CancellationToken cancellation)
    {
        if (destination.Length == 0) return 0;
        if (offset >= LengthBytes) await RefreshAsync(offset, cancellation);
        var end = Math.Min(LengthBytes, offset + destination.Length);
        if (offset >= end) return 0;
        var wanted = (int)(end - offset);
        if (TransferBytesAt(offset, end) == wanted)
            return await ReadTransferAsync(offset, destination[..wanted], cancellation);
        await ReadManyAsync(offset, destination[..wanted], cancellation);
        return (int)Math.Clamp(LengthBytes - offset, 0, wanted);
    }

    /// <summary>Returns only when no transfer is under way any more: the memory is the caller's again.</summary>
    private async Task ReadManyAsync(long offset, Memory<byte> destination, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var underWay = new Queue<Task>();
        try
        {
            for (var done = 0; done < destination.Length;)
            {
                if (underWay.Count == context.Options.TransfersInFlight) await underWay.Dequeue();
                var count = TransferBytesAt(offset + done, offset + destination.Length);
                underWay.Enqueue(ReadTransferAsync(offset + done, destination.Slice(done, count), stop.Token));
                done += count;
            }

            await Task.WhenAll(underWay);
        }
        catch
        {
            await stop.CancelAsync();
            await Task.WhenAll(underWay).ContinueWith(
                static ended => _ = ended.Exception, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            throw;
        }
    }
}
