namespace Gofs.Grains.EditLogs.Sqlite;

/// <summary>The connection that writes. One thread uses it.</summary>
internal sealed class SqliteCommitter : IEditLogCommitter
{
    private readonly SqliteDatabase database;
    private readonly SqliteStatement begin, commit, rollback;
    private readonly SqliteStatement create, take, advance, insert;
    private readonly SqliteStatement mark, dropRecords, dropParts, dropStream, raiseFloor;
    private readonly SqliteSweep sweep;
    private readonly SqliteCheckpoints checkpoints;

    /// <summary>Opens it.</summary>
    public SqliteCommitter(string path)
    {
        database = new(path, readOnly: false);
        try
        {
            database.Run("PRAGMA synchronous = FULL");
            database.Run("PRAGMA foreign_keys = OFF");

            // Small: while pages come from the list of free ones, SQLite goes through its whole cache with every commit.
            database.Run("PRAGMA cache_size = -8192");
            begin = database.Prepare("BEGIN IMMEDIATE");
            commit = database.Prepare("COMMIT");
            rollback = database.Prepare("ROLLBACK");
            create = database.Prepare("""
                INSERT INTO stream (stream, epoch, number) SELECT ?1, epoch + 1, ?2 FROM epoch_floor WHERE true
                ON CONFLICT (stream) DO NOTHING
                RETURNING epoch, number, snapshot, snapshot_parts, snapshot_at, trimmed_to, deleted, former_epoch
                """);
            take = database.Prepare("""
                INSERT INTO stream (stream, epoch, number) SELECT ?1, epoch + 1, 0 FROM epoch_floor WHERE true
                ON CONFLICT (stream) DO UPDATE SET epoch = stream.epoch + 1, former_epoch = stream.epoch WHERE deleted = 0
                RETURNING epoch, number, snapshot, snapshot_parts, snapshot_at, trimmed_to, deleted, former_epoch
                """);
            advance = database.Prepare("UPDATE stream SET number = ?4 WHERE stream = ?1 AND epoch = ?2 AND number = ?3");
            insert = database.Prepare("INSERT INTO record (stream, number, crc, payload) VALUES (?1, ?2, ?3, ?4)");
            mark = database.Prepare("""
                UPDATE stream SET deleted = 1, epoch = epoch + 1 WHERE stream = ?1 AND epoch = ?2 AND number = ?3
                RETURNING epoch, number - trimmed_to, snapshot
                """);
            dropRecords = database.Prepare("DELETE FROM record WHERE stream = ?1");
            dropParts = database.Prepare("DELETE FROM snapshot_part WHERE stream = ?1");
            dropStream = database.Prepare("DELETE FROM stream WHERE stream = ?1");
            raiseFloor = database.Prepare("UPDATE epoch_floor SET epoch = ?1 WHERE epoch < ?1");
            sweep = new(database, DropEmpty);
            checkpoints = new(database); // last: it starts a thread
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Commit(IReadOnlyList<StreamCommit> commits)
    {
        for (var i = 0; i < commits.Count; i++) commits[i].Refused = null;
        while (!TryCommit(commits))
        {
        }

        checkpoints.AfterCommit();
    }

    /// <inheritdoc/>
    public bool WritePart(StreamId stream, long epoch, long number, int part, uint crc, ReadOnlySpan<byte> payload)
    {
        bool written;

        // Rows of a Snapshot are not valid until the pointer moves, and that commit's sync covers them all.
        database.Run("PRAGMA synchronous = NORMAL");
        try
        {
            written = sweep.WritePart(stream, epoch, number, part, crc, payload);
        }
        finally
        {
            database.Run("PRAGMA synchronous = FULL");
        }

        checkpoints.AfterCommit();
        return written;
    }

    /// <inheritdoc/>
    public bool MoveSnapshot(StreamId stream, long epoch, long previous, long number, int parts, long crcSum, long atMilliseconds) =>
        sweep.MoveSnapshot(stream, epoch, previous, number, parts, crcSum, atMilliseconds);

    /// <inheritdoc/>
    public int DeleteLooseParts(StreamId stream, long epoch, int limit) => InTransaction(() => sweep.DeleteLooseParts(stream, epoch, limit));

    /// <inheritdoc/>
    public int TrimRecords(StreamId stream, long upTo, int limit) => InTransaction(() => sweep.TrimRecords(stream, upTo, limit));

    /// <inheritdoc/>
    public int MarkDeleted(StreamId first, StreamId last, int limit) => InTransaction(() => sweep.MarkDeleted(first, last, limit));

    /// <inheritdoc/>
    public int PurgeDeleted(int limit) => InTransaction(() => StreamPurge.Step(sweep, limit));

    /// <inheritdoc/>
    public bool Idle() => checkpoints.Idle();

    /// <inheritdoc/>
    public void Dispose()
    {
        checkpoints.Dispose();
        database.Dispose();
    }

    /// <summary>False when a stream's rows were refused by a key: nothing was committed, that stream is marked, and the rest may try again.</summary>
    private bool TryCommit(IReadOnlyList<StreamCommit> commits)
    {
        StreamCommit? current = null;
        begin.Run();
        try
        {
            for (var i = 0; i < commits.Count; i++)
            {
                current = commits[i];
                if (current.Refused is null) Write(current);
            }

            current = null;
            commit.Run();
            return true;
        }
        catch (GofsException fault) when (current is not null && SqliteFault.IsConstraint(fault))
        {
            RollBack();
            current.RefuseForContradiction(fault.InnerException!.Message);
            return false;
        }
        catch
        {
            RollBack();
            throw;
        }
    }

    private void Write(StreamCommit item)
    {
        switch (item.Claim)
        {
            case StreamClaim.Take:
                take.Bind(1, item.Stream.Value);
                Claim(item, take);
                return;
            case StreamClaim.Create:
                create.Bind(1, item.Stream.Value).Bind(2, item.LastNumber);
                if (!Claim(item, create)) return;
                break;
            case StreamClaim.None when item.Records is not null:
                advance.Bind(1, item.Stream.Value).Bind(2, item.Epoch).Bind(3, item.PreviousNumber).Bind(4, item.LastNumber);
                if (advance.Run() != 1)
                {
                    item.Refuse();
                    return;
                }

                break;
        }

        if (item.Records is { } records) Insert(item, records);
        if (item.Delete) Delete(item);
    }

    private static bool Claim(StreamCommit item, SqliteStatement claim)
    {
        if (claim.Step())
        {
            item.Head = SqliteReader.Head(claim);
            claim.Run();
            return true;
        }

        item.Refuse();
        return false;
    }

    private void Insert(StreamCommit item, RecordBatch records)
    {
        insert.Bind(1, item.Stream.Value);
        for (var i = 0; i < records.Count; i++)
        {
            var payload = records.Read(i, out var crc);
            insert.Bind(2, item.PreviousNumber + i + 1).Bind(3, crc).Bind(4, payload.Span).Run();
        }
    }

    private void Delete(StreamCommit item)
    {
        var epoch = item.Claim == StreamClaim.None ? item.Epoch : item.Head.Epoch;
        mark.Bind(1, item.Stream.Value).Bind(2, epoch).Bind(3, item.LastNumber);
        if (!mark.Step())
        {
            item.Refuse();
            return;
        }

        var (lastEpoch, records, snapshot) = (mark.Int64(0), mark.Int64(1), mark.Int64(2));
        mark.Run();
        if (records > StreamPurge.SmallRecords || snapshot != 0) return; // the sweep removes large ones, a little at a time
        dropRecords.Bind(1, item.Stream.Value).Run();
        DropEmpty(item.Stream.Value, lastEpoch);
    }

    private void DropEmpty(long stream, long epoch)
    {
        dropParts.Bind(1, stream).Run();
        dropStream.Bind(1, stream).Run();
        raiseFloor.Bind(1, epoch).Run();
    }

    private int InTransaction(Func<int> work)
    {
        begin.Run();
        try
        {
            var count = work();
            commit.Run();
            checkpoints.AfterCommit();
            return count;
        }
        catch
        {
            RollBack();
            throw;
        }
    }

    private void RollBack()
    {
        if (database.InTransaction) rollback.Run(); // SQLite has rolled back by itself after some faults
    }
}
