using System.Collections.Concurrent;
using Gofs.Chunks;
using Gofs.Namespaces;

namespace Gofs.Internal;

/// <summary>A chunk that one whole file may be put with.</summary>
/// <param name="Location">The chunk and its servers.</param>
/// <param name="From">What it was allocated with: chunk size, durability, when.</param>
/// <param name="TakenAt">When this client asked for it, by its own clock.</param>
internal sealed record PooledChunk(ChunkLocation Location, AllocatedChunks From, long TakenAt);

/// <summary>
/// Chunks of one namespace that wait to be filled with whole files, so that a small file costs two calls: its bytes to the chunk
/// servers, its name to the namespace. They are asked for in batches that grow while somebody takes them (1, 2, 4, .. 64) and are thrown away
/// when half the time for them has passed; nothing was logged for them, so what nobody fills costs nothing.
/// </summary>
internal sealed class ChunkPool
{
    private const int MostAtOnce = 64;
    private readonly ClientContext context;
    private readonly string name;
    private readonly NamespaceNumber number;
    private readonly OneForAll fill;
    private readonly ConcurrentQueue<PooledChunk> ready = new();
    private int next = 1;

    public ChunkPool(ClientContext context, string name, NamespaceNumber number)
    {
        (this.context, this.name, this.number) = (context, name, number);
        fill = new(FillAsync);
    }

    /// <summary>A chunk. Waits for the chunk table only when none is left.</summary>
    /// <exception cref="GofsException">No namespace, no chunk server, no room, no answer.</exception>
    public async ValueTask<PooledChunk> TakeAsync(CancellationToken cancellation)
    {
        PooledChunk? chunk;
        while ((chunk = TryTake()) is null) await fill.RunAsync().WaitAsync(cancellation);

        return chunk;
    }

    /// <summary>What is left came from somewhere that does not hold any more: a server that fails, a namespace that was made again.</summary>
    public void Forget()
    {
        ready.Clear();
        next = 1;
    }

    private PooledChunk? TryTake()
    {
        while (ready.TryDequeue(out var chunk))
        {
            if (context.Time.GetElapsedTime(chunk.TakenAt) < chunk.From.UsableFor / 2) return chunk;
            next = 1;
        }

        return null;
    }

    private async Task FillAsync()
    {
        var known = await number.GetInfoAsync(CancellationToken.None);
        var shard = (int)(context.Jitter.Next() % (ulong)known.InitialConfig.ChunkTableShards);
        var table = context.Grains.GetGrain<IChunkTableGrain>(ChunkTableKey.Of(known.Number, shard));
        var takenAt = context.Time.GetTimestamp();
        var chunks = await context.Retry.RunAsync(
            name, (table, next), static (at, token) => at.table.AllocateManyAsync(at.next, token), CancellationToken.None);
        if (chunks.Chunks.Length == 0 || !NamespaceConfig.IsChunkSize(chunks.ChunkSizeBytes) || chunks.UsableFor <= TimeSpan.Zero)
            throw new GofsException(GofsError.Internal, $"{chunks.Chunks.Length} chunks of {chunks.ChunkSizeBytes} bytes make no sense", name);
        next = Math.Min(next * 2, MostAtOnce);
        foreach (var location in chunks.Chunks) ready.Enqueue(new(location, chunks, takenAt));
    }
}
