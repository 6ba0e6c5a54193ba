using Gofs.Chunks;
using Gofs.Transport;

namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>
/// One disk's journal: small durable writes share one sync, and bytes that were flushed can be changed without a moment in which a
/// crash would leave neither the old nor the new.
/// <para>
/// What. A durable write of a few KiB, every change of flushed bytes, every cut and every new version is a record. All records that wait are
/// appended by one write to a file whose bytes were written before (so no metadata moves) and made durable by one sync. The same bytes go to the
/// chunk's own file, unsynced: that stays their only home. The journal is a few files used in turn. One that is full is
/// <i>retired</i> in the background: a sync of the whole file system puts what its records changed on stable storage, then its head is
/// made to say that it has no records. Only then is it free. Writers wait for that only when all files are full.
/// </para>
/// <para>
/// The rules, each of which a crash at any point must find kept:
/// 1. <i>Log before destroying.</i> What changes flushed bytes (an overwrite, a cut) touches the chunk's file only when its record is
/// durable. Appends destroy nothing (<see cref="BlockSlots"/>); they go to the file first, so that a full disk refuses them before they are logged.
/// 2. <i>Only clean chunks are logged.</i> A record says how its checksum blocks are afterwards; so all of the chunk before it must be durable.
/// A chunk with unflushed bytes is synced first.
/// 3. <i>Barrier.</i> A chunk that has live records (of files not retired) and is then synced in its own file gets a barrier record before
/// that flush is acknowledged: redoing the older records would undo what was flushed. The order is sync, then barrier: a crash between
/// redoes the old records, and nothing acknowledged is lost. Who deletes such a chunk logs that too, else it would rise again in part; and a chunk made
/// anew under a live deletion needs a barrier like any other.
/// 4. <i>Retire in order</i>, oldest file first, and durably before memory forgets that its records are live.
/// 5. <i>One sequence.</i> Records are numbered without a gap over all files and for ever; a file is begun only after the one before is synced to
/// its end. So what is redone is one unbroken run, and the first record that is torn, stale or missing ends it.
/// </para>
/// <para>
/// Who dies. The process, at any moment: opening the disk redoes the live records in order over the chunks (<see cref="JournalReplay"/>), syncs, and
/// only then voids them, so that a crash while redoing changes nothing. The disk refuses to write or sync: nobody knows what of it is there, so
/// it is out of service. It is full: the journal needs no room that it does not have; it stays as large as it is, and when it has none at all
/// its operations are refused with <see cref="GofsError.NoSpace"/> and reads go on.
/// </para>
/// </summary>
internal sealed partial class DiskJournal : IDisposable
{
    private const int GrowFactor = 4;
    private const int MostBatchBytes = 2 << 20;
    private readonly Lock gate = new();
    private readonly int capacity;
    private readonly IChunkDisk disk;
    private readonly ChunkStoreOptions options;
    private readonly TimeProvider time;
    private readonly Action<IOException> failed;
    private readonly List<JournalFile> files;
    private readonly JournalLive live = new();
    private readonly IDiskWorker writer;
    private readonly IDiskWorker retirer;
    private JournalBatch filling;
    private JournalBatch spare;
    private JournalFile? current;
    private long nextSequence;
    private TaskCompletionSource? room;
    private int holders;
    private bool isClosing;
    private GofsException? stopped;

    /// <summary>Starts it on files in which nothing is needed.</summary>
    /// <param name="disk">Where it is.</param>
    /// <param name="files">Its files, all free.</param>
    /// <param name="nextSequence">Above every sequence these files ever had.</param>
    /// <param name="options">Sizes and seams.</param>
    /// <param name="time">The clock of its timeouts.</param>
    /// <param name="failed">Told when the disk fails it: it can't be trusted any more.</param>
    public DiskJournal(IChunkDisk disk, List<JournalFile> files, long nextSequence, ChunkStoreOptions options, TimeProvider time, Action<IOException> failed)
    {
        (this.disk, this.files, this.nextSequence, this.options, this.time, this.failed) = (disk, files, nextSequence, options, time, failed);
        capacity = (int)Math.Min(MostBatchBytes, options.JournalFileBytes);
        (filling, spare) = (new(capacity, options.Threads.Completion), new(capacity, options.Threads.Completion));
        MostDataBytes = MostDataOf(options.JournalFirstBytes);
        writer = options.Threads.Start("gofs journal", WriteStep);
        retirer = options.Threads.Start("gofs journal retire", RetireStep);
    }

    /// <summary>The most data one record can have.</summary>
    public int MostDataBytes { get; }

