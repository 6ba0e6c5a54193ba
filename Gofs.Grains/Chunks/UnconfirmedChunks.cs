using Gofs.Chunks;
using Gofs.Grains.Control;

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

    private static readonly TimeSpan PutMargin = TimeSpan.FromSeconds(30);
    private readonly Dictionary<ChunkHandle, Waiting> waiting = [];
    private readonly HashSet<ChunkHandle> released = [];

    /// <summary>How many there are.</summary>
    public int Count => waiting.Count + released.Count;

    /// <summary>Those that may still come to be referred to.</summary>
    public IEnumerable<ChunkHandle> Handles => waiting.Keys;

    /// <summary>
    /// How long after its allocation a whole file may be put with a chunk: it ends, by half of <see cref="Margin"/> (clocks differ), before
    /// the chunk may be collected.
    /// </summary>
    public static TimeSpan PutWithin(TimeSpan leaseTime) => leaseTime + PutMargin;

    /// <summary>Whether a chunk is one of them.</summary>
    public bool Contains(ChunkHandle handle) => waiting.ContainsKey(handle) || released.Contains(handle);

    /// <summary>When a chunk's time is over; the distant past for one that was released, null for one that is not here.</summary>
    public DateTimeOffset? EndOf(ChunkHandle handle) =>
        released.Contains(handle) ? DateTimeOffset.UnixEpoch : waiting.TryGetValue(handle, out var known) ? known.Until : null;

    /// <summary>A writer got the chunk, or still has it.</summary>
    /// <param name="handle">The chunk.</param>
    /// <param name="owner">The file it is for; <see cref="ChunkOwner.Unknown"/> where that is not known.</param>
    /// <param name="now">The time.</param>
    /// <param name="leaseTime">How long the writer's lease lives.</param>
    public void Keep(ChunkHandle handle, ChunkOwner owner, DateTimeOffset now, TimeSpan leaseTime)
    {
        released.Remove(handle);
        waiting[handle] = waiting.TryGetValue(handle, out var known)
            ? known with { Until = now + leaseTime + Margin }
            : new(now + leaseTime + Margin, now, owner);
    }

    /// <summary>A report named a chunk the table does not have: from its first sight on the time runs.</summary>
    public void SeeStranger(ChunkHandle handle, DateTimeOffset now, TimeSpan leaseTime)
    {
        if (!released.Contains(handle)) waiting.TryAdd(handle, new(now + leaseTime + Margin, now, ChunkOwner.Unknown));
    }

    /// <summary>No file refers to the chunk any more: its time is over.</summary>
    public void Release(ChunkHandle handle)
    {
        waiting.Remove(handle);
        released.Add(handle);
    }

    /// <summary>A file refers to the chunk, or it is deleted.</summary>
    public void Forget(ChunkHandle handle)
    {
        waiting.Remove(handle);
        released.Remove(handle);
    }

    /// <summary>At most <paramref name="limit"/> chunks whose time is over: garbage, unless the namespace knows better.</summary>
    public CollectableChunk[] Expired(DateTimeOffset now, int limit) =>
        [.. waiting.Where(one => one.Value.Until <= now).Take(limit).Select(one => new CollectableChunk(one.Key, one.Value.Owner, one.Value.SeenAt))];

    /// <summary>Puts off the end of chunks that the namespace still needs, or could not be asked about.</summary>
    public void Defer(IEnumerable<ChunkHandle> chunks, DateTimeOffset now)
    {
        foreach (var handle in chunks)
        {
            if (waiting.TryGetValue(handle, out var known)) waiting[handle] = known with { Until = now + Margin };
        }
    }

    /// <summary>Takes out at most <paramref name="limit"/> chunks that were released.</summary>
    public ChunkHandle[] TakeReleased(int limit)
    {
        var some = released.Take(limit).ToArray();
        released.ExceptWith(some);
        return some;
    }

    private readonly record struct Waiting(DateTimeOffset Until, DateTimeOffset SeenAt, ChunkOwner Owner);
}
