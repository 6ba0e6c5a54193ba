using Gofs.Chunks;
using Gofs.Grains.Chunks;
using Gofs.Grains.EditLogs;
using Gofs.Grains.Files;
using Gofs.Grains.Namespaces;
using Gofs.Namespaces;

namespace Gofs.Grains.Maintenance;

/// <summary>
/// A dump of a namespace from the EditLog's store: the tree as of the last record there is when it begins, read into a state of its own, and
/// the streams of its chunk tables and, one after the other, its files. No grain is asked or activated. Blocks: for the thread pool only.
/// </summary>
internal sealed class NamespaceDump
{
    private const int PageBytes = 256 << 10;
    private readonly EditLogServices services;
    private readonly int number;
    private readonly NamespaceState state;
    private readonly ChunkTableState[] tables;
    private readonly DumpText text = new();
    private readonly IEnumerator<DumpCounts> lines;

    /// <summary>Loads the tree and the chunk tables.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.NamespaceNotFound"/>, <see cref="GofsError.EditLogCorrupt"/>, <see cref="GofsError.Unavailable"/>.</exception>
    public NamespaceDump(EditLogServices services, int number, DateTimeOffset at)
    {
        (this.services, this.number) = (services, number);
        (state, var editLogNumber) = StreamStates.Load<NamespaceState, NamespaceEvent>(services, StreamId.OfNamespace(number))
            ?? throw new GofsException(GofsError.NamespaceNotFound, $"namespace number {number} has no EditLog");
        tables = new ChunkTableState[state.Config.ChunkTableShards];
        for (var shard = 0; shard < tables.Length; shard++)
            tables[shard] = StreamStates.Load<ChunkTableState, ChunkTableEvent>(services, StreamId.OfChunkTable(number, shard))?.State ?? new();
        var header = new DumpLine.Header(state.Name, number, editLogNumber, at, state.LastInode, state.LastTrashId,
            [.. tables.Select(table => table.ReservedUpto)], state.Config);
        lines = new DumpTree(state, FileOf, ChunkOf, IsShared, text).Write(header).GetEnumerator();
    }

    /// <summary>The next page.</summary>
    public DumpPage Next()
    {
        while (text.PageBytes < PageBytes)
        {
            if (!lines.MoveNext()) return new(text.TakePage(), IsLast: true, text.Counts);
        }

        return new(text.TakePage(), IsLast: false, text.Counts);
    }

    private FileState? FileOf(long inode) =>
        StreamStates.Load<FileState, FileEvent>(services, StreamId.OfFile(number, new(inode))) is ({ } file, > 0) ? file : null;

    // One the table has not logged yet, or that got a newer version since: chunk servers report the version they have.
    private ChunkRow ChunkOf(ChunkHandle handle) =>
        handle.Shard < tables.Length && tables[handle.Shard].TryGet(handle, out var row) ? row : new(ChunkVersion.First, (byte)state.Config.Goal);

    // Perhaps shared is marked too: who loads it knows then by name who refers to the chunk.
    private bool IsShared(ChunkHandle handle) => handle.Shard < tables.Length && tables[handle.Shard].ReferrersOf(handle).Count > 0;
}
