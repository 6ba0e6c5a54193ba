namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>
/// A chunk in a pack, seen as the file it would have: head and slots are its sector's, the data its cell's. What does not fit makes it a file of its own
/// first; whoever has it open goes on with that. One that was deleted meanwhile takes writes and forgets them, as a file without a name does, but can't be
/// read: its cell may be another's.
/// </summary>
internal sealed class PackedFile(PackedDisk disk, PackCell cell, bool isPassing) : IDiskFile
{
    private const int SectorBytes = PackFile.SectorBytes;
    private readonly int dataOffset = cell.Entry.DataOffset;
    private IDiskFile? outside;

    /// <inheritdoc/>
    public long Length => Outside() is { } file ? file.Length : dataOffset + cell.End;

    /// <inheritdoc/>
    public int Read(Span<byte> into, long offset)
    {
        if (Outside() is { } file) return file.Read(into, offset);
        var read = ReadCell(into, offset);
        if (!cell.IsGone) return read;
        // What was read may be another chunk's by now.
        return Outside()?.Read(into, offset) ?? throw Deleted();
    }

    /// <inheritdoc/>
    public bool TryReadCached(Span<byte> into, long offset)
    {
        if (Outside() is { } file) return file.TryReadCached(into, offset);
        return offset >= dataOffset && offset - dataOffset + into.Length <= cell.End
            && cell.Pack.TryReadCached(cell.Index, into, (int)(offset - dataOffset)) && !cell.IsGone;
    }

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<byte> data, long offset)
    {
        if (OutsideFor(offset, data.Length) is { } file)
        {
            file.Write(data, offset);
            return;
        }

        if (cell.IsGone) return;
        if (offset < SectorBytes)
        {
            WriteSector(data, (int)offset);
            return;
        }

        var at = (int)(offset - dataOffset);
        if (at > cell.End) Clear(cell.End, at);
        cell.Pack.Write(cell.Index, data, at);
        cell.End = Math.Max(cell.End, at + data.Length);
    }

    /// <inheritdoc/>
    public void SetLength(long length)
    {
        if (OutsideFor(length, 0) is { } file)
        {
            file.SetLength(length);
            return;
        }

        if (cell.IsGone) return;
        var end = (int)Math.Max(0, length - dataOffset);
        Clear(cell.End, end);
        cell.End = end;
        Span<byte> sector = stackalloc byte[SectorBytes];
        sector.Clear();
        FormatEntry(sector[PackEntry.At..]);
        // Without anything even the head goes.
        if (length == 0) cell.Pack.WriteSector(cell.Index, sector, 0);
        else cell.Pack.WriteSector(cell.Index, sector.Slice(PackEntry.At, PackEntry.Bytes), PackEntry.At);
    }

    /// <inheritdoc/>
    public void Reserve(long offset, long length)
    {
        if (OutsideFor(offset, length) is { } file) file.Reserve(offset, length);
        else if (!cell.IsGone) cell.Pack.Reserve(cell.Index);
    }

    /// <inheritdoc/>
    public void Discard(long offset, long length)
    {
        // Only packs discard.
    }

    /// <inheritdoc/>
    public void StartWriteBack(long offset, long length)
    {
        if (Outside() is { } file) file.StartWriteBack(offset, length);
        else if (!cell.IsGone) cell.Pack.StartWriteBack(cell.Index);
    }

    /// <inheritdoc/>
    public void SyncData()
    {
        if (Outside() is { } file) file.SyncData();
        else if (!cell.IsGone) cell.Pack.SyncData();
    }

    /// <inheritdoc/>
    public void Dispose() => outside?.Dispose();

    private static GofsException Deleted() => new(GofsError.ChunkNotFound, "the chunk was deleted at that moment");

    private int ReadCell(Span<byte> into, long offset)
    {
        if (offset < SectorBytes) return cell.Pack.ReadSector(cell.Index, into[..(int)Math.Min(into.Length, SectorBytes - offset)], (int)offset);
        var count = (int)Math.Clamp(dataOffset + cell.End - offset, 0, into.Length);
        return offset < dataOffset || count == 0 ? 0 : cell.Pack.Read(cell.Index, into[..count], (int)(offset - dataOffset), isPassing);
    }

    // The entry lies between head and slots, and goes along with either: in one write, so that no crash parts them.
    private void WriteSector(ReadOnlySpan<byte> data, int at)
    {
        Span<byte> sector = stackalloc byte[SectorBytes];
        data.CopyTo(sector[at..]);
        FormatEntry(sector[PackEntry.At..]);
        var (from, to) = (Math.Min(at, PackEntry.At), Math.Max(at + data.Length, PackEntry.At + PackEntry.Bytes));
        cell.Pack.WriteSector(cell.Index, sector[from..to], from);
    }

    private void FormatEntry(Span<byte> into) => (cell.Entry with { Length = cell.End }).Format(into);

    private void Clear(int from, int to)
    {
        Span<byte> zeros = stackalloc byte[PackFile.PageBytes];
        zeros.Clear();
        for (var at = from; at < to; at += zeros.Length) cell.Pack.Write(cell.Index, zeros[..Math.Min(zeros.Length, to - at)], at);
    }

    private bool Fits(long offset, long length) =>
        offset + length <= SectorBytes || (offset >= dataOffset && offset - dataOffset + length <= cell.Pack.CellBytes);

    // In the chunk's turn, as all that writes.
    private IDiskFile? OutsideFor(long offset, long length)
    {
        if (Outside() is { } there) return there;
        if (cell.IsGone || Fits(offset, length)) return null;
        return outside = disk.MoveOut(cell, this);
    }

    private IDiskFile? Outside()
    {
        if (!cell.IsOutside) return null;
        if (Volatile.Read(ref outside) is { } known) return known;
        IDiskFile file;
        try
        {
            file = disk.OpenOutside(cell, isPassing);
        }
        catch (FileNotFoundException)
        {
            throw Deleted();
        }

        if (Interlocked.CompareExchange(ref outside, file, null) is not { } first) return file;
        file.Dispose();
        return first;
    }
}
