using Gofs.Chunks;
using Gofs.Transport;

namespace Gofs.Internal;

/// <summary>What stands at a place: a whole record or a part of one, whose bytes match.</summary>
/// <param name="OffsetBytes">Where in the file its head begins.</param>
/// <param name="Head">The head.</param>
/// <param name="Data">The bytes, until the scan goes on.</param>
internal readonly record struct FoundRecord(long OffsetBytes, RecordHead Head, ReadOnlyMemory<byte> Data);

/// <summary>
/// Goes through a file that records are appended to, head by head, and passes over what is none. What it reads past the length that is settled may be cut
/// off behind it: it remembers under which version of the chunk it read, and the end of the last record that was settled (<see cref="safe"/>). When
/// the chunk is found under another version the scan goes back there, and says from where on what it has found is to be forgotten. A chunk that it
/// leaves with something in it that was not settled is looked at once more. What is no record and is not settled may become one yet, and is waited for.
/// Not thread-safe.
/// </summary>
internal sealed class RecordScan(ReadPlanner planner, Action<long> forgetFrom) : IDisposable
{
    private const int BufferBytes = 2 << 20;

    private readonly byte[] buffer = LargeBuffers.Shared.Rent(BufferBytes);
    private long position;
    private long bufferStart;
    private int buffered;

    /// <summary>The chunk that is being read, and the version of it: none before the first byte.</summary>
    private (long Start, ChunkVersion Version)? under;
    private long safe;

    /// <summary>Where the record that was found last begins and ends.</summary>
    private (long Start, long End) last = (-1, -1);
    private bool hasHead;
    private bool hasOther;

    /// <summary>Up to where what is in the buffer was settled before it was read.</summary>
    private long clean;

    /// <summary>
    /// Whether there was something that nobody who appends records leaves behind. Where a head stands, somebody has appended: what its bytes are not, a crash
    /// has torn. Of a head that is torn itself there are fewer bytes, and behind it zeros or the next.
    /// </summary>
    public bool HasOther => hasOther && !hasHead;

    /// <summary>No record has more bytes: a quarter of a chunk.</summary>
    public long MostRecordBytes => planner.ChunkSizeBytes / 4;

    /// <summary>The next there is; null: none now.</summary>
    public async ValueTask<FoundRecord?> NextAsync(CancellationToken cancellation)
    {
        while (true)
        {
            if (await PeekAsync(RecordHead.MostBytes, cancellation) is not { } start) continue;
            if (start.IsEmpty) return Nothing();
            if (!RecordHead.TryParse(start.Span, out var head))
            {
                if (await TryStepBackAsync(cancellation) || await TrySkipAsync(cancellation)) continue;
                return Nothing();
            }

            hasHead = true;
            if (await PeekAsync(head.Bytes + head.Length, cancellation) is not { } whole) continue;
            var bytes = whole[Math.Min(head.Bytes, whole.Length)..];
            if (!head.Matches(bytes.Span))
            {
                // A crash left it, or not every replica has it yet: whether it is settled tells. An append is there whole or never will be.
                if (await TrySkipAsync(cancellation)) continue;
                return Nothing();
            }

            var at = position;
            MoveTo(position + whole.Length);
            last = (at, position);
            return new(at, head, bytes);
        }
    }

    /// <summary>Reads a place again; answers how much is there. Null: what stands there is another thing now, and the scan has gone back.</summary>
    public async ValueTask<int?> TryReadAgainAsync(long offset, Memory<byte> destination, CancellationToken cancellation)
    {
        var read = await planner.ReadAtAsync(offset, destination, cancellation);
        if (TryGoBack()) return null;
        if (read == destination.Length || offset < safe) return read;
        // It reaches past what all replicas have that answer now.
        GoBack();
        return null;
    }

    /// <inheritdoc/>
    public void Dispose() => LargeBuffers.Shared.Return(buffer);

    private long ChunkStart => position / planner.ChunkSizeBytes * planner.ChunkSizeBytes;

    private long ChunkEnd => ChunkStart + planner.ChunkSizeBytes;

    // What is behind the last record may become another one yet: it is read anew the next time.
    private FoundRecord? Nothing()
    {
        (bufferStart, buffered) = (position, 0);
        return null;
    }

    private void MoveTo(long next)
    {
        position = next;
        NoteSafe();
    }

    // Both were said together: that length was settled under this version or an earlier one.
    private void NoteSafe()
    {
        if (position <= planner.SettledBytes && under is { } chunk && planner.VersionAt(chunk.Start) == chunk.Version) safe = position;
    }

