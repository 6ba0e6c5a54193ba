using Gofs.Chunks;
using Gofs.Files;

namespace Gofs.Internal;

/// <summary>
/// What a reader knows of a file's chunk list: fetched a page at a time, kept until a chunk server says that it is out of date.
/// Never the truth, always checked by the chunk version at the server.
/// </summary>
internal sealed class LayoutCache(ClientContext context, IFileGrain file, GofsPath path)
{
    private const int PageChunks = 256;
    private const int MaxPlacements = 16 * PageChunks;

    private readonly Lock gate = new();
    private readonly Dictionary<int, ChunkPlacement> placements = [];
    private long lengthBytes;
    private long chunkSizeBytes;

    /// <summary>The flushed length, as of the last page.</summary>
    public long LengthBytes => Volatile.Read(ref lengthBytes);

    /// <summary>The file's chunk size; 0 before the first page.</summary>
    public long ChunkSizeBytes => Volatile.Read(ref chunkSizeBytes);

    /// <summary>Where a chunk is; from memory when it is known.</summary>
    public async ValueTask<ChunkPlacement> FindAsync(int index, CancellationToken cancellation)
    {
        lock (gate)
        {
            if (placements.TryGetValue(index, out var known)) return known;
        }

        return await RefreshAsync(index, cancellation);
    }

    /// <summary>Asks for the page that begins with a chunk; answers where that chunk is (no handle: a hole, or past the end).</summary>
    public async Task<ChunkPlacement> RefreshAsync(int firstIndex, CancellationToken cancellation)
    {
        var page = await context.Retry.RunAsync(
            path, (file, firstIndex), static (at, token) => at.file.GetLayoutAsync(at.firstIndex, PageChunks, token), cancellation);
        Check(page);
        lock (gate)
        {
            if (placements.Count > MaxPlacements - PageChunks) placements.Clear();
            Volatile.Write(ref lengthBytes, page.LengthBytes);
            Volatile.Write(ref chunkSizeBytes, page.ChunkSizeBytes);
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
