using System.Security.Cryptography;
using Gofs.Internal;
using Gofs.Transport;

namespace Gofs;

/// <summary>
/// Appends records to a file, beside any number of others who do (GFS §3.3, record append). Each record stands there whole, somewhere behind what was
/// acknowledged before it was appended; records of several appenders, or of one that appends several at once, stand in the order in which they arrived at
/// the chunk's primary. What was acknowledged is on every replica, and on stable storage unless the namespace's
/// <see cref="Namespaces.Durability"/> is none. A <see cref="GofsRecordReader"/> reads them. Thread-safe: append many at once, they share syncs.
/// <para>While a file is appended to nobody can open it for writing (<see cref="GofsError.LeaseHeld"/>), and the other way round.</para>
/// </summary>
public sealed class GofsAppender : IAsyncDisposable
{
    private readonly ClientContext context;
    private readonly GofsPath path;
    private readonly AppendPipeline pipeline;
    private readonly ulong appender = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));
    private long sequence;

    internal GofsAppender(ClientContext context, GofsPath path, AppendPipeline pipeline) =>
        (this.context, this.path, this.pipeline) = (context, path, pipeline);

    /// <summary>The most bytes of a record: a quarter of a chunk (16 MiB of one of 64 MiB) less 32.</summary>
    public int MaxRecordBytes => pipeline.MaxRecordBytes;

    /// <summary>
    /// Appends a record; answers the place in the file where it stands. One of more than 1,048,544 bytes is appended in parts of 1 MiB, one after the other,
    /// and stands where the first is; others' records may stand between them. When this fails, or is cancelled, the record may be there or not, and never half
    /// of it. The memory is the caller's again when it has ended.
    /// </summary>
    /// <exception cref="GofsException">
    /// <see cref="GofsError.InvalidArgument"/>: the record is too long. <see cref="GofsError.LeaseHeld"/>: this client was not heard of for a lease time, and
    /// somebody writes the file now. <see cref="GofsError.Timeout"/>, <see cref="GofsError.NoSpace"/>, <see cref="GofsError.DiskFailed"/>: not now.
    /// </exception>
    public async Task<long> AppendAsync(ReadOnlyMemory<byte> record, CancellationToken cancellation = default)
    {
        if (record.Length > MaxRecordBytes)
            throw new GofsException(GofsError.InvalidArgument, $"a record has at most {MaxRecordBytes} bytes, not {record.Length}", path.ToString());
        var number = (ulong)Interlocked.Increment(ref sequence);
        return record.Length <= pipeline.MostBytes - RecordFrame.HeadBytes
            ? await AppendWholeAsync(record, number, cancellation)
            : await AppendPartsAsync(record, number, cancellation);
    }

    /// <summary>Ends appending; with the last appender the file's length is settled. What was appended is acknowledged already.</summary>
    public ValueTask DisposeAsync() => pipeline.DisposeAsync();

    private Task<long> AppendWholeAsync(ReadOnlyMemory<byte> record, ulong number, CancellationToken cancellation)
    {
        var buffer = Rent(RecordFrame.HeadBytes, record);
        new RecordFrame(record.Length, appender, number, Crc32C.Compute(record.Span)).Format(buffer.Memory.Span);
        return pipeline.AppendAsync(buffer, cancellation);
    }

    // Each when the one before is acknowledged: so they stand in order, and a reader need not hold what it cannot give out yet.
    private async Task<long> AppendPartsAsync(ReadOnlyMemory<byte> record, ulong number, CancellationToken cancellation)
    {
        var first = 0L;
        for (var offset = 0; offset < record.Length;)
        {
            var bytes = record[offset..Math.Min(record.Length, offset + pipeline.MostBytes - RecordPart.HeadBytes)];
            var buffer = Rent(RecordPart.HeadBytes, bytes);
            new RecordPart(bytes.Length, appender, number, offset, record.Length, Crc32C.Compute(bytes.Span)).Format(buffer.Memory.Span);
            var at = await pipeline.AppendAsync(buffer, cancellation);
            if (offset == 0) first = at;
            offset += bytes.Length;
        }

        return first;
    }

    private TransferBuffer Rent(int headBytes, ReadOnlyMemory<byte> bytes)
    {
        var buffer = TransferBuffer.Rent(context.Buffers, headBytes + bytes.Length);
        bytes.CopyTo(buffer.Memory[headBytes..]);
        buffer.Length = buffer.Capacity;
        return buffer;
    }
}
