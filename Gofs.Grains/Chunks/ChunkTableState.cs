using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Gofs.Chunks;
using Gofs.Grains.EditLogs;

namespace Gofs.Grains.Chunks;

/// <summary>What the table knows for good of one chunk.</summary>
/// <param name="Version">The version that counts.</param>
/// <param name="Goal">Wanted replicas: what the file wants that refers to it, or of several the one that wants most.</param>
public readonly record struct ChunkRow(ChunkVersion Version, byte Goal);

/// <summary>
/// One shard of a chunk table, as its records make it: the chunks that files refer to. Where their replicas are is not here but in
/// <see cref="ReplicaMap"/>, from chunk reports.
/// </summary>
public sealed partial class ChunkTableState : IEditLogState<ChunkTableEvent>
{
    private const byte FormatVersion = 5;
    private const byte WithoutOwners = 4;
    private const byte WithoutFilesGoals = 3;
    private const byte WithoutReferrers = 2;
    private readonly Dictionary<ChunkHandle, ChunkRow> rows = [];
    private readonly Dictionary<ChunkHandle, ChunkVersion> moved = [];

    /// <summary>The last counter that may be given out.</summary>
    public long ReservedUpto { get; private set; }

    /// <summary>How many owners have offered versions.</summary>
    public int Owners { get; private set; }

    /// <summary>How many chunks files refer to.</summary>
    public int Count => rows.Count;

    /// <summary>The chunks.</summary>
    public IEnumerable<KeyValuePair<ChunkHandle, ChunkRow>> Rows => rows;

    /// <summary>What is known of a chunk; false when no file refers to it.</summary>
    public bool TryGet(ChunkHandle handle, out ChunkRow row) => rows.TryGetValue(handle, out row);

    /// <summary>Chunks no file refers to (yet) whose version has moved: a replica failed under their writer.</summary>
    public IEnumerable<ChunkHandle> Moved => moved.Keys;

    /// <summary>The version of a chunk that counts, whether a file refers to it or not.</summary>
    public ChunkVersion VersionOf(ChunkHandle handle) =>
        rows.TryGetValue(handle, out var row) ? row.Version : moved.GetValueOrDefault(handle, ChunkVersion.First);

    /// <inheritdoc/>
    public void Apply(ChunkTableEvent happened)
    {
        switch (happened)
        {
            case HandlesReserved reserved:
                ReservedUpto = reserved.Upto;
                break;
            case OwnerCounted counted:
                Owners = counted.Number;
                break;
            case ChunksConfirmed confirmed:
                foreach (var handle in confirmed.Handles)
                {
                    if (rows.TryAdd(handle, new(VersionOf(handle), (byte)confirmed.Goal))) moved.Remove(handle);
                }

                break;
            case VersionMoved newer:
                ref var row = ref CollectionsMarshal.GetValueRefOrNullRef(rows, newer.Handle);
                if (Unsafe.IsNullRef(ref row)) moved[newer.Handle] = newer.Version;
                else row = row with { Version = newer.Version };
                break;
            case ChunksReleased released:
                foreach (var handle in released.Handles) Remove(handle);
                break;
            case ChunksShared shared: Apply(shared); break;
            case ReferencesReleased released: Apply(released); break;
            case ChunkGoalsSet set: Apply(set); break;
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

        writer.WriteInt32(moved.Count);
        foreach (var (handle, version) in moved)
        {
            writer.WriteInt64((long)handle.Value);
            writer.WriteInt32(version.Value);
        }

        WriteReferrers(writer);
        writer.WriteInt32(Owners);
    }

    /// <inheritdoc/>
    public void ReadSnapshot(SnapshotReader reader)
    {
        var format = reader.ReadByte();
        if (format is < 1 or > FormatVersion)
            throw new GofsException(GofsError.EditLogCorrupt, $"a chunk table's Snapshot has format {format}; this release reads up to {FormatVersion}");
        ReservedUpto = reader.ReadInt64();
        var left = reader.ReadCount(int.MaxValue);
        rows.EnsureCapacity(Math.Min(left, 1 << 24));
        for (; left > 0; left--)
        {
            var handle = new ChunkHandle((ulong)reader.ReadInt64());
            rows[handle] = new(new(reader.ReadInt32()), reader.ReadByte());
        }

        if (format < 2) return;
        for (left = reader.ReadCount(int.MaxValue); left > 0; left--)
        {
            var handle = new ChunkHandle((ulong)reader.ReadInt64());
            moved[handle] = new(reader.ReadInt32());
        }

        if (format > WithoutReferrers) ReadReferrers(reader, format > WithoutFilesGoals);
        if (format > WithoutOwners) Owners = reader.ReadInt32();
    }

    private void Remove(ChunkHandle handle)
    {
        rows.Remove(handle);
        moved.Remove(handle);
        referrers.Remove(handle);
    }
}
