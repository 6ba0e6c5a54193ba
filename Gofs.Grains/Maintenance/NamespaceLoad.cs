using Gofs.Chunks;
using Gofs.Files;
using Gofs.Grains.Chunks;
using Gofs.Grains.Control;
using Gofs.Grains.EditLogs;
using Gofs.Grains.Files;
using Gofs.Grains.Namespaces;
using Gofs.Namespaces;

namespace Gofs.Grains.Maintenance;

/// <summary>
/// Writes what a dump says into new EditLog streams: the tree's, the chunk tables', and one for each file that has a chunk list. What: ordinary
/// records, as the grains would have made them, owned by this load while nobody can find the namespace, so that no grain of it is
/// active. Why so: until the namespace is on the list the streams mean nothing, and a load that dies leaves nothing but them.
/// <para>
/// Chunk counters go on far above the last one the dump knows: chunks that were made after the dump and are still on chunk servers must never
/// share a handle with a new one.
/// </para>
/// </summary>
internal sealed class NamespaceLoad
{
    /// <summary>Counters left out in each shard.</summary>
    public const long Gap = 1 << 30;

    private readonly EditLogServices services;
    private readonly DumpLine.Header header;
    private readonly int number;
    private readonly bool namesOnly;
    private readonly NamespaceState state = new();
    private readonly EditLogStream tree;
    private readonly EditLogStream[] tables;
    private readonly long[] counters;
    private readonly List<LoadedInode> rows = [];
    private readonly List<LoadedAttribute> attributes = [];
    private readonly List<DumpLine.Chunk> chunks = [];
    private readonly List<ChunkShare> shares = [];
    private readonly List<(ChunkReference Reference, int Goal)> goals = [];
    private readonly List<EditLogStream> files = [];
    private (LoadedInode Row, EditLogStream? Stream) file;

    /// <summary>Begins; the streams of this number are gone.</summary>
    public NamespaceLoad(EditLogServices services, string name, int number, DumpLine.Header header, bool namesOnly, long now)
    {
        (this.services, this.header, this.number, this.namesOnly) = (services, header, number, namesOnly);
        if (header.Reserved.Length != header.Config.ChunkTableShards || header.Reserved.Any(counter => counter is < 0 or > ChunkHandle.MaxCounter))
            throw Corrupt("the header's reserved counters are not one for each shard");
        tree = Open(StreamId.OfNamespace(number));
        tables = namesOnly ? [] : [.. Enumerable.Range(0, header.Config.ChunkTableShards).Select(shard => Open(StreamId.OfChunkTable(number, shard)))];
        counters = [.. header.Reserved];
        Raise(new NamespaceCreated(number, name, header.Config, now));
    }

    /// <summary>What was loaded so far.</summary>
    public DumpCounts Counts { get; private set; }

    /// <summary>Files that had bytes and have none here.</summary>
    public long FilesWithoutBytes { get; private set; }

    /// <summary>Takes a line; what it says is on its way with the next <see cref="FlushAsync"/>.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.EditLogCorrupt"/>.</exception>
    public void Add(DumpLine line)
    {
        switch (line)
        {
            case DumpLine.Inode inode:
                Add(inode);
                break;
            case DumpLine.MoreChunks more:
                if (more.Of != file.Row?.Inode || file.Row.Type != EntryType.File || file.Row.OnlyChunk != ChunkHandle.None)
                    throw Corrupt($"chunks of inode {more.Of} come where that is not the file before");
                AddChunks(more.Chunks);
                break;
            case DumpLine.Attribute attribute:
                LoadDecisions.Check(state, attribute.Row);
                attributes.Add(attribute.Row);
                break;
            case DumpLine.End end:
                if (end.Counts != Counts) throw Corrupt("the last line counts other things than there were");
                break;
        }
    }

    /// <summary>Makes durable what was taken.</summary>
    public async Task FlushAsync()
    {
        if (rows.Count + attributes.Count > 0)
            tree.Add(services.SerializerOf<NamespaceEvent>(), new TreeLoaded([.. rows], [.. attributes], header.LastInode, header.LastTrashId));
        foreach (var (shard, happened) in ChunkEvents()) tables[shard].Add(services.SerializerOf<ChunkTableEvent>(), happened);
        await Task.WhenAll([tree.DurableAsync(), .. tables.Select(table => table.DurableAsync()), .. files.Select(one => one.DurableAsync())]);
        rows.Clear();
        attributes.Clear();
        chunks.Clear();
        shares.Clear();
        goals.Clear();
        files.Clear();
        if (file.Stream is not null) files.Add(file.Stream);
    }

