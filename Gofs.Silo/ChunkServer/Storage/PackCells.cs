using System.Collections.Concurrent;
using Gofs.Chunks;
using Gofs.Transport;

namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>
/// Which cells of a disk's packs are whose, and which can be had. A cell that was let go of is nobody's until a sync of the file system that began afterwards
/// has ended: else a power cut could bring the chunk back with another's bytes.
/// </summary>
/// <param name="cellsOfNew">How many cells a new pack has.</param>
internal sealed class PackCells(int cellsOfNew)
{
    private const int Folders = 256;
    private readonly Lock gate = new();
    private readonly ConcurrentDictionary<ulong, PackCell>[] used =
        [.. Enumerable.Range(0, Folders).Select(_ => new ConcurrentDictionary<ulong, PackCell>(concurrencyLevel: 1, capacity: 4))];
    private readonly Size[] sizes = [.. Enumerable.Range(0, PackFile.MostPages + 1).Select(_ => new Size())];
    private readonly List<PackFile> packs = [];
    private readonly int[] unsynced = new int[Folders];
    private List<LetCell> let = [];

    /// <summary>Finds a chunk's cell.</summary>
    public PackCell? Find(ChunkHandle handle) => used[FolderOf(handle)].GetValueOrDefault(handle.Value);

    /// <summary>The chunks in packs, of one folder.</summary>
    public IEnumerable<ChunkHandle> In(int folder) => used[folder].Keys.Select(value => new ChunkHandle(value));

    /// <summary>Whether no chunk is in a pack.</summary>
    public bool IsEmpty => Array.TrueForAll(used, one => one.IsEmpty);

    /// <summary>The packs.</summary>
    public PackFile[] Packs
    {
        get
        {
            lock (gate) return [.. packs];
        }
    }

    /// <summary>Whether cells were let go of that no sync has been over since.</summary>
    public bool HasLet
    {
        get
        {
            lock (gate) return let.Count > 0;
        }
    }

    /// <summary>Takes a cell; null: there is none. Also says whether another pack is to be made.</summary>
    public PackCell? TryTake(ChunkHead head, int bytes, out bool isFew)
    {
        var handle = head.Handle;
        var pages = Math.Max(1, (bytes + PackFile.PageBytes - 1) / PackFile.PageBytes);
        var size = sizes[pages];
        PackCell cell;
        lock (gate)
        {
            var left = size.Free.Count + (size.Current is { } current ? current.Cells - current.Next : 0);
            isFew = left <= cellsOfNew / 8 && !size.IsWanted && size.Spare is null;
            size.IsWanted |= isFew;
            var entry = new PackEntry(handle, head.DataOffset, Length: 0);
            if (size.Free.TryDequeue(out var free)) cell = new(free.Pack, free.Index, entry);
            else if (Current(size) is { } pack) cell = new(pack, pack.Next++, entry);
            else return null;
        }

        if (!used[FolderOf(handle)].TryAdd(handle.Value, cell)) throw new IOException($"chunk {handle} is in a pack already", LibC.Exists);
        return cell;
    }

    /// <summary>The size, in pages, of which packs are wanted; 0: none.</summary>
    public int Wanted
    {
        get
        {
            lock (gate) return Math.Max(0, Array.FindIndex(sizes, size => size.IsWanted));
        }
    }

    /// <summary>The number of the next pack of a size.</summary>
    public int NextNumber(int pages)
    {
        lock (gate) return 1 + packs.Where(pack => pack.Pages == pages).Select(pack => pack.Number).DefaultIfEmpty(0).Max();
    }

    /// <summary>A pack was made, or could not be.</summary>
    public void Add(int pages, PackFile? pack)
    {
        lock (gate)
        {
            var size = sizes[pages];
            size.IsWanted = false;
            if (pack is null) return;
            packs.Add(pack);
            if (size.Current is null) size.Current = pack;
            else size.Spare = pack;
        }
    }

    /// <summary>
    /// A pack was found: what is in which of its cells, and which can be used once a sync has been over them. Answers cells of chunks that have others: a power
    /// cut undid a deletion, and nothing that was written since was acknowledged, or the journal has it. They are to be let go of.
    /// </summary>
    public IReadOnlyList<PackCell> Add(PackFile pack, IEnumerable<PackCell> cells, IEnumerable<int> empty)
    {
        List<PackCell> seconds = [];
        foreach (var cell in cells)
        {
            if (!used[FolderOf(cell.Entry.Handle)].TryAdd(cell.Entry.Handle.Value, cell)) seconds.Add(cell);
        }

        lock (gate)
        {
            packs.Add(pack);
            let.AddRange(empty.Select(index => new LetCell(new(pack, index), null)));
            var size = sizes[pack.Pages];
            if (pack.Next >= pack.Cells) return seconds;
            if (size.Current is null) size.Current = pack;
            else if (size.Spare is null) size.Spare = pack;
            else for (; pack.Next < pack.Cells; pack.Next++) let.Add(new(new(pack, pack.Next), null));
        }

        return seconds;
    }

    /// <summary>A cell is its chunk's no more, and its sector says so.</summary>
    public void LetGo(PackCell cell)
    {
        cell.IsGone = true;
        var folder = FolderOf(cell.Entry.Handle);
        used[folder].TryRemove(new(cell.Entry.Handle.Value, cell));
        lock (gate)
        {
            let.Add(new(new(cell.Pack, cell.Index), folder));
            unsynced[folder]++;
        }
    }

    /// <summary>Whether a cell of a chunk of the folder was let go of, and no sync has been over it.</summary>
    public bool IsUnsynced(int folder)
    {
        lock (gate) return unsynced[folder] > 0;
    }

    /// <summary>Takes what was let go of: a sync of the file system begins.</summary>
    public List<LetCell> TakeLet()
    {
        lock (gate)
        {
            var taken = let;
            let = [];
            return taken;
        }
    }

    /// <summary>The sync has ended: no power cut brings those back.</summary>
    public void SetSynced(List<LetCell> cells)
    {
        lock (gate)
        {
            foreach (var cell in cells)
            {
                if (cell.Folder is { } folder) unsynced[folder]--;
            }
        }
    }

    /// <summary>Cells can be had again.</summary>
    public void Free(IEnumerable<FreeCell> cells)
    {
        lock (gate)
        {
            foreach (var cell in cells) sizes[cell.Pack.Pages].Free.Enqueue(cell);
        }
    }

    private static PackFile? Current(Size size)
    {
        if (size.Current is { } full && full.Next >= full.Cells) (size.Current, size.Spare) = (size.Spare, null);
        return size.Current;
    }

    private static int FolderOf(ChunkHandle handle) => (int)(handle.Value & 0xFF);

    private sealed class Size
    {
        public PackFile? Current { get; set; }

        public PackFile? Spare { get; set; }

        public bool IsWanted { get; set; }

        public Queue<FreeCell> Free { get; } = new();
    }
}

/// <summary>A cell without a chunk.</summary>
internal readonly record struct FreeCell(PackFile Pack, int Index);

/// <summary>A cell that was let go of.</summary>
/// <param name="Cell">Which.</param>
/// <param name="Folder">Where the chunk's file would be; null: no chunk was in it since the disk was opened.</param>
internal readonly record struct LetCell(FreeCell Cell, int? Folder);
