using Gofs.Chunks;
using Gofs.Grains.Control;
using Gofs.Grains.Files;

namespace Gofs.Grains.Maintenance.Fsck;

/// <summary>A file as the metadata has it at one moment: what its namespace says, and its own stream where that is the truth.</summary>
/// <param name="Inode">Its inode.</param>
/// <param name="View">What the namespace says.</param>
/// <param name="Stream">Its stream's state; null when it has none, or the namespace holds its only chunk.</param>
internal sealed record FsckFile(long Inode, InodeView View, FileState? Stream)
{
    /// <summary>Whether a stream must be read to know the file: a closed one that was put whole has none that counts.</summary>
    public static bool NeedsStream(InodeView view) => view.IsThere && (view.IsOpen || view.OnlyChunk == ChunkHandle.None);

    /// <summary>
    /// Whether somebody may be writing: its end may differ from moment to moment and from replica to replica. A clone gets its chunk list at some moment.
    /// </summary>
    public bool MayChange => View.IsOpen || View.IsClone || Stream is { AppendIndex: >= 0 };

    /// <summary>Whether all its bytes are in one chunk that was put with exactly that many.</summary>
    public bool IsWhole => Stream is null && View.OnlyChunk != ChunkHandle.None;

    /// <summary>The flushed length that its chunks hold.</summary>
    public long LengthBytes => IsWhole ? View.LengthBytes : Stream?.LengthBytes ?? 0;

    /// <summary>Its chunk size; 0 when it has no chunk.</summary>
    public long ChunkSizeBytes => IsWhole ? View.ChunkSizeBytes : Stream?.ChunkSizeBytes ?? 0;

    /// <summary>How many chunks and holes it has.</summary>
    public int ChunkCount => IsWhole ? 1 : Stream?.Chunks.Count ?? 0;

    /// <summary>The chunk at an index, or none.</summary>
    public ChunkHandle ChunkAt(int index) => IsWhole ? (index == 0 ? View.OnlyChunk : ChunkHandle.None) : Stream?.ChunkAt(index) ?? ChunkHandle.None;

    /// <summary>How many bytes of a chunk are the file's.</summary>
    public long BytesIn(int index) => Math.Clamp(LengthBytes - (index * ChunkSizeBytes), 0, ChunkSizeBytes);

    /// <summary>Every chunk it refers to, those it has yet to let go and one its namespace still names too.</summary>
    public IEnumerable<ChunkHandle> References() => (Stream?.Chunks ?? []).Concat(Stream?.Releasing ?? []).Append(View.OnlyChunk);
}
