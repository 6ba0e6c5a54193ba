using System.Globalization;
using Gofs.Chunks;
using Gofs.Transport;
using Microsoft.Win32.SafeHandles;

namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>
/// A disk whose small chunks share files. A chunk that begins with a write of a few KiB gets a cell of a <i>pack</i> (<see cref="PackFile"/>) instead of a
/// file: no inode, no folder's entry, no file to open, half the pages to write, and a start reads them in one go (Haystack, OSDI 2010, has photos
/// in large files for the same reasons). Whoever uses the disk sees a file for each chunk all the same, and what <see cref="IChunkDisk"/> promises of files
/// holds for them:
/// <para>
/// <b>A name.</b> The chunk is there when its cell's sector says whose it is. The sector is written whole or not at all; synced is the pack.<br/>
/// <b>A deletion.</b> The sector is made void. Until a sync it may come back, and then with all its bytes, because the cell is nobody else's before a sync
/// of the file system has been over it (<see cref="PackCells"/>). Only then is its room given back to the file system. A full disk can delete: all sectors
/// have their room from the beginning.<br/>
/// <b>Growth.</b> A chunk that outgrows its cell becomes a file of its own: copied, synced, then given the chunk's name, durably, then the cell is let go
/// of. A name is a whole file, so where both are found the file counts.<br/>
/// <b>A name taken over.</b> A copy that gets the name of a chunk in a pack: the name, durably, then the cell.
/// </para>
/// <para>
/// Who dies. The process: packs are read at the start, cells are free whose sectors are void. The machine: a sector, the bytes and the file's length survive
/// each by chance until they are synced, as those of a file do; what does not match its CRC was never flushed. The disk: it is out of service.
/// A full disk: no pack is made, and chunks are files again.
/// </para>
/// </summary>
internal sealed partial class PackedDisk : IChunkDisk
{
    private const string Extension = ".chunk";
    private static readonly TimeSpan LongestLet = TimeSpan.FromSeconds(5);
    private readonly IChunkDisk disk;
    private readonly int mostBytes;
    private readonly Action<IOException> failed;
    private readonly PackCells cells;
    private readonly int cellsOfNew;
    private readonly Lock gate = new();
    private readonly IDiskWorker worker;
    private readonly ITimer patience;
    private List<FreeCell> freed = [];
    private bool isDue;
    private bool isArmed;
    private bool isClosed;

