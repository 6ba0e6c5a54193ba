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

    /// <summary>The most bytes of a record: a quarter of a chunk less 32, at most 1,048,544.</summary>
    public int MaxRecordBytes => pipeline.MostBytes - RecordFrame.HeadBytes;

    /// <summary>
    /// Appends a record; answers the place in the file where it stands. When this fails, or is cancelled, the record may be there or not. The memory is the
    /// caller's again when it has ended.
    /// </summary>
    /// <exception cref="GofsException">
    /// <see cref="GofsError.InvalidArgument"/>: the record is too long. <see cref="GofsError.LeaseHeld"/>: this client was not heard of for a lease time, and
    /// somebody writes the file now. <see cref="GofsError.Timeout"/>, <see cref="GofsError.NoSpace"/>, <see cref="GofsError.DiskFailed"/>: not now.
    /// </exception>
    public async Task<long> AppendAsync(ReadOnlyMemory<byte> record, CancellationToken cancellation = default)
    {
        if (record.Length > MaxRecordBytes)
            throw new GofsException(GofsError.InvalidArgument, $"a record has at most {MaxRecordBytes} bytes, not {record.Length}", path.ToString());
        var buffer = TransferBuffer.Rent(context.Buffers, RecordFrame.HeadBytes + record.Length);
        var number = (ulong)Interlocked.Increment(ref sequence);
        new RecordFrame(record.Length, appender, number, Crc32C.Compute(record.Span)).Format(buffer.Memory.Span);
        record.CopyTo(buffer.Memory[RecordFrame.HeadBytes..]);
        buffer.Length = buffer.Capacity;
        return await pipeline.AppendAsync(buffer, cancellation);
    }

    /// <summary>Ends appending; with the last appender the file's length is settled. What was appended is acknowledged already.</summary>
    public ValueTask DisposeAsync() => pipeline.DisposeAsync();
}
