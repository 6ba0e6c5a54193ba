using Gofs.Chunks;

namespace Gofs.Grains.Chunks;

/// <summary>
/// Chunks that files let go of a moment ago. Who confirmed one may have died, or stopped waiting, while the confirmation was on its way: arriving after the
/// release, it must not bring back the row of a chunk that nobody would ever let go of. Nor may a writer be sent to it who asked for it before. No call
/// arrives later than <see cref="Latest"/>; after that a confirmation is meant (a check of the file system repairs a table that way). Volatile: a call does
/// not outlive the table it was sent to and that one's memory by anything but chance. Pure; used by one at a time.
/// </summary>
public sealed class LateConfirmations
{
    /// <summary>How long after a release a confirmation may be one that was sent before it.</summary>
    public static readonly TimeSpan Latest = TimeSpan.FromSeconds(60);

    private const int Most = 1 << 17;
    private readonly Dictionary<ChunkHandle, DateTimeOffset> released = [];
    private readonly Queue<ChunkHandle> inOrder = [];

    /// <summary>A file let go of a chunk, and no other has it.</summary>
    public void Released(ChunkHandle handle, DateTimeOffset now)
    {
        while (inOrder.TryPeek(out var first) && (inOrder.Count == Most || now - released[first] > Latest)) released.Remove(inOrder.Dequeue());
        if (released.TryAdd(handle, now)) inOrder.Enqueue(handle);
    }

    /// <summary>Whether the confirmation of a chunk is one that comes too late.</summary>
    public bool IsLate(ChunkHandle handle, DateTimeOffset now) => released.TryGetValue(handle, out var at) && now - at <= Latest;
}
