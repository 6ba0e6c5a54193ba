using Gofs.Transport;

namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>Records that become durable by one write and one sync. Its buffer is used again and again. Under the journal's gate.</summary>
internal sealed class JournalBatch(int capacity, TaskCreationOptions completion)
{
    private readonly byte[] bytes = GC.AllocateUninitializedArray<byte>(capacity + JournalFile.Alignment);
    private int lastRecord;

    /// <summary>Bytes so far.</summary>
    public int Length { get; private set; }

    /// <summary>What is to be written.</summary>
    public ReadOnlySpan<byte> Written => bytes.AsSpan(0, Length);

    /// <summary>Where to.</summary>
    public JournalFile? File { get; set; }

    /// <summary>Where in it.</summary>
    public long At { get; set; }

    /// <summary>Whether the file's head is to be written too.</summary>
    public bool BeginsFile { get; set; }

    /// <summary>Ends when all of it is durable, or when it never will be.</summary>
    public TaskCompletionSource Done { get; private set; } = new(completion);

    /// <summary>The same, but not later than the timeout that all who wait share.</summary>
    public TaskCompletionSource DoneInTime { get; private set; } = new(completion);

    /// <summary>What ends <see cref="DoneInTime"/> when it is late.</summary>
    public ITimer? Deadline { get; set; }

    /// <summary>Adds a record.</summary>
    public void Add(JournalRecord record, ReadOnlySpan<SlotValue> slots, ReadOnlySpan<byte> data)
    {
        var span = JournalRecord.BytesOf(slots.Length, data.Length);
        var into = bytes.AsSpan(Length, span);
        into[(span - Math.Min(8, span))..].Clear();
        var head = record.Format(into, slots, span);
        data.CopyTo(into[head..]);
        lastRecord = Length;
        Length += span;
    }

    /// <summary>Pads it to the alignment, so that the next begins in a sector of its own.</summary>
    public void Close()
    {
        var end = (int)JournalFile.Align(Length);
        bytes.AsSpan(Length, end - Length).Clear();
        JournalRecord.SetSpan(bytes.AsSpan(lastRecord, Length - lastRecord), end - lastRecord);
        Length = end;
    }

    /// <summary>Makes it empty, for another use.</summary>
    public void Reset()
    {
        Deadline?.Dispose();
        (Length, lastRecord, File, At, BeginsFile, Deadline) = (0, 0, null, 0, false, null);
        (Done, DoneInTime) = (new(completion), new(completion));
    }
}
