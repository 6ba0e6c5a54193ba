using Gofs.Chunks;

namespace Gofs.Grains.Chunks;

/// <summary>
/// Chunks no file refers to (yet): allocated ones, which a writer is filling, and strangers, which a chunk server reported and the
/// table does not have. Both are collected when their time is over: a stranger may be a chunk that was allocated before
/// the table restarted, whose writer keeps it alive, or one that was released or never committed. Volatile, pure: times come in.
/// </summary>
public sealed class UnconfirmedChunks
{
    /// <summary>A chunk lives at least this much longer than its writer's lease: a commit may still be on its way.</summary>
    public static readonly TimeSpan Margin = TimeSpan.FromSeconds(60);

    private readonly Dictionary<ChunkHandle, DateTimeOffset> until = [];

    /// <summary>How many there are.</summary>
    public int Count => until.Count;

    /// <summary>Whether a chunk is one of them.</summary>
    public bool Contains(ChunkHandle handle) => until.ContainsKey(handle);

    /// <summary>A writer got the chunk, or still has it.</summary>
    public void Keep(ChunkHandle handle, DateTimeOffset now, TimeSpan leaseTime) => until[handle] = now + leaseTime + Margin;

    /// <summary>A report named a chunk the table does not have: from its first sight on the time runs.</summary>
    public void SeeStranger(ChunkHandle handle, DateTimeOffset now, TimeSpan leaseTime) => until.TryAdd(handle, now + leaseTime + Margin);

    /// <summary>No file refers to the chunk any more: its time is over.</summary>
    public void Release(ChunkHandle handle, DateTimeOffset now) => until[handle] = now;

    /// <summary>A file refers to the chunk, or it is deleted.</summary>
    public void Forget(ChunkHandle handle) => until.Remove(handle);

    /// <summary>Takes out at most <paramref name="limit"/> chunks whose time is over.</summary>
    public ChunkHandle[] TakeExpired(DateTimeOffset now, int limit)
    {
        var expired = until.Where(chunk => chunk.Value <= now).Take(limit).Select(chunk => chunk.Key).ToArray();
        foreach (var handle in expired) until.Remove(handle);
        return expired;
    }
}
