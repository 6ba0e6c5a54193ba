using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Concurrent;
using Orleans.Serialization;

namespace Gofs.Grains.EditLogs;

/// <summary>
/// Records of one stream that wait for the writer, back to back in one pooled buffer: for each length (4), CRC (4) and payload, so that any run of them
/// can be stored as it lies there. Owned by the stream that fills it, then by the writer's batch, which returns it.
/// </summary>
internal sealed class RecordBatch : IBufferWriter<byte>
{
    /// <summary>A record's payload is at most this long.</summary>
    public const int MaxRecordBytes = 16 << 20;

    /// <summary>What comes before each payload: its length and its CRC, 4 bytes each, little-endian.</summary>
    public const int PrefixBytes = 8;

    private const int KeptBytes = 64 << 10;
    private const int MaxPooled = 1024;
    private static readonly ConcurrentQueue<RecordBatch> Pool = new();

    private readonly List<(int Offset, int Length, uint Crc)> records = [];
    private byte[] buffer = [];
    private int used;

    private RecordBatch()
    {
    }

    /// <summary>How many records.</summary>
    public int Count => records.Count;

    /// <summary>Their length, with what comes before each.</summary>
    public int Bytes => used;

    /// <summary>Takes an empty one.</summary>
    public static RecordBatch Rent() => Pool.TryDequeue(out var batch) ? batch : new();

    /// <summary>Gives it back. It must not be used again.</summary>
    public void Return()
    {
        records.Clear();
        used = 0;
        if (buffer.Length > KeptBytes)
        {
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = [];
        }

        if (Pool.Count < MaxPooled)
            Pool.Enqueue(this);
        else if (buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer);
    }

    /// <summary>Adds a record; when it throws nothing was added.</summary>
    public void Add<TEvent>(Serializer<TEvent> serializer, TEvent happened, StreamId stream, long number)
    {
        var start = used;
        try
        {
            Open();
            serializer.Serialize(happened, this);
            Close(start, stream, number);
        }
        catch
        {
            used = start;
            throw;
        }
    }

    /// <summary>Adds a record of these bytes; when it throws nothing was added.</summary>
    public void Add(ReadOnlySpan<byte> payload, StreamId stream, long number)
    {
        var start = used;
        Open();
        this.Write(payload);
        Close(start, stream, number);
    }

    /// <summary>Forgets the records from <paramref name="count"/> on.</summary>
    public void CutTo(int count)
    {
        if (count == records.Count) return;
        used = records[count].Offset - PrefixBytes;
        records.RemoveRange(count, records.Count - count);
    }

    /// <summary>A record's payload and CRC.</summary>
    public ReadOnlyMemory<byte> Read(int index, out uint crc)
    {
        (var offset, var length, crc) = records[index];
        return buffer.AsMemory(offset, length);
    }

    /// <summary>Several records, each with what comes before it, as they lie there.</summary>
    public ReadOnlyMemory<byte> ReadRun(int first, int count)
    {
        var (start, (offset, length, _)) = (records[first].Offset - PrefixBytes, records[first + count - 1]);
        return buffer.AsMemory(start, offset + length - start);
    }

    /// <inheritdoc/>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, buffer.Length - used);
        used += count;
    }

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        MakeRoom(sizeHint);
        return buffer.AsMemory(used);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        MakeRoom(sizeHint);
        return buffer.AsSpan(used);
    }

    private void Open()
    {
        MakeRoom(PrefixBytes);
        used += PrefixBytes;
    }

    private void Close(int start, StreamId stream, long number)
    {
        var offset = start + PrefixBytes;
        var length = used - offset;
        if (length > MaxRecordBytes)
        {
            used = start;
            throw new GofsException(GofsError.InvalidArgument, $"a record of {length} bytes; at most {MaxRecordBytes} fit", stream.ToString());
        }

        var crc = EditLogCrc.OfRecord(stream, number, buffer.AsSpan(offset, length));
        BinaryPrimitives.WriteInt32LittleEndian(buffer.AsSpan(start), length);
        BinaryPrimitives.WriteUInt32LittleEndian(buffer.AsSpan(start + 4), crc);
        records.Add((offset, length, crc));
    }

    private void MakeRoom(int sizeHint)
    {
        sizeHint = Math.Max(sizeHint, 128);
        if (buffer.Length - used >= sizeHint) return;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(used + sizeHint, buffer.Length * 2));
        buffer.AsSpan(0, used).CopyTo(larger);
        if (buffer.Length > 0) ArrayPool<byte>.Shared.Return(buffer);
        buffer = larger;
    }
}
