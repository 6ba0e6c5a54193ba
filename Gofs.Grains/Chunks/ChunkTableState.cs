using System.Runtime.InteropServices;
using Gofs.Chunks;
using Gofs.Grains.EditLogs;

namespace Gofs.Grains.Chunks;

/// <summary>What the table knows for good of one chunk.</summary>
/// <param name="Version">The version that counts.</param>
/// <param name="Goal">Wanted replicas.</param>
public readonly record struct ChunkRow(ChunkVersion Version, byte Goal);

/// <summary>
/// One shard of a chunk table, as its records make it: the chunks that files refer to. Where their replicas are is not here but in
/// <see cref="ReplicaMap"/>, from chunk reports.
/// </summary>
public sealed class ChunkTableState : IEditLogState<ChunkTableEvent>
{
    private const byte FormatVersion = 1;
    private readonly Dictionary<ChunkHandle, ChunkRow> rows = [];

    /// <summary>The last counter that may be given out.</summary>
    public long ReservedUpto { get; private set; }

    /// <summary>How many chunks files refer to.</summary>
    public int Count => rows.Count;

    /// <summary>The chunks.</summary>
    public IEnumerable<KeyValuePair<ChunkHandle, ChunkRow>> Rows => rows;

    /// <summary>What is known of a chunk; false when no file refers to it.</summary>
    public bool TryGet(ChunkHandle handle, out ChunkRow row) => rows.TryGetValue(handle, out row);

    /// <inheritdoc/>
    public void Apply(ChunkTableEvent happened)
    {
        switch (happened)
        {
            case HandlesReserved reserved:
                ReservedUpto = reserved.Upto;
                break;
            case ChunksConfirmed confirmed:
                foreach (var handle in confirmed.Handles) rows.TryAdd(handle, new(ChunkVersion.First, (byte)confirmed.Goal));
                break;
            case VersionMoved moved:
                ref var row = ref CollectionsMarshal.GetValueRefOrNullRef(rows, moved.Handle);
                if (!System.Runtime.CompilerServices.Unsafe.IsNullRef(ref row)) row = row with { Version = moved.Version };
                break;
            case ChunksReleased released:
                foreach (var handle in released.Handles) rows.Remove(handle);
                break;
            default:
                throw new GofsException(GofsError.EditLogCorrupt, $"a chunk table's EditLog has a {happened.GetType().Name}");
        }
    }

    /// <inheritdoc/>
    public void WriteSnapshot(SnapshotWriter writer)
    {
        writer.WriteByte(FormatVersion);
        writer.WriteInt64(ReservedUpto);
        writer.WriteInt32(rows.Count);
        foreach (var (handle, row) in rows)
        {
            writer.WriteInt64((long)handle.Value);
            writer.WriteInt32(row.Version.Value);
            writer.WriteByte(row.Goal);
        }
    }

    /// <inheritdoc/>
    public void ReadSnapshot(SnapshotReader reader)
    {
        if (reader.ReadByte() is not FormatVersion and var version)
            throw new GofsException(GofsError.EditLogCorrupt, $"a chunk table's Snapshot has format {version}; this release reads {FormatVersion}");
        ReservedUpto = reader.ReadInt64();
        var left = reader.ReadCount(int.MaxValue);
        rows.EnsureCapacity(Math.Min(left, 1 << 24));
        for (; left > 0; left--)
        {
            var handle = new ChunkHandle((ulong)reader.ReadInt64());
            rows[handle] = new(new(reader.ReadInt32()), reader.ReadByte());
        }
    }
}
