namespace Gofs.Grains.EditLogs.Sqlite;

/// <summary>The statements that write Snapshots and remove what is no longer wanted, a bounded step at a time.</summary>
/// <param name="database">The writing connection; the caller opens and commits transactions where one is needed.</param>
/// <param name="drop">Removes a stream without rows, whose last epoch is given.</param>
internal sealed class SqliteSweep(SqliteDatabase database, Action<long, long> drop) : IStreamPurge
{
    private readonly SqliteStatement writePart = database.Prepare(
        "INSERT INTO snapshot_part (stream, number, part, crc, payload) SELECT ?1, ?2, ?3, ?4, ?5 FROM stream WHERE stream = ?1 AND epoch = ?6");
    private readonly SqliteStatement moveSnapshot = database.Prepare("""
        UPDATE stream SET snapshot = ?4, snapshot_parts = ?5, snapshot_at = ?6
        WHERE stream = ?1 AND epoch = ?2 AND snapshot = ?3 AND number >= ?4 AND deleted = 0
            AND (?5, ?7) = (SELECT count(*), sum(crc) FROM snapshot_part p WHERE p.stream = ?1 AND p.number = ?4)
        """);
    private readonly SqliteStatement deleteLoose = database.Prepare("""
        DELETE FROM snapshot_part WHERE stream = ?1 AND (number, part) IN (
            SELECT number, part FROM snapshot_part WHERE stream = ?1
            AND number <> (SELECT snapshot FROM stream WHERE stream = ?1 AND epoch = ?3) LIMIT ?2)
        """);
    private readonly SqliteStatement trimTo = database.Prepare("""
        UPDATE stream SET trimmed_to = min(?2, trimmed_to + ?3, snapshot) WHERE stream = ?1 AND trimmed_to < min(?2, snapshot)
        RETURNING trimmed_to
        """);
    private readonly SqliteStatement trim = database.Prepare("DELETE FROM record WHERE stream = ?1 AND number <= ?2");
    private readonly SqliteStatement markRange = database.Prepare("""
        UPDATE stream SET deleted = 1, epoch = epoch + 1 WHERE stream IN (
            SELECT stream FROM stream WHERE stream BETWEEN ?1 AND ?2 AND deleted = 0 LIMIT ?3)
        """);
    private readonly SqliteStatement findDeleted = database.Prepare("SELECT stream, epoch FROM stream WHERE deleted = 1 ORDER BY stream LIMIT 1");
    private readonly SqliteStatement purgeRecords = database.Prepare(
        "DELETE FROM record WHERE stream = ?1 AND number IN (SELECT number FROM record WHERE stream = ?1 ORDER BY number LIMIT ?2)");
    private readonly SqliteStatement purgeParts = database.Prepare(
        "DELETE FROM snapshot_part WHERE stream = ?1 AND (number, part) IN (SELECT number, part FROM snapshot_part WHERE stream = ?1 LIMIT ?2)");

    private long deletedEpoch;

    /// <summary>See <see cref="IEditLogCommitter.WritePart"/>.</summary>
    public bool WritePart(StreamId stream, long epoch, long number, int part, uint crc, ReadOnlySpan<byte> payload) =>
        writePart.Bind(1, stream.Value).Bind(2, number).Bind(3, part).Bind(4, crc).Bind(5, payload).Bind(6, epoch).Run() == 1;

    /// <summary>See <see cref="IEditLogCommitter.MoveSnapshot"/>.</summary>
    public bool MoveSnapshot(StreamId stream, long epoch, long previous, long number, int parts, long crcSum, long atMilliseconds) =>
        moveSnapshot.Bind(1, stream.Value).Bind(2, epoch).Bind(3, previous).Bind(4, number).Bind(5, parts)
            .Bind(6, atMilliseconds).Bind(7, crcSum).Run() == 1;

    /// <summary>See <see cref="IEditLogCommitter.DeleteLooseParts"/>.</summary>
    public int DeleteLooseParts(StreamId stream, long epoch, int limit) =>
        deleteLoose.Bind(1, stream.Value).Bind(2, limit).Bind(3, epoch).Run();

    /// <summary>See <see cref="IEditLogCommitter.TrimRecords"/>. The number trimmed to moves with the rows.</summary>
    public int TrimRecords(StreamId stream, long upTo, int limit)
    {
        trimTo.Bind(1, stream.Value).Bind(2, upTo).Bind(3, limit);
        if (!trimTo.Step()) return 0;
        var trimmedTo = trimTo.Int64(0);
        trimTo.Run();
        return trim.Bind(1, stream.Value).Bind(2, trimmedTo).Run();
    }

    /// <summary>See <see cref="IEditLogCommitter.MarkDeleted"/>.</summary>
    public int MarkDeleted(StreamId first, StreamId last, int limit) =>
        markRange.Bind(1, first.Value).Bind(2, last.Value).Bind(3, limit).Run();

    /// <inheritdoc/>
    public long? FindDeleted()
    {
        if (!findDeleted.Step()) return null;
        var stream = findDeleted.Int64(0);
        deletedEpoch = findDeleted.Int64(1);
        findDeleted.Reset();
        return stream;
    }

    /// <inheritdoc/>
    public int PurgeRecords(long stream, int limit) => purgeRecords.Bind(1, stream).Bind(2, limit).Run();

    /// <inheritdoc/>
    public int PurgeParts(long stream, int limit) => purgeParts.Bind(1, stream).Bind(2, limit).Run();

    /// <inheritdoc/>
    public void DropStream(long stream) => drop(stream, deletedEpoch);
}
