using Gofs.Chunks;
using Gofs.Files;
using Gofs.Grains.EditLogs;

namespace Gofs.Grains.Files;

/// <summary>
/// One file: its length and its chunks, as its records make them. An empty stream is an empty file. The state is small (8 bytes a chunk),
/// so that a cold file costs nothing and a warm one little.
/// </summary>
public sealed class FileState : IEditLogState<FileEvent>
{
    private const byte FormatVersion = 2;
    private const int MaxChunks = 1 << 26;
    private readonly List<ChunkHandle> chunks = [];
    private readonly List<ChunkHandle> releasing = [];

    /// <summary>The file's chunk size; 0 until the first commit settles it.</summary>
    public long ChunkSizeBytes { get; private set; }

    /// <summary>The flushed length.</summary>
    public long LengthBytes { get; private set; }

    /// <summary>Modification time, nanoseconds since 1970 UTC; 0 until the first commit.</summary>
    public long ModifiedAt { get; private set; }

    /// <summary>The lease of the last commit.</summary>
    public LeaseId LastWriter { get; private set; }

    /// <summary>Whether the last commit ended its lease.</summary>
    public bool LastWriterClosed { get; private set; }

    /// <summary>The chunk that records are appended to, or -1: up to where, its replicas say, and <see cref="LengthBytes"/> is less.</summary>
    public int AppendIndex { get; private set; } = -1;

    /// <summary>The chunks by index; <see cref="ChunkHandle.None"/> is a hole. May be shorter than the length needs: the rest is holes.</summary>
    public IReadOnlyList<ChunkHandle> Chunks => chunks;

    /// <summary>Chunks that are the file's no more and that the chunk table has yet to be told of: the outbox.</summary>
    public IReadOnlyList<ChunkHandle> Releasing => releasing;

    /// <summary>The chunk at an index, or none.</summary>
    public ChunkHandle ChunkAt(int index) => index < chunks.Count ? chunks[index] : ChunkHandle.None;

    /// <inheritdoc/>
    public void Apply(FileEvent happened)
    {
        switch (happened)
        {
            case LengthCommitted committed: Apply(committed); break;
            case FileTakenOver taken:
                (ChunkSizeBytes, LengthBytes, ModifiedAt) = (taken.ChunkSizeBytes, taken.LengthBytes, taken.ModifiedAt);
                LastWriterClosed = true;
                chunks.Add(taken.Chunk);
                break;
            case FileCloned cloned:
                (ChunkSizeBytes, LengthBytes, ModifiedAt) = (cloned.ChunkSizeBytes, cloned.LengthBytes, cloned.ModifiedAt);
                LastWriterClosed = true;
                chunks.AddRange(cloned.Chunks);
                break;
            case ChunkCopied copied:
                releasing.Add(chunks[copied.Index]);
                chunks[copied.Index] = copied.Copy;
                break;
            case FileTruncated truncated: Apply(truncated); break;
            case AppendChunkOpened opened:
                (ChunkSizeBytes, LengthBytes, ModifiedAt) = (opened.ChunkSizeBytes, opened.LengthBytes, opened.ModifiedAt);
                (LastWriter, LastWriterClosed, AppendIndex) = (default, false, opened.Index);
                Set(opened.Index, opened.Chunk);
                break;
            case RecordsAppended appended:
                (LengthBytes, ModifiedAt, LastWriterClosed) = (appended.LengthBytes, appended.ModifiedAt, appended.Ended);
                if (appended.Ended) AppendIndex = -1;
                break;
            case FileChunksReleased released: releasing.RemoveAll(new HashSet<ChunkHandle>(released.Handles).Contains); break;
            default: throw new GofsException(GofsError.EditLogCorrupt, $"a file's EditLog has a {happened.GetType().Name}");
        }
    }

    /// <inheritdoc/>
    public void WriteSnapshot(SnapshotWriter writer)
    {
        writer.WriteByte(FormatVersion);
        writer.WriteInt64(ChunkSizeBytes);
        writer.WriteInt64(LengthBytes);
        writer.WriteInt64(ModifiedAt);
        writer.WriteGuid(LastWriter.Value);
        writer.WriteByte(LastWriterClosed ? (byte)1 : (byte)0);
        Write(writer, chunks);
        Write(writer, releasing);
        writer.WriteInt32(AppendIndex);
    }

    /// <inheritdoc/>
    public void ReadSnapshot(SnapshotReader reader)
    {
        var format = reader.ReadByte();
        if (format is < 1 or > FormatVersion)
            throw new GofsException(GofsError.EditLogCorrupt, $"a file's Snapshot has format {format}; this release reads up to {FormatVersion}");
        ChunkSizeBytes = reader.ReadInt64();
        LengthBytes = reader.ReadInt64();
        ModifiedAt = reader.ReadInt64();
        LastWriter = new(reader.ReadGuid());
        LastWriterClosed = reader.ReadByte() != 0;
        Read(reader, chunks);
        Read(reader, releasing);
        AppendIndex = format < 2 ? -1 : reader.ReadInt32();
    }

    private void Apply(LengthCommitted committed)
    {
        ChunkSizeBytes = committed.ChunkSizeBytes;
        LengthBytes = committed.LengthBytes;
        ModifiedAt = committed.ModifiedAt;
        LastWriter = committed.LeaseId;
        LastWriterClosed = committed.Closed;
        foreach (var (index, handle) in committed.NewChunks) Set(index, handle);
    }

    private void Set(int index, ChunkHandle handle)
    {
        while (chunks.Count <= index) chunks.Add(ChunkHandle.None);
        chunks[index] = handle;
    }

    private void Apply(FileTruncated truncated)
    {
        ChunkSizeBytes = truncated.ChunkSizeBytes;
        LengthBytes = truncated.LengthBytes;
        ModifiedAt = truncated.ModifiedAt;
        LastWriter = truncated.LeaseId;
        LastWriterClosed = false;
        AppendIndex = -1;
        var keep = (int)((LengthBytes + ChunkSizeBytes - 1) / ChunkSizeBytes);
        if (keep >= chunks.Count) return;
        releasing.AddRange(chunks.Skip(keep).Where(handle => handle != ChunkHandle.None));
        chunks.RemoveRange(keep, chunks.Count - keep);
    }

    private static void Write(SnapshotWriter writer, List<ChunkHandle> handles)
    {
        writer.WriteInt32(handles.Count);
        foreach (var handle in handles) writer.WriteInt64((long)handle.Value);
    }

    private static void Read(SnapshotReader reader, List<ChunkHandle> handles)
    {
        handles.Clear();
        for (var left = reader.ReadCount(MaxChunks); left > 0; left--) handles.Add(new((ulong)reader.ReadInt64()));
    }
}
