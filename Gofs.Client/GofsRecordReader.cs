using System.Runtime.CompilerServices;
using Gofs.Internal;
using Gofs.Transport;

namespace Gofs;

/// <summary>
/// Reads the records of a file in the order in which they stand, each once: copies of a record that was appended again (its appender did not hear
/// that it was there), padding at the end of a chunk and what a crash left of an append that was never acknowledged are passed over. Not thread-safe.
/// <para>
/// At the end it answers nothing; asked again later it goes on with what was appended since. Copies are told apart as long as at most 65,536 other
/// appenders have records between them.
/// </para>
/// </summary>
public sealed class GofsRecordReader : IDisposable
{
    private const int BufferBytes = 2 << 20;

    private readonly GofsPath path;
    private readonly ReadPlanner planner;
    private readonly SeenRecords seen = new();
    private readonly byte[] buffer = LargeBuffers.Shared.Rent(BufferBytes);
    private long position;
    private long bufferStart;
    private int buffered;
    private bool hasRecords;
    private bool hasOther;
    private bool disposed;

    internal GofsRecordReader(GofsPath path, ReadPlanner planner) => (this.path, this.planner) = (path, planner);

    /// <summary>The next record, or null when there is none now.</summary>
    /// <exception cref="GofsException">As <see cref="GofsFile.ReadAtAsync"/>; <see cref="GofsError.Corrupt"/>: the file has bytes, and no records.</exception>
    public async ValueTask<GofsRecord?> ReadAsync(CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        while (true)
        {
            var head = await PeekAsync(RecordFrame.HeadBytes, cancellation);
            if (!RecordFrame.TryParse(head.Span, out var frame))
            {
                if (await TrySkipAsync(cancellation)) continue;
                return None();
            }

            var whole = await PeekAsync(RecordFrame.HeadBytes + frame.Length, cancellation);
            var bytes = whole[RecordFrame.HeadBytes..];
            if (!frame.Matches(bytes.Span))
            {
                // It is just being appended, or a crash left it: what follows tells.
                if (bytes.Length < frame.Length && !IsChunkOver) return Nothing();
                if (await TrySkipAsync(cancellation)) continue;
                return None();
            }

            var at = position;
            position += whole.Length;
            hasRecords = true;
            if (seen.Add(frame.Appender, frame.Sequence)) return new GofsRecord(at, frame.Appender, frame.Sequence, bytes);
        }
    }

    /// <summary>All records there are now.</summary>
    public async IAsyncEnumerable<GofsRecord> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        while (await ReadAsync(cancellation) is { } record) yield return record;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (disposed) return;
        disposed = true;
        LargeBuffers.Shared.Return(buffer);
    }

    private long ChunkEnd => ((position / planner.ChunkSizeBytes) + 1) * planner.ChunkSizeBytes;

    // Another chunk follows: nothing more comes to this one.
    private bool IsChunkOver => planner.LengthBytes >= ChunkEnd;

    // What is behind the last record may become another one yet: it is read anew the next time.
    private GofsRecord? Nothing()
    {
        (bufferStart, buffered) = (position, 0);
        return null;
    }

    private GofsRecord? None() => hasRecords || !hasOther
        ? Nothing()
        : throw new GofsException(GofsError.Corrupt, "there are no records in the file: what it has was written otherwise", path.ToString());

    // Up to so many bytes from where it stands, fewer at the end of the chunk or file.
    private async ValueTask<ReadOnlyMemory<byte>> PeekAsync(int bytes, CancellationToken cancellation)
    {
        var at = (int)(position - bufferStart);
        if (position < bufferStart || at > buffered) (bufferStart, buffered, at) = (position, 0, 0);
        if (planner.ChunkSizeBytes == 0) await planner.RefreshAsync(0, cancellation);
        bytes = (int)Math.Min(bytes, ChunkEnd - position);
        if (buffered - at < bytes)
        {
            buffer.AsSpan(at, buffered - at).CopyTo(buffer);
            (bufferStart, buffered, at) = (position, buffered - at, 0);
            var room = (int)Math.Min(buffer.Length - buffered, ChunkEnd - position - buffered);
            buffered += await planner.ReadAtAsync(position + buffered, buffer.AsMemory(buffered, room), cancellation);
        }

        return buffer.AsMemory(at, Math.Min(bytes, buffered - at));
    }

    // To the next place that may be a record's. False: there is none now.
    private async ValueTask<bool> TrySkipAsync(CancellationToken cancellation)
    {
        var end = ChunkEnd;
        var rest = await PeekAsync(BufferBytes / 2, cancellation);
        var next = rest.Length > 1 ? rest.Span[1..].IndexOf(RecordFrame.Start) : -1;
        if (next >= 0)
        {
            position += 1 + next;
            return true;
        }

        hasOther |= rest.Length >= RecordFrame.HeadBytes;
        if (position + rest.Length == end)
        {
            position = end;
            return planner.LengthBytes > end;
        }

        // The last bytes may be the beginning of one; and at the end of what there is, all of them.
        if (rest.Length < BufferBytes / 2) return false;
        position += rest.Length - RecordFrame.Start.Length + 1;
        return true;
    }
}