    // Up to so many bytes from where it stands, fewer at the end of the chunk or file. Null: the scan has gone back.
    private async ValueTask<ReadOnlyMemory<byte>?> PeekAsync(int bytes, CancellationToken cancellation)
    {
        if (planner.ChunkSizeBytes == 0) await planner.RefreshAsync(0, cancellation);
        var entered = await EnterAsync(cancellation);
        if (entered != Entered.Yes) return entered == Entered.NotYet ? ReadOnlyMemory<byte>.Empty : null;
        var at = (int)(position - bufferStart);
        if (position < bufferStart || at > buffered) (bufferStart, buffered, at) = (position, 0, 0);
        bytes = (int)Math.Min(bytes, ChunkEnd - position);
        if (buffered - at < bytes)
        {
            buffer.AsSpan(at, buffered - at).CopyTo(buffer);
            (bufferStart, buffered, at) = (position, buffered - at, 0);
            clean = buffered == 0 ? planner.SettledBytes : Math.Min(clean, planner.SettledBytes);
            var room = (int)Math.Min(buffer.Length - buffered, ChunkEnd - position - buffered);
            buffered += await planner.ReadAtAsync(position + buffered, buffer.AsMemory(buffered, room), cancellation);
            if (TryGoBack()) return null;
            NoteSafe();
        }

        return buffer.AsMemory(at, Math.Min(bytes, buffered - at));
    }

    // Into the chunk it stands in, whose version is to be known before the first byte.
    private async ValueTask<Entered> EnterAsync(CancellationToken cancellation)
    {
        if (under is { } before && before.Start != ChunkStart)
        {
            if (safe < position)
            {
                // The next chunk is begun when this one is at its end for good: what is said then stays so.
                await planner.RefreshAsync(before.Start, cancellation);
                if (TryGoBack()) return Entered.WentBack;
                if (planner.LengthBytes <= position) return Entered.NotYet;
                safe = position;
            }

            under = null;
        }

        if (under is { Version.Value: > 0 }) return Entered.Yes;
        if (planner.VersionAt(position) == default) await planner.RefreshAsync(position, cancellation);
        under = (ChunkStart, planner.VersionAt(position));
        // Without a version it is not there yet, or a hole.
        return planner.LengthBytes > position || under is { Version.Value: > 0 } ? Entered.Yes : Entered.NotYet;
    }

    // When the chunk has another version than what was read of it was read under.
    private bool TryGoBack()
    {
        if (under is not { } chunk || planner.VersionAt(chunk.Start) is not { Value: > 0 } version || version == chunk.Version) return false;
        under = (chunk.Start, version);
        if (chunk.Version == default || (position == safe && buffered == 0)) return false;
        GoBack();
        return true;
    }

    private void GoBack()
    {
        (position, bufferStart, buffered) = (safe, safe, 0);
        forgetFrom(safe);
    }

    // A record that a crash has torn is found whole all the same when the next one begins with just the bytes it lacks: then the next stands within it.
    private async ValueTask<bool> TryStepBackAsync(CancellationToken cancellation)
    {
        var (end, known) = (position, safe);
        if (end != last.End || end == ChunkStart) return false;
        position = Math.Max(last.Start + 1, end - RecordHead.MostBytes + 1);
        var before = (int)(end - position);
        if (await PeekAsync(before + RecordHead.MostBytes, cancellation) is not { } bytes) return true;
        (position, safe) = (end, known);
        for (var at = 0; at < before; at++)
        {
            if (!RecordHead.TryParse(bytes.Span[at..], out var head) || at + head.Bytes <= before) continue;
            position = end - before + at;
            safe = Math.Min(safe, position);
            last = (-1, -1);
            return true;
        }

        return false;
    }

    // To the next place that may be a record's. False: there is none now.
    private async ValueTask<bool> TrySkipAsync(CancellationToken cancellation)
    {
        if (await PeekAsync(BufferBytes / 2, cancellation) is not { } rest) return true;
        var next = rest.Length > 1 ? RecordHead.Find(rest.Span[1..]) : -1;
        if (next >= 0) return await TryPassAsync(position + 1 + next, cancellation);
        hasOther |= rest.Span.TrimEnd((byte)0).Length >= RecordHead.MostBytes && position + rest.Length <= clean;
        if (position + rest.Length == ChunkEnd) return await TryPassAsync(ChunkEnd, cancellation);
        // The last bytes may be the beginning of one; and at the end of what there is, all of them.
        return rest.Length == BufferBytes / 2 && await TryPassAsync(position + rest.Length - RecordHead.MarkBytes + 1, cancellation);
    }

    // What a replica does not have yet reads as zeros: only what all of them had when it was read is no record for good.
    private async ValueTask<bool> TryPassAsync(long next, CancellationToken cancellation)
    {
        if (next <= clean)
        {
            MoveTo(next);
            return true;
        }

        (bufferStart, buffered) = (position, 0);
        if (next > planner.SettledBytes) await planner.RefreshAsync(position, cancellation);
        return TryGoBack() || next <= planner.SettledBytes;
    }

    private enum Entered
    {
        Yes,
        NotYet,
        WentBack,
    }
}
