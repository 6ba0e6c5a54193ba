namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>The chunks of this server that others copy: a bounded number, each until two minutes after its target last asked. Thread-safe.</summary>
internal sealed class ReplicaSources(TimeProvider time) : IDisposable
{
    /// <summary>The most at once.</summary>
    public const int Most = 256;

    /// <summary>How long one lives that nobody asks.</summary>
    public static readonly TimeSpan Unused = TimeSpan.FromMinutes(2);

    private readonly Lock gate = new();
    private readonly Dictionary<long, ReplicaSource> items = [];

    /// <summary>Ids of an earlier process mean nothing now: they were lower.</summary>
    private long lastId = time.GetUtcNow().UtcTicks;

    /// <summary>Begins one; it gives the chunk back when it ends. In the chunk's turn.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.Busy"/>.</exception>
    public ReplicaSource Begin(OpenChunk chunk, ChunkFile file)
    {
        lock (gate)
        {
            if (items.Count >= Most) throw new GofsException(GofsError.Busy, $"{Most} replicas are being copied from this server", chunk.Handle.ToString());
            var source = new ReplicaSource(++lastId, chunk, file);
            items[source.Id] = source;
            file.AddSource(source);
            source.Limit = time.CreateTimer(_ => End(source.Id), null, Unused, Timeout.InfiniteTimeSpan);
            return source;
        }
    }

    /// <summary>One that lives, which then lives on; else null.</summary>
    public ReplicaSource? Find(long id)
    {
        lock (gate)
        {
            var found = items.GetValueOrDefault(id);
            found?.Limit?.Change(Unused, Timeout.InfiniteTimeSpan);
            return found;
        }
    }

    /// <summary>Ends one.</summary>
    public void End(long id)
    {
        ReplicaSource? source;
        lock (gate)
        {
            if (!items.Remove(id, out source)) return;
        }

        source.End();
        source.File.RemoveSource(source);
        source.Limit?.Dispose();
        source.Chunk.Release();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        long[] all;
        lock (gate) all = [.. items.Keys];
        foreach (var id in all) End(id);
    }
}
