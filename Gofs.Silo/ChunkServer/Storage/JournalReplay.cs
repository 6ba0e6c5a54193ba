using Gofs.Chunks;
using Gofs.Transport;

namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>
/// Opens a disk's journal: finds the unbroken run of live records, redoes it over the chunks, syncs, and makes all files free. Redoing is
/// idempotent and nothing is voided before it is synced, so a crash in the middle is followed by the same again. First all heads are read: barriers
/// and deletions void what came before them for their chunk; what is left is redone chunk by chunk, in order.
/// <para>
/// Where only the process died, every byte it wrote is in its file, and of a chunk whose records have all been carried out nothing is redone: that would take
/// away what was written behind them since, acknowledged and not flushed. A record that was not carried out is the last of its chunk, because its turn had
/// not ended, and nothing was written behind it. And since who opens a chunk takes all that is there for flushed, all is synced first.
/// </para>
/// </summary>
internal sealed partial class JournalReplay(Disk disk, ChunkStoreOptions options, ILogger logger)
{
    private readonly Dictionary<ChunkHandle, ChunkRecords> chunks = [];
    private readonly SlotValue[] slots = new SlotValue[JournalRecord.MostSlots];
    private byte[] buffer = new byte[JournalRecord.HeadBytes + (JournalRecord.MostSlots * JournalRecord.SlotBytes)];
    private List<JournalFile> files = [];

    /// <summary>Above every sequence there was.</summary>
    public long NextSequence { get; private set; } = 1;

    /// <summary>Records redone.</summary>
    public int Redone { get; private set; }

    /// <summary>Redoes what there is; answers the files, all free. Fewer than asked for when the disk is full.</summary>
    /// <exception cref="IOException">The disk fails, or has no room to redo what was acknowledged: it can't serve.</exception>
    public List<JournalFile> Run()
    {
        try
        {
            EarlierJournal.Redo(disk);
            for (var i = 0; i < options.JournalFiles; i++)
            {
                if (disk.Files.Exists(PathOf(i))) files.Add(new(PathOf(i), disk.Files.Open(PathOf(i), DiskOpen.Existing)));
            }

            ReadAll();
            foreach (var (handle, records) in chunks) Redo(handle, records);
            if (chunks.Count > 0 || disk.Starts.IsMachineSame) disk.Files.SyncFileSystem();
            if (chunks.Count > 0) LogRedone(logger, disk.Folder, Redone, chunks.Count);

            // The earliest first: a power cut in between leaves the later part to be redone again, never an earlier one alone.
            foreach (var file in files.OrderBy(one => one.First))
            {
                file.WriteHead(NextSequence);
                file.Grow(options.JournalFirstBytes);
                file.Sync();
            }

            files = [.. files.Where(file => file.Size >= options.JournalFirstBytes)];
            MakeMissing(disk.Files, options, files, NextSequence);
            return files;
        }
        catch
        {
            foreach (var file in files) file.Dispose();
            throw;
        }
    }

    /// <summary>Makes the files that are missing; as many as there is room for.</summary>
    public static void MakeMissing(IChunkDisk disk, ChunkStoreOptions options, List<JournalFile> files, long nextSequence)
    {
        for (var i = 0; i < options.JournalFiles; i++)
        {
            if (files.Exists(file => file.Path == PathOf(i))) continue;
            JournalFile? made = null;
            try
            {
                made = new(PathOf(i), disk.Open(PathOf(i), DiskOpen.Any));
                if (!made.Grow(options.JournalFirstBytes)) return;
                made.WriteHead(nextSequence);
                made.Sync();
                disk.SyncFolder("");
                files.Add(made);
                made = null;
            }
            catch (IOException full) when (LibC.IsNoSpace(full))
            {
                return;
            }
            finally
            {
                made?.Dispose();
            }
        }
    }

    private static string PathOf(int file) => $"journal-{file}";

    private void ReadAll()
    {
        List<JournalFile> withHead = [];
        foreach (var file in files)
        {
            if (file.TryReadHead()) withHead.Add(file);
            else if (file.Size > 0) LogNoHead(logger, disk.Folder, file.Path);
        }

        var next = 0L;
        foreach (var file in withHead.OrderBy(one => one.First))
        {
            NextSequence = Math.Max(NextSequence, file.First);
            if (!Parse(file, JournalFile.Alignment, file.First, out _, out _, out _)) continue;
            if (next != 0 && file.First != next)
            {
                // What follows a gap was never acknowledged: its file is begun only when the one before is synced to its end.
                LogGap(logger, disk.Folder, file.Path, file.First, next);
                NextSequence = Math.Max(NextSequence, EndOf(file, note: false));
                continue;
            }

            next = EndOf(file, note: true);
            NextSequence = Math.Max(NextSequence, next);
        }
    }

    private long EndOf(JournalFile file, bool note)
    {
        var sequence = file.First;
        for (long at = JournalFile.Alignment; Parse(file, at, sequence, out var record, out _, out var span); at += span, sequence++)
        {
            if (note) Note(record, new(file, at, sequence));
        }

        return sequence;
    }

