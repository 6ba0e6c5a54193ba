using Gofs.Chunks;
using Gofs.Files;
using Gofs.Namespaces;

namespace Gofs.Internal;

/// <summary>
/// What a reader knows of a file's chunk list: fetched a page at a time, kept until a chunk server says that it is out of date.
/// Never the truth, always checked by the chunk version at the server. Of a file that was put whole the namespace told the one chunk, so
/// only the chunk table is asked; when that is out of date the file grain is, as for any other file.
/// </summary>
internal sealed class LayoutCache
{
    private const int PageChunks = 256;
    private const int MaxPlacements = 16 * PageChunks;

    private readonly ClientContext context;
    private readonly IFileGrain file;
    private readonly GofsPath path;
    private readonly Lock gate = new();
    private readonly Dictionary<int, ChunkPlacement> placements = [];
    private ChunkHandle onlyChunk;
    private long lengthBytes;
    private long chunkSizeBytes;
    private long settledBytes;

    public LayoutCache(ClientContext context, IFileGrain file, GofsPath path, Entry? whole = null)
    {
        this.context = context;
        this.file = file;
        this.path = path;
        if (whole is null) return;
        onlyChunk = whole.OnlyChunk;
        lengthBytes = settledBytes = whole.LengthBytes;
        chunkSizeBytes = whole.ChunkSizeBytes;
    }

    /// <summary>The flushed length, as of the last page.</summary>
    public long LengthBytes => Volatile.Read(ref lengthBytes);

    /// <summary>The file's chunk size; 0 before the first page.</summary>
    public long ChunkSizeBytes => Volatile.Read(ref chunkSizeBytes);

    /// <summary>Up to where no byte will ever be another one, however replicas of a chunk that is appended to are made equal; as of the last page.</summary>
    public long SettledBytes => Volatile.Read(ref settledBytes);

    /// <summary>The version of a chunk as last heard; the default: it is not known.</summary>
    public ChunkVersion VersionOf(int index)
    {
        lock (gate) return placements.TryGetValue(index, out var known) ? known.Version : default;
    }

    /// <summary>Where a chunk is; from memory when it is known.</summary>
    public async ValueTask<ChunkPlacement> FindAsync(int index, CancellationToken cancellation)
    {
        lock (gate)
        {
            // A hole is asked for again: when a writer has filled it, there is no server that would say so.
            if (placements.TryGetValue(index, out var known) && known.Handle != ChunkHandle.None) return known;
        }

        return onlyChunk == ChunkHandle.None || index > 0 ? await RefreshAsync(index, cancellation) : await LocateOnlyAsync(cancellation);
    }

    /// <summary>Asks for the page that begins with a chunk; answers where that chunk is (no handle: a hole, or past the end).</summary>
    public async Task<ChunkPlacement> RefreshAsync(int firstIndex, CancellationToken cancellation)
    {
        var page = await context.Retry.RunAsync(
            path, (file, firstIndex), static (at, token) => at.file.GetLayoutAsync(at.firstIndex, PageChunks, token), cancellation);
        Check(page);
        onlyChunk = ChunkHandle.None;
        lock (gate)
        {
            // Of a file that was cut, what lay behind its new end is no more.
            if (placements.Count > MaxPlacements - PageChunks || page.LengthBytes < lengthBytes) placements.Clear();
            Volatile.Write(ref lengthBytes, page.LengthBytes);
            Volatile.Write(ref chunkSizeBytes, page.ChunkSizeBytes);
            Volatile.Write(ref settledBytes, Math.Min(page.SettledBytes ?? page.LengthBytes, page.LengthBytes));
            var chunks = (page.LengthBytes + page.ChunkSizeBytes - 1) / page.ChunkSizeBytes;
            var end = (int)Math.Min(chunks, (long)firstIndex + PageChunks);
            for (var index = firstIndex; index < end; index++) placements[index] = Hole(index);
            foreach (var chunk in page.Chunks) placements[chunk.Index] = chunk;
            return placements.GetValueOrDefault(firstIndex) ?? Hole(firstIndex);
        }
    }

    /// <summary>Forgets where chunks are: the same handle has written since.</summary>
    public void Forget()
    {
        lock (gate) placements.Clear();
    }

    private async Task<ChunkPlacement> LocateOnlyAsync(CancellationToken cancellation)
    {
        var table = context.Grains.GetGrain<IChunkTableGrain>(ChunkTableKey.Of(onlyChunk));
        var located = await context.Retry.RunAsync(
            path, (table, onlyChunk), static (at, token) => at.table.LocateAsync([at.onlyChunk], token), cancellation);
        var place = new ChunkPlacement(0, onlyChunk, located[0].Version, located[0].Servers) { Token = located[0].Token };
        lock (gate) placements[0] = place;
        return place;
    }

    private static ChunkPlacement Hole(int index) => new(index, ChunkHandle.None, default, []);

    private void Check(FileLayout page)
    {
        if (page.ChunkSizeBytes <= 0 || page.LengthBytes < 0 || page.Chunks.Length > PageChunks)
            throw new GofsException(
                GofsError.Internal,
                $"a layout of {page.LengthBytes} bytes in chunks of {page.ChunkSizeBytes} with {page.Chunks.Length} placements makes no sense",
                path.ToString());
    }
}
