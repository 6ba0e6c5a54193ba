namespace Gofs.Grains.EditLogs;

/// <summary>Sees one record; the payload is the store's own memory and ends with the call.</summary>
internal delegate void RecordVisitor(long number, uint crc, ReadOnlySpan<byte> payload);

/// <summary>
/// Where streams are kept. One class per database (its dialect); everything else about EditLogs is the same over all of them.
/// Reading is for many threads at once and blocks: never on a grain's turn. All throw <see cref="GofsException"/> with
/// <see cref="GofsError.Unavailable"/> when the database fails and <see cref="GofsError.EditLogCorrupt"/> when it is damaged.
/// </summary>
internal interface IEditLogStore : IDisposable
{
    /// <summary>Whether other processes use it too, so that an owner has to make sure of its epoch before it answers.</summary>
    bool IsShared { get; }

    /// <summary>Opens the connection that writes: one per process, used by one thread.</summary>
    IEditLogCommitter OpenCommitter();

    /// <summary>A stream's row, or null.</summary>
    StreamHead? Find(StreamId stream);

    /// <summary>
    /// Shows, in order, the next records with numbers above <paramref name="after"/>: some, at most <paramref name="limit"/>; answers how many. None: there
    /// are none.
    /// </summary>
    int ReadRecords(StreamId stream, long after, int limit, RecordVisitor visit);

    /// <summary>One part of a Snapshot and its CRC, or null.</summary>
    (byte[] Payload, uint Crc)? ReadPart(StreamId stream, long number, int part);
}

/// <summary>
/// The writing side of a store. Each method is one transaction, durable when it returns. When one throws, whether it took
/// effect is unknown.
/// </summary>
internal interface IEditLogCommitter : IDisposable
{
    /// <summary>
    /// Commits all in one transaction: each stream's claim, then its records, then its deletion. Without any of these it checks (epoch,
    /// number) alone, where the store is shared. A stream whose check fails is
    /// marked <see cref="StreamCommit.Refused"/> and leaves nothing; the others commit. A stream that comes twice comes in that order.
    /// </summary>
    void Commit(IReadOnlyList<StreamCommit> commits);

    /// <summary>Writes a part of a Snapshot that nothing points to yet; false, and nothing is written, when the stream has another epoch.</summary>
    bool WritePart(StreamId stream, long epoch, long number, int part, uint crc, ReadOnlySpan<byte> payload);

    /// <summary>
    /// Points a stream to a new Snapshot, if it still has the epoch and the previous Snapshot, and the parts there are those of whoever asks: so
    /// many, whose CRCs have this sum. Master and standbys may all be making one.
    /// </summary>
    bool MoveSnapshot(StreamId stream, long epoch, long previous, long number, int parts, long crcSum, long atMilliseconds);

    /// <summary>
    /// Removes at most <paramref name="limit"/> parts that do not belong to the Snapshot the stream points to; answers how many. None when the
    /// stream has another epoch: its owner may be writing them.
    /// </summary>
    int DeleteLooseParts(StreamId stream, long epoch, int limit);

    /// <summary>Removes at most <paramref name="limit"/> of the oldest records numbered up to <paramref name="upTo"/>; answers how many.</summary>
    int TrimRecords(StreamId stream, long upTo, int limit);

    /// <summary>
    /// Fences and marks at most <paramref name="limit"/> streams from <paramref name="first"/> to <paramref name="last"/> as deleted; answers how many.
    /// </summary>
    int MarkDeleted(StreamId first, StreamId last, int limit);

    /// <summary>Removes at most about <paramref name="limit"/> rows of streams marked deleted; answers how many (0: none is left).</summary>
    int PurgeDeleted(int limit);

    /// <summary>Called when nothing is pending: time for what would hold up a commit. True when there is more of it.</summary>
    bool Idle();
}