    /// <summary>Begins; <see cref="Load(ILogger)"/> is to follow.</summary>
    /// <param name="disk">The disk.</param>
    /// <param name="options">Which chunks are in packs, of how many cells, and the threads that make them.</param>
    /// <param name="time">The clock by which room is given back.</param>
    /// <param name="failed">Told when the disk fails.</param>
    public PackedDisk(IChunkDisk disk, ChunkStoreOptions options, TimeProvider time, Action<IOException> failed)
    {
        (this.disk, this.failed) = (disk, failed);
        mostBytes = Math.Min(options.PackUpToBytes, PackFile.MostPages * PackFile.PageBytes);
        (cellsOfNew, cells) = (options.PackCells, new(options.PackCells));
        worker = options.Threads.Start("gofs packs", Step);
        patience = time.CreateTimer(_ => SetDue(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc/>
    public string Folder => disk.Folder;

    /// <inheritdoc/>
    public string Start => disk.Start;

    /// <summary>Makes a chunk's file in a pack; null: it is to be a file of its own.</summary>
    /// <param name="head">Whose.</param>
    /// <param name="bytes">How many bytes will be in it, as far as one knows.</param>
    public IDiskFile? TryCreate(ChunkHead head, long bytes)
    {
        if (bytes > mostBytes || disk.Exists(Disk.FileOf(head.Handle))) return null;
        var cell = cells.TryTake(head, (int)bytes, out var isFew);
        if (isFew) worker.Wake();
        return cell is null ? null : new PackedFile(this, cell, isPassing: false);
    }

    /// <inheritdoc/>
    public IDiskFile Open(string path, DiskOpen how)
    {
        if (CellOf(path) is not { } cell) return disk.Open(path, how);
        return how == DiskOpen.New ? throw new IOException($"{path} exists", LibC.Exists) : new PackedFile(this, cell, how == DiskOpen.Passing);
    }

    /// <inheritdoc/>
    public SafeFileHandle? OpenToShare(string path) => CellOf(path) is null ? disk.OpenToShare(path) : null;

    /// <inheritdoc/>
    public bool Exists(string path) => CellOf(path) is not null || disk.Exists(path);

    /// <inheritdoc/>
    public void Delete(string path)
    {
        if (CellOf(path) is { } cell) LetGo(cell);
        else disk.Delete(path);
    }

    /// <inheritdoc/>
    public void Rename(string from, string to)
    {
        if (CellOf(from) is { } cell)
        {
            using var file = new PackedFile(this, cell, isPassing: false);
            Copy(file, cell, to).Dispose();
            disk.SyncFolder(FolderOf(to));
            LetGo(cell);
            return;
        }

        disk.Rename(from, to);
        if (CellOf(to) is not { } former) return;
        // Both or neither can't be had: the name is durable before the cell is void.
        disk.SyncFolder(FolderOf(to));
        LetGo(former);
    }

    /// <inheritdoc/>
    public void MakeFolder(string path) => disk.MakeFolder(path);

    /// <inheritdoc/>
    public IEnumerable<string> FilesIn(string folder)
    {
        var files = disk.FilesIn(folder);
        return ChunkFolderOf(folder) is { } number ? files.Concat(cells.In(number).OrderBy(handle => handle.Value).Select(Disk.FileOf)) : files;
    }

    /// <inheritdoc/>
    public void SyncFolder(string path)
    {
        disk.SyncFolder(path);
        if (ChunkFolderOf(path) is not { } number || !cells.IsUnsynced(number)) return;
        foreach (var pack in cells.Packs) pack.SyncData();
    }

    /// <inheritdoc/>
    public void SyncFileSystem()
    {
        var taken = cells.TakeLet();
        disk.SyncFileSystem();
        if (taken.Count == 0) return;
        cells.SetSynced(taken);
        lock (gate) freed.AddRange(taken.Select(one => one.Cell));
        worker.Wake();
    }

    /// <inheritdoc/>
    public DiskRoom Room() => disk.Room();

    /// <inheritdoc/>
    public IDisposable? TryLock(string path) => disk.TryLock(path);

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (gate) isClosed = true;
        patience.Dispose();
        worker.Dispose();
        foreach (var pack in cells.Packs) pack.Dispose();
        disk.Dispose();
    }

    /// <summary>Makes a chunk that outgrows its cell a file of its own, durably; answers the file. In the chunk's turn.</summary>
    public IDiskFile MoveOut(PackCell cell, PackedFile packed)
    {
        var handle = cell.Entry.Handle;
        var temporary = Disk.CopyFileOf(handle, 0);
        var file = Copy(packed, cell, temporary);
        try
        {
            disk.Rename(temporary, Disk.FileOf(handle));
            disk.SyncFolder(Disk.FolderOf(handle));
            cell.IsOutside = true;
            LetGo(cell);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Opens the file of a chunk that outgrew its cell.</summary>
    /// <exception cref="FileNotFoundException">It was deleted since.</exception>
    public IDiskFile OpenOutside(PackCell cell, bool isPassing) =>
        disk.Open(Disk.FileOf(cell.Entry.Handle), isPassing ? DiskOpen.Passing : DiskOpen.Existing);

    // All of a chunk in a pack, as a file, synced.
    private IDiskFile Copy(PackedFile packed, PackCell cell, string to)
    {
        var bytes = LargeBuffers.Shared.Rent(PackFile.MostPages * PackFile.PageBytes);
        var file = disk.Open(to, DiskOpen.Any);
        try
        {
            file.SetLength(0);
            var sector = bytes.AsSpan(0, PackFile.SectorBytes);
            sector.Clear();
            packed.Read(sector, 0);
            sector.Slice(PackEntry.At, PackEntry.Bytes).Clear();
            file.Write(sector, 0);
            var data = bytes.AsSpan(0, cell.End);
            var read = packed.Read(data, cell.Entry.DataOffset);
            file.Write(data[..read], cell.Entry.DataOffset);
            file.SyncData();
            return file;
        }
        catch
        {
            file.Dispose();
            disk.Delete(to);
            throw;
        }
        finally
        {
            LargeBuffers.Shared.Return(bytes);
        }
    }

    private void LetGo(PackCell cell)
    {
        Span<byte> nobody = stackalloc byte[PackFile.SectorBytes];
        nobody.Clear();
        cell.Pack.WriteSector(cell.Index, nobody, 0);
        cells.LetGo(cell);
        Arm();
    }

    private void Arm()
    {
        lock (gate)
        {
            if (isArmed || isClosed) return;
            isArmed = true;
            patience.Change(LongestLet, Timeout.InfiniteTimeSpan);
        }
    }

    private void SetDue()
    {
        lock (gate) isDue = true;
        worker.Wake();
    }

    private bool Step()
    {
        try
        {
            if (cells.Wanted is > 0 and var pages) MakePack(pages);
            bool syncs;
            lock (gate)
            {
                syncs = isDue;
                if (isDue) (isDue, isArmed) = (false, false);
            }

            if (syncs && cells.HasLet) SyncFileSystem();
            GiveBack();
        }
        catch (IOException broken)
        {
            failed(broken);
        }

        return false;
    }

    private void MakePack(int pages)
    {
        PackFile? made = null;
        try
        {
            DiskIdentity.SetPacked(disk);
            made = PackFile.Create(disk, pages, cells.NextNumber(pages), cellsOfNew);
        }
        catch (IOException full) when (LibC.IsNoSpace(full) || LibC.IsTooManyOpen(full))
        {
            // Chunks are files as long as it is so.
        }

        cells.Add(pages, made);
    }

    private void GiveBack()
    {
        List<FreeCell> taken;
        lock (gate)
        {
            if (freed.Count == 0) return;
            (taken, freed) = (freed, []);
        }

        taken.Sort((one, other) => (one.Pack.Pages, one.Pack.Number, one.Index).CompareTo((other.Pack.Pages, other.Pack.Number, other.Index)));
        for (int first = 0, next; first < taken.Count; first = next)
        {
            for (next = first + 1; next < taken.Count && taken[next] == new FreeCell(taken[first].Pack, taken[first].Index + next - first); next++)
            {
            }

            taken[first].Pack.Discard(taken[first].Index, next - first);
        }

        cells.Free(taken);
    }

    private PackCell? CellOf(string path)
    {
        const int folder = 10, digits = 16;
        return path.Length == folder + digits + Extension.Length && path.StartsWith("chunks/", StringComparison.Ordinal)
            && ulong.TryParse(path.AsSpan(folder, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            ? cells.Find(new(value)) : null;
    }

    private static int? ChunkFolderOf(string path) =>
        path.Length == 9 && path.StartsWith("chunks/", StringComparison.Ordinal)
            && int.TryParse(path.AsSpan(7), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string FolderOf(string path) => path[..path.LastIndexOf('/')];
}