    /// <summary>All lines were there: sets chunk counters aside.</summary>
    public async Task FinishAsync()
    {
        for (var shard = 0; shard < tables.Length; shard++)
        {
            var upto = counters[shard] + Gap;
            if (upto > ChunkHandle.MaxCounter)
                throw new GofsException(GofsError.NotPermitted, $"shard {shard} of its chunk table has no counters left: names alone can be loaded");
            tables[shard].Add(services.SerializerOf<ChunkTableEvent>(), new HandlesReserved(upto));
        }

        await FlushAsync();
    }

    private void Add(DumpLine.Inode line)
    {
        var row = line.Row;
        Counts = DumpText.Add(Counts, row);
        if (namesOnly && row.Type == EntryType.File)
        {
            if (row.LengthBytes > 0) FilesWithoutBytes++;
            row = row with { LengthBytes = 0, OnlyChunk = ChunkHandle.None, ChunkSizeBytes = 0 };
        }

        LoadDecisions.Check(state, row, header.LastInode, header.LastTrashId);
        state.Apply(new TreeLoaded([row], [], 0, 0));
        rows.Add(row);
        file = (row, null);
        if (namesOnly || row.Type != EntryType.File || (row.LengthBytes == 0 && line.Chunks.Length == 0)) return;
        if (!NamespaceConfig.IsChunkSize(row.ChunkSizeBytes)) throw Corrupt($"inode {row.Inode} has no chunk size");
        if (row.OnlyChunk == ChunkHandle.None)
        {
            file = (row, Open(StreamId.OfFile(number, new(row.Inode))));
            files.Add(file.Stream!);
        }

        AddChunks(line.Chunks);
    }

    // One record for each line: every one says the same length.
    private void AddChunks(DumpLine.Chunk[] some)
    {
        if (namesOnly) return;
        foreach (var chunk in some)
        {
            if (chunk.Handle.NamespaceNumber != number || chunk.Handle.Shard >= tables.Length || chunk.Handle.Counter == 0
                || chunk.Version < 1 || !NamespaceConfig.IsGoal(chunk.Goal) || chunk.Index is < 0 or >= FileDecisions.MaxChunks)
                throw Corrupt($"chunk {chunk.Handle} of inode {file.Row.Inode} can't be there");
            counters[chunk.Handle.Shard] = Math.Max(counters[chunk.Handle.Shard], chunk.Handle.Counter);
        }

        chunks.AddRange(some);
        shares.AddRange(some.Where(chunk => chunk.IsShared).Select(chunk => new ChunkShare(chunk.Handle, file.Row.Inode, file.Row.Inode)));
        // What a file wants is its own: the chunk has the greatest goal of those that share it, or one that its table was yet to be told of.
        if (file.Row.Goal != 0)
            goals.AddRange(some.Where(chunk => chunk.IsShared || chunk.Goal != file.Row.Goal)
                .Select(chunk => (new ChunkReference(chunk.Handle, file.Row.Inode), file.Row.Goal)));
        file.Stream?.Add(services.SerializerOf<FileEvent>(), new LengthCommitted(
            default, file.Row.ChunkSizeBytes, file.Row.LengthBytes, [.. some.Select(chunk => new FileChunk(chunk.Index, chunk.Handle))],
            file.Row.ModifiedAt, Closed: true));
    }

    private IEnumerable<(int Shard, ChunkTableEvent Happened)> ChunkEvents()
    {
        foreach (var same in chunks.GroupBy(chunk => (chunk.Handle.Shard, chunk.Goal)))
            yield return (same.Key.Shard, new ChunksConfirmed([.. same.Select(chunk => chunk.Handle)], same.Key.Goal));
        foreach (var chunk in chunks.Where(chunk => chunk.Version > ChunkVersion.First.Value))
            yield return (chunk.Handle.Shard, new VersionMoved(chunk.Handle, new(chunk.Version)));
        foreach (var same in shares.GroupBy(share => share.Chunk.Shard)) yield return (same.Key, new ChunksShared([.. same]));
        foreach (var same in goals.GroupBy(one => (one.Reference.Chunk.Shard, one.Goal)))
            yield return (same.Key.Shard, new ChunkGoalsSet([.. same.Select(one => one.Reference)], same.Key.Goal));
    }

    private void Raise(NamespaceEvent happened)
    {
        state.Apply(happened);
        tree.Add(services.SerializerOf<NamespaceEvent>(), happened);
    }

    // A fault is told to whoever waits for durability, which is this load.
    private EditLogStream Open(StreamId id) => new(services.Writer, id, epoch: 0, number: 0, _ => { });

    private static GofsException Corrupt(string why) => new(GofsError.EditLogCorrupt, why);
}