    /// <summary>Whether it has files to write to; one of a disk that was full when it was opened has none.</summary>
    public bool IsUsable
    {
        get
        {
            lock (gate) return files.Count >= 2 && stopped is null;
        }
    }

    /// <summary>Syncs so far, for measuring.</summary>
    public long Syncs { get; private set; }

    /// <summary>Files retired so far, for measuring.</summary>
    public long Retired { get; private set; }

    /// <summary>The most data a record can have in files that begin with this size.</summary>
    public static int MostDataOf(long fileBytes)
    {
        const int others = (2 * JournalFile.Alignment) + (JournalRecord.MostSlots * JournalRecord.SlotBytes);
        var checksumBlocks = (fileBytes - others) / ChunkHead.ChecksumBlockBytes;
        return (int)Math.Min(JournalRecord.MostDataBytes, checksumBlocks * ChunkHead.ChecksumBlockBytes);
    }

    /// <summary>Whether redoing the journal would touch the chunk.</summary>
    public bool IsLive(ChunkHandle handle)
    {
        lock (gate) return live.Contains(handle);
    }

    /// <summary>Appends a record; its bytes are copied. It is durable when <see cref="JournalTicket.DurableInTime"/> ends.</summary>
    /// <param name="record">Whatever its sequence, it gets the next.</param>
    /// <param name="slots">The checksum blocks it touches, as they are afterwards.</param>
    /// <param name="data">Its data.</param>
    /// <param name="appliesLater">Whether the chunk's file is changed only when it is durable; <see cref="Applied"/> then says it was.</param>
    /// <exception cref="GofsException"><see cref="GofsError.NoSpace"/>, <see cref="GofsError.DiskFailed"/>, <see cref="GofsError.Timeout"/>: nothing
    /// was appended.</exception>
    public async ValueTask<JournalTicket> AppendAsync(JournalRecord record, ReadOnlyMemory<SlotValue> slots, ReadOnlyMemory<byte> data, bool appliesLater)
    {
        while (true)
        {
            if (TryAppend(record, slots.Span, data.Span, appliesLater, out var ticket) is not { } wait) return ticket;
            await WaitAsync(wait);
        }
    }

    /// <summary>Logs a deletion, when the journal has anything of the chunk. It need not be durable: without it the chunk comes back whole.</summary>
    public async ValueTask DeleteAsync(ChunkHandle handle)
    {
        if (IsLive(handle)) await AppendAsync(Bare(JournalKind.Delete, handle), default, default, appliesLater: false);
    }

    /// <summary>Logs that all of a chunk was synced in its own file; ends when that is durable. Nothing when the journal has nothing of it.</summary>
    public async ValueTask BarrierAsync(ChunkHandle handle)
    {
        if (!IsLive(handle)) return;
        var ticket = await AppendAsync(Bare(JournalKind.Barrier, handle), default, default, appliesLater: false);
        await ticket.DurableInTime;
        lock (gate) live.Forget(handle, ticket.Sequence);
    }

    /// <summary>
    /// Records wait for others from now on: whoever appends several without waiting for anything meanwhile holds it until he has. To be let go on the same
    /// thread, so that nobody can wait for room that only the held writer would make.
    /// </summary>
    public void Hold()
    {
        lock (gate) holders++;
    }

    /// <summary>The end of a <see cref="Hold"/>: what waits is written, whoever else holds it.</summary>
    public void LetGo()
    {
        lock (gate)
        {
            holders--;
            if (filling.Length == 0) return;
        }

        writer.Wake();
    }

    /// <summary>What a record says was written to its chunk's file.</summary>
    public void Applied(JournalFile file)
    {
        lock (gate)
        {
            if (--file.Pending > 0 || file.State != JournalFileState.Full) return;
        }

        retirer.Wake();
    }

