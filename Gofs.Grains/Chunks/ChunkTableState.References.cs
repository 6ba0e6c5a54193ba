using Gofs.Chunks;
using Gofs.Grains.EditLogs;

namespace Gofs.Grains.Chunks;

/// <summary>
/// Which files refer to a chunk. A chunk that was never shared has one, and which that is nobody has to know. Of one that was it is known by
/// inode, also when one is left: so a share and a release may be told twice, and a reference is never counted twice or let go twice.
/// </summary>
public sealed partial class ChunkTableState
{
    private readonly Dictionary<ChunkHandle, long[]> referrers = [];

    /// <summary>The files that refer to a chunk that was ever shared, by inode; empty for any other.</summary>
    public IReadOnlyList<long> ReferrersOf(ChunkHandle handle) => referrers.GetValueOrDefault(handle) ?? [];

    /// <summary>How many files refer to a chunk.</summary>
    public int ReferencesTo(ChunkHandle handle) =>
        !rows.ContainsKey(handle) ? 0 : referrers.TryGetValue(handle, out var files) ? files.Length : 1;

    private void Apply(ChunksShared shared)
    {
        foreach (var (chunk, origin, clone) in shared.Shares)
        {
            if (!rows.ContainsKey(chunk)) continue;
            var files = referrers.GetValueOrDefault(chunk) ?? [origin];
            referrers[chunk] = Array.IndexOf(files, clone) >= 0 ? files : [.. files, clone];
        }
    }

    private void Apply(ReferencesReleased released)
    {
        foreach (var (chunk, inode) in released.References)
        {
            if (!referrers.TryGetValue(chunk, out var files))
            {
                Remove(chunk);
                continue;
            }

            var left = Array.FindAll(files, file => file != inode);
            if (left.Length == 0) Remove(chunk);
            else referrers[chunk] = left;
        }
    }

    private void WriteReferrers(SnapshotWriter writer)
    {
        writer.WriteInt32(referrers.Count);
        foreach (var (handle, files) in referrers)
        {
            writer.WriteInt64((long)handle.Value);
            writer.WriteInt32(files.Length);
            foreach (var file in files) writer.WriteInt64(file);
        }
    }

    private void ReadReferrers(SnapshotReader reader)
    {
        for (var left = reader.ReadCount(int.MaxValue); left > 0; left--)
        {
            var handle = new ChunkHandle((ulong)reader.ReadInt64());
            List<long> files = [];
            for (var more = reader.ReadCount(int.MaxValue); more > 0; more--) files.Add(reader.ReadInt64());
            referrers[handle] = [.. files];
        }
    }
}