    // Head, slots and data, each right by its CRC: else the run ends here.
    private bool Parse(JournalFile file, long at, long sequence, out JournalRecord record, out int slotCount, out int span)
    {
        var small = Math.Min(JournalRecord.HeadBytes + (JournalRecord.MostSlots * JournalRecord.SlotBytes), (int)Math.Max(0, file.Size - at));
        var read = file.Read(buffer.AsSpan(0, small), at);
        if (!JournalRecord.TryParse(buffer.AsSpan(0, read), sequence, slots, out record, out slotCount, out span) || span > file.Size - at) return false;
        var dataAt = JournalRecord.HeadBytes + (slotCount * JournalRecord.SlotBytes);
        if (buffer.Length < dataAt + record.DataLength) buffer = GC.AllocateUninitializedArray<byte>(dataAt + record.DataLength);
        var data = buffer.AsSpan(dataAt, record.DataLength);
        return file.Read(data, at + dataAt) == data.Length && Crc32C.Compute(data) == record.DataCrc;
    }

    private void Note(JournalRecord record, RecordPlace place)
    {
        if (!chunks.TryGetValue(record.Handle, out var records)) chunks[record.Handle] = records = new();
        if (record.Kind is JournalKind.Barrier or JournalKind.Delete)
        {
            records.Places.Clear();
            records.IsDeleted = record.Kind == JournalKind.Delete;
            return;
        }

        records.Places.Add(place);
    }

    private void Redo(ChunkHandle handle, ChunkRecords records)
    {
        if (records.IsDeleted) disk.Files.Delete(Disk.FileOf(handle));
        if (records.Places.Count == 0 || (disk.Starts.IsMachineSame && IsCarriedOut(handle, records.Places))) return;
        var places = records.Places;
        using var chunk = OpenOrRemake(handle, ParseAgain(places[0], out _));
        if (chunk is null) return;
        foreach (var place in places)
        {
            var record = ParseAgain(place, out var slotCount);
            var dataAt = JournalRecord.HeadBytes + (slotCount * JournalRecord.SlotBytes);
            chunk.Redo(record, slots.AsSpan(0, slotCount), buffer.AsSpan(dataAt, record.DataLength));
            Redone++;
        }

        chunk.EndRedo();
    }

    private bool IsCarriedOut(ChunkHandle handle, List<RecordPlace> places)
    {
        SortedDictionary<int, SlotValue> after = [];
        var version = default(ChunkVersion);
        foreach (var place in places)
        {
            var record = ParseAgain(place, out var slotCount);
            if (record.Version > version) version = record.Version;
            var first = (int)(record.Offset / ChunkHead.ChecksumBlockBytes);
            if (record.Kind == JournalKind.Truncate)
            {
                first = (int)((record.Offset + ChunkHead.ChecksumBlockBytes - 1) / ChunkHead.ChecksumBlockBytes) - slotCount;
                foreach (var cut in after.Keys.Where(index => index >= first).ToArray()) after.Remove(cut);
            }

            for (var i = 0; i < slotCount; i++) after[first + i] = slots[i];
        }

        try
        {
            using var chunk = ChunkFile.OpenForRedo(disk, handle);
            return chunk.Has(version, after);
        }
        catch (Exception missing) when (missing is FileNotFoundException or GofsException { Error: GofsError.Corrupt })
        {
            return false;
        }
    }

    private JournalRecord ParseAgain(RecordPlace place, out int slotCount) =>
        Parse(place.File, place.At, place.Sequence, out var record, out slotCount, out _)
            ? record : throw new IOException($"{place.File.Path} does not read the same twice", LibC.InputOutputError);

    private ChunkFile? OpenOrRemake(ChunkHandle handle, JournalRecord first)
    {
        if (first.Creates) return ChunkFile.Remake(disk, new(handle, first.Version, first.ChunkSizeBytes), first.Offset + first.DataLength);
        try
        {
            return ChunkFile.OpenForRedo(disk, handle);
        }
        catch (FileNotFoundException)
        {
            // Its deletion was faster than the record of it.
            LogNotThere(logger, handle, disk.Folder);
            return null;
        }
        catch (GofsException damaged) when (damaged.Error == GofsError.Corrupt)
        {
            LogDamaged(logger, handle, disk.Folder, damaged);
            return null;
        }
    }

    [LoggerMessage(3021, LogLevel.Information, "Disk {Folder}: {Records} journal records of {Chunks} chunks redone")]
    private static partial void LogRedone(ILogger logger, string folder, int records, int chunks);

    [LoggerMessage(3022, LogLevel.Error, "Disk {Folder}: {File} has no head and is begun anew; what was last written to this disk may be lost")]
    private static partial void LogNoHead(ILogger logger, string folder, string file);

    [LoggerMessage(3023, LogLevel.Warning,
        "Disk {Folder}: {File} begins at record {First}, but the records before end at {Next}: not redone, never acknowledged")]
    private static partial void LogGap(ILogger logger, string folder, string file, long first, long next);

    [LoggerMessage(3024, LogLevel.Information, "Chunk {Handle} on {Folder} was deleted; its journal records are void")]
    private static partial void LogNotThere(ILogger logger, ChunkHandle handle, string folder);

    [LoggerMessage(3025, LogLevel.Error, "Chunk {Handle} on {Folder} is damaged; its journal records can't be redone")]
    private static partial void LogDamaged(ILogger logger, ChunkHandle handle, string folder, Exception damaged);

    private readonly record struct RecordPlace(JournalFile File, long At, long Sequence);

    private sealed class ChunkRecords
    {
        public List<RecordPlace> Places { get; } = [];

        public bool IsDeleted { get; set; }
    }
}
