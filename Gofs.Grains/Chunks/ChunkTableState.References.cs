using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Gofs.Chunks;
using Gofs.Grains.EditLogs;

namespace Gofs.Grains.Chunks;

/// <summary>A file that refers to a chunk that was ever shared.</summary>
/// <param name="Inode">Which.</param>
/// <param name="Goal">How many replicas it wants.</param>
internal readonly record struct ChunkReferrer(long Inode, byte Goal);

/// <summary>
/// Which files refer to a chunk. A chunk that was never shared has one, and which that is nobody has to know. Of one that was it is known by
/// inode, also when one is left: so a share and a release may be told twice, and a reference is never counted twice or let go twice.
/// <para>
/// Each of them has its own goal, and the chunk's is the greatest: nobody who lowers the goal of a clone takes replicas from its origin. Whoever takes a
/// share wants at first what the file wants that it is a clone of.
/// </para>
/// </summary>
public sealed partial class ChunkTableState
{
    private readonly Dictionary<ChunkHandle, ChunkReferrer[]> referrers = [];

    /// <summary>The files that refer to a chunk that was ever shared, by inode; empty for any other.</summary>
    public IReadOnlyList<long> ReferrersOf(ChunkHandle handle) =>
        referrers.TryGetValue(handle, out var files) ? Array.ConvertAll(files, file => file.Inode) : [];

    /// <summary>How many files refer to a chunk.</summary>
    public int ReferencesTo(ChunkHandle handle) =>
        !rows.ContainsKey(handle) ? 0 : referrers.TryGetValue(handle, out var files) ? files.Length : 1;

    /// <summary>How many replicas a file wants of a chunk it refers to; 0 when it does not. A chunk that was never shared is whoever's asks.</summary>
    public int GoalOf(ChunkHandle handle, long inode)
    {
        if (!rows.TryGetValue(handle, out var row)) return 0;
        return referrers.TryGetValue(handle, out var files) ? Array.Find(files, file => file.Inode == inode).Goal : row.Goal;
    }

    private void Apply(ChunksShared shared)
    {
        foreach (var (chunk, origin, clone) in shared.Shares)
        {
            if (!rows.TryGetValue(chunk, out var row)) continue;
            var files = referrers.GetValueOrDefault(chunk) ?? [new(origin, row.Goal)];
            if (Array.Exists(files, file => file.Inode == clone)) referrers[chunk] = files;
            else referrers[chunk] = [.. files, new(clone, Array.Find(files, file => file.Inode == origin) is { Goal: > 0 } its ? its.Goal : row.Goal)];
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

            var left = Array.FindAll(files, file => file.Inode != inode);
            if (left.Length == 0) Remove(chunk);
            else SetReferrers(chunk, left);
        }
    }

    private void Apply(ChunkGoalsSet set)
    {
        foreach (var (chunk, inode) in set.References)
        {
            if (referrers.TryGetValue(chunk, out var files))
                SetReferrers(chunk, Array.ConvertAll(files, file => file.Inode == inode ? file with { Goal = (byte)set.Goal } : file));
            else SetGoal(chunk, (byte)set.Goal);
        }
    }

    private void SetReferrers(ChunkHandle chunk, ChunkReferrer[] files)
    {
        referrers[chunk] = files;
        SetGoal(chunk, files.Max(file => file.Goal));
    }

    private void SetGoal(ChunkHandle chunk, byte goal)
    {
        ref var row = ref CollectionsMarshal.GetValueRefOrNullRef(rows, chunk);
        if (!Unsafe.IsNullRef(ref row)) row = row with { Goal = goal };
    }

    private void WriteReferrers(SnapshotWriter writer)
    {
        writer.WriteInt32(referrers.Count);
        foreach (var (handle, files) in referrers)
        {
            writer.WriteInt64((long)handle.Value);
            writer.WriteInt32(files.Length);
            foreach (var (inode, goal) in files)
            {
                writer.WriteInt64(inode);
                writer.WriteByte(goal);
            }
        }
    }

    private void ReadReferrers(SnapshotReader reader, bool withGoals)
    {
        for (var left = reader.ReadCount(int.MaxValue); left > 0; left--)
        {
            var handle = new ChunkHandle((ulong)reader.ReadInt64());
            var goal = rows.GetValueOrDefault(handle).Goal;
            List<ChunkReferrer> files = [];
            for (var more = reader.ReadCount(int.MaxValue); more > 0; more--) files.Add(new(reader.ReadInt64(), withGoals ? reader.ReadByte() : goal));
            referrers[handle] = [.. files];
        }
    }
}
