using System.Collections.Immutable;
using Gofs.Chunks;
using Gofs.Files;

namespace Gofs.Internal;

/// <summary>
/// The chunks of an open file that may be written, by index, and up to where their bytes were acknowledged. Thread-safe: writes on the way ask and tell while
/// the writer goes on.
/// <para>
/// What an acknowledgement is worth. A write was acknowledged only when every replica that counts had it, so one that ends after its chunk's
/// replicas have changed is done again with those there are now (<see cref="Acknowledge"/>). So a chunk that has no acknowledged byte when its
/// replicas are changed may be given up for a new one, and every other's surviving replicas have all that was acknowledged. That they have it each of them is
/// asked with every write and flush (<see cref="LeastLengthOf"/>): one that is shorter would show readers zeros.
/// </para>
/// </summary>
internal sealed class WritableChunks(TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly Dictionary<ChunkHandle, long> acknowledged = [];
    private volatile ImmutableDictionary<int, Placed> chunks = [];

    /// <summary>All of them.</summary>
    public IEnumerable<ChunkPlacement> All => chunks.Values.Select(one => one.Chunk);

    /// <summary>The chunk at an index, or null.</summary>
    public ChunkPlacement? Find(int index) => chunks.GetValueOrDefault(index)?.Chunk;

    /// <summary>How long ago the chunk at an index was placed: its token does not last for ever.</summary>
    public TimeSpan AgeOf(int index) => chunks.TryGetValue(index, out var one) ? time.GetElapsedTime(one.At) : TimeSpan.MaxValue;

    /// <summary>A chunk was placed, or placed anew.</summary>
    public void Place(ChunkPlacement chunk)
    {
        lock (gate)
        {
            // A version above the first: the file has had the chunk before, with bytes that this writer knows nothing of.
            if (chunk.Version != ChunkVersion.First) acknowledged.TryAdd(chunk.Handle, 0);
            // A fresh token does not make replicas count again that are just being changed.
            chunks = chunks.SetItem(chunk.Index, new(chunk, time.GetTimestamp(), Same(chunk) is { IsGivenUp: true }));
        }
    }

    /// <summary>Every replica has a write that was sent to <paramref name="chunk"/>. False: those are not the replicas any more.</summary>
    /// <param name="chunk">Where it was sent.</param>
    /// <param name="endBytes">Where in the chunk it ends.</param>
    public bool Acknowledge(ChunkPlacement chunk, long endBytes)
    {
        lock (gate)
        {
            if (Same(chunk) is not { IsGivenUp: false }) return false;
            acknowledged[chunk.Handle] = Math.Max(endBytes, acknowledged.GetValueOrDefault(chunk.Handle));
            return true;
        }
    }

    /// <summary>How many bytes each replica of a chunk must have: up to so far some were acknowledged.</summary>
    public long LeastLengthOf(ChunkHandle handle)
    {
        lock (gate) return acknowledged.GetValueOrDefault(handle);
    }

    /// <summary>
    /// The replicas of a chunk are going to be changed: writes to it that end from now on do not count. Answers whether it is empty as far as
    /// anybody was told, or null when they have been changed already.
    /// </summary>
    public bool? GiveUp(ChunkPlacement chunk)
    {
        lock (gate)
        {
            if (Same(chunk) is not { } now) return null;
            chunks = chunks.SetItem(chunk.Index, now with { IsGivenUp = true });
            return !acknowledged.ContainsKey(chunk.Handle);
        }
    }

    /// <summary>Whether its replicas are going to be changed, and are not yet.</summary>
    public bool IsGivenUp(ChunkPlacement chunk)
    {
        lock (gate) return Same(chunk) is { IsGivenUp: true };
    }

    /// <summary>The file was cut: all have to be placed anew.</summary>
    public void Clear()
    {
        lock (gate)
        {
            chunks = [];
            // They were written to, and are shorter now, who knows how much.
            foreach (var handle in acknowledged.Keys.ToArray()) acknowledged[handle] = 0;
        }
    }

    private Placed? Same(ChunkPlacement chunk) =>
        chunks.GetValueOrDefault(chunk.Index) is { } now && now.Chunk.Handle == chunk.Handle && now.Chunk.Version == chunk.Version ? now : null;

    private sealed record Placed(ChunkPlacement Chunk, long At, bool IsGivenUp);
}
