using System.Runtime.CompilerServices;
using Gofs.Internal;
using Gofs.Transport;

namespace Gofs;

/// <summary>
/// Reads the records of a file in the order in which they stand, each once: copies of a record that was appended again (its appender did not hear
/// that it was there), padding at the end of a chunk, what a crash left of an append that was never acknowledged, and long records that were never appended
/// to their end are passed over. A long record stands where its last part stands. Not thread-safe.
/// <para>
/// At the end it answers nothing; asked again later it goes on with what was appended since. Copies are told apart as long as at most 65,536 other
/// appenders have records between them; a long record is found as long as at most 65,536 others, or 262,144 parts of them, stand unfinished between
/// its parts.
/// </para>
/// <para>
/// Nothing that was acknowledged is missed, also when replicas are made equal behind a reader: what it has read past their common length is no more then,
/// and others' records stand in its place. The chunk has another version after that, and the reader goes back to the last record that it knows
/// every replica had. What it has given out it does not give out again.
/// </para>
/// </summary>
public sealed class GofsRecordReader : IDisposable
{
    private readonly GofsPath path;
    private readonly RecordScan scan;
    private readonly SeenRecords seen = new();
    private readonly RecordJoiner joiner = new();
    private byte[] joined = [];

    /// <summary>The last part of a record that is whole and was not given out yet.</summary>
    private RecordPart? complete;
    private bool disposed;

    internal GofsRecordReader(GofsPath path, ReadPlanner planner) => (this.path, scan) = (path, new(planner, joiner.ForgetFrom));

    /// <summary>The next record, or null when there is none now.</summary>
    /// <exception cref="GofsException">As <see cref="GofsFile.ReadAtAsync"/>; <see cref="GofsError.Corrupt"/>: the file has bytes, and no records.</exception>
    public async ValueTask<GofsRecord?> ReadAsync(CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        do
        {
            // One whose parts could not be read comes first.
            if (await TakeCompleteAsync(cancellation) is { } record) return record;
            if (await scan.NextAsync(cancellation) is not { } found) break;
            if (found.Head.Part is { } part) Join(part, found.OffsetBytes);
            else if (found.Head.Whole is { } whole && seen.Add(whole.Appender, whole.Sequence))
                return new GofsRecord(found.OffsetBytes, whole.Appender, whole.Sequence, found.Data);
        }
        while (true);

        return !scan.HasOther
            ? null
            : throw new GofsException(GofsError.Corrupt, "there are no records in the file: what it has was written otherwise", path.ToString());
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
        scan.Dispose();
        if (joined.Length > 0) LargeBuffers.Shared.Return(joined);
    }

    // Whether it was given out is asked when it begins: of an appender that goes on meanwhile its number may be long past when it is whole.
    private void Join(in RecordPart part, long at)
    {
        if (part.Total > scan.MostRecordBytes) return;
        if (!joiner.IsOpen(part.Appender, part.Sequence) && seen.Has(part.Appender, part.Sequence)) return;
        if (joiner.Add(part, at + RecordPart.HeadBytes)) complete = part;
    }

    private async ValueTask<GofsRecord?> TakeCompleteAsync(CancellationToken cancellation)
    {
        while (complete is { } part)
        {
            if (joiner.PlacesOf(part.Appender, part.Sequence) is not { } places)
            {
                // The scan has gone back behind its last part, and comes by it again.
                complete = null;
                return null;
            }

            if (await TryReadPartsAsync(places, part.Total, cancellation) is not { } data) continue;
            var at = places[0].OffsetBytes - RecordPart.HeadBytes;
            joiner.Remove(part.Appender, part.Sequence);
            complete = null;
            seen.Add(part.Appender, part.Sequence);
            return new GofsRecord(at, part.Appender, part.Sequence, data);
        }

        return null;
    }

    // Null: what was read of it is no more, because replicas were made equal; the scan has gone back to where it knows what stands.
    private async ValueTask<ReadOnlyMemory<byte>?> TryReadPartsAsync(IReadOnlyList<PartPlace> places, int total, CancellationToken cancellation)
    {
        if (joined.Length < total)
        {
            if (joined.Length > 0) LargeBuffers.Shared.Return(joined);
            joined = [];
            joined = LargeBuffers.Shared.Rent(total);
        }

        var to = 0;
        foreach (var place in places)
        {
            var bytes = joined.AsMemory(to, place.Length);
            to += place.Length;
            if (await scan.TryReadAgainAsync(place.OffsetBytes, bytes, cancellation) is not { } read) return null;
            if (read != place.Length || Crc32C.Compute(bytes.Span) != place.Crc)
                throw new GofsException(
                    GofsError.Corrupt, $"the part of a record at {place.OffsetBytes} is not what it was: the file was changed meanwhile", path.ToString());
        }

        return joined.AsMemory(0, total);
    }
}
