using Gofs.Chunks;

namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>Which chunks have records in journal files not retired: for each the last one's sequence. As large as those files have records.</summary>
internal sealed class JournalLive
{
    private readonly Dictionary<ChunkHandle, long> last = [];

    /// <summary>Whether the chunk has any.</summary>
    public bool Contains(ChunkHandle handle) => last.ContainsKey(handle);

    /// <summary>A record was appended.</summary>
    public void Set(ChunkHandle handle, long sequence) => last[handle] = sequence;

    /// <summary>A barrier is durable; records after it stay.</summary>
    public void Forget(ChunkHandle handle, long upTo)
    {
        if (last.TryGetValue(handle, out var sequence) && sequence <= upTo) last.Remove(handle);
    }

    /// <summary>Files were retired: the oldest record there is has this sequence.</summary>
    public void ForgetBefore(long oldest)
    {
        foreach (var (handle, sequence) in last)
        {
            if (sequence < oldest) last.Remove(handle);
        }
    }
}