    /// <summary>Takes it out of use: the disk failed.</summary>
    public void Stop(GofsException why)
    {
        lock (gate)
        {
            stopped ??= why;
            var (done, inTime) = (filling.Done, filling.DoneInTime);
            filling.Reset();
            done.TrySetException(why);
            inTime.TrySetException(why);
            SignalRoom();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        writer.Dispose();
        retirer.Dispose();
        RetireAll();
        Stop(new(GofsError.Unavailable, "the chunk store is closing", disk.Folder));
        foreach (var file in files) file.Dispose();
    }

    private static JournalRecord Bare(JournalKind kind, ChunkHandle handle) => new(kind, false, 0, handle, default, 1, 0, 0, 0);

    // Answers null when it was appended, else what to wait for before the next attempt.
    private Task? TryAppend(JournalRecord record, ReadOnlySpan<SlotValue> slots, ReadOnlySpan<byte> data, bool appliesLater, out JournalTicket ticket)
    {
        ticket = default;
        lock (gate)
        {
            if (stopped is not null) throw new GofsException(stopped.Error, stopped.Detail, disk.Folder, stopped);
            if (!TryMakeRoom(JournalRecord.BytesOf(slots.Length, data.Length)))
                return (room ??= new(options.Threads.Completion)).Task;
            record = record with { Sequence = nextSequence++ };
            if (filling.Length == 0) SetDeadline(filling);
            filling.Add(record, slots, data);
            live.Set(record.Handle, record.Sequence);
            if (appliesLater) filling.File!.Pending++;
            ticket = new(record.Sequence, filling.DoneInTime.Task, filling.Done.Task, filling.File!);
            if (holders > 0) return null;
        }

        writer.Wake();
        return null;
    }

    // A batch is of one file. Where the record does not fit the batch is written first; where it does not fit the file the next one is begun.
    private bool TryMakeRoom(int bytes)
    {
        if (filling.Length + bytes > capacity) return false;
        current ??= NextFile();
        if (current is null) return false;
        if (current.Position + JournalFile.Align(filling.Length + bytes) > current.Size)
        {
            if (filling.Length > 0) return false;
            if (NextFile() is not { } next) return false;
            current.State = JournalFileState.Full;
            current = next;
            retirer.Wake();
        }

        if (filling.Length > 0) return true;
        if (current.State == JournalFileState.Free)
        {
            (current.State, current.First, current.Position) = (JournalFileState.Current, nextSequence, JournalFile.Alignment);
            filling.BeginsFile = true;
        }

        filling.File = current;
        return true;
    }

    private JournalFile? NextFile()
    {
        retirer.Wake();
        if (files.Count < 2) throw new GofsException(GofsError.NoSpace, "the disk has no room for its journal", disk.Folder);
        return files.Find(file => file.State == JournalFileState.Free);
    }

    private void SetDeadline(JournalBatch batch)
    {
        var inTime = batch.DoneInTime;
        var late = new GofsException(GofsError.Timeout, $"the disk has not flushed within {options.FlushTimeout.TotalSeconds:0} s", disk.Folder);
        batch.Deadline = time.CreateTimer(_ => inTime.TrySetException(late), null, options.FlushTimeout, Timeout.InfiniteTimeSpan);
    }

    private bool WriteStep()
    {
        JournalBatch batch;
        lock (gate)
        {
            if (filling.Length == 0 || stopped is not null) return false;
            (batch, filling) = (filling, spare);
            batch.Close();
            batch.At = batch.File!.Position;
            batch.File.Position += batch.Length;
            batch.File.Pending++;
            SignalRoom();
        }

        try
        {
            if (batch.BeginsFile) batch.File.WriteHead(batch.File.First);
            batch.File.Write(batch.Written, batch.At);
            batch.File.Sync();
        }
        catch (IOException broken)
        {
            Fail(batch, broken);
            return false;
        }

        Syncs++;
        var (done, inTime, of) = (batch.Done, batch.DoneInTime, batch.File);
        lock (gate)
        {
            batch.Reset();
            spare = batch;
        }

        done.TrySetResult();
        inTime.TrySetResult();
        Applied(of);
        return true;
    }

    // A full disk may refuse even bytes that were written before (copy-on-write file systems): then nothing more is logged, and reads go on.
    private void Fail(JournalBatch batch, IOException broken)
    {
        var isFull = LibC.IsNoSpace(broken);
        var why = new GofsException(isFull ? GofsError.NoSpace : GofsError.DiskFailed, $"the journal can't be written: {broken.Message}", disk.Folder, broken);
        Stop(why);
        if (!isFull) failed(broken);
        batch.Done.TrySetException(why);
        batch.DoneInTime.TrySetException(why);
    }

    private void SignalRoom()
    {
        room?.TrySetResult();
        room = null;
    }

    private async Task WaitAsync(Task wait)
    {
        try
        {
            await wait.WaitAsync(options.FlushTimeout, time);
        }
        catch (TimeoutException late)
        {
            throw new GofsException(GofsError.Timeout, $"the journal has no room within {options.FlushTimeout.TotalSeconds:0} s", disk.Folder, late);
        }
    }
}

/// <summary>A record appended.</summary>
/// <param name="Sequence">Its number.</param>
/// <param name="DurableInTime">Ends when it is on stable storage, or with <see cref="GofsError.Timeout"/>, when it may still become so.</param>
/// <param name="Durable">Ends when it is on stable storage, or when it never will be.</param>
/// <param name="File">Where it is.</param>
internal readonly record struct JournalTicket(long Sequence, Task DurableInTime, Task Durable, JournalFile File);
