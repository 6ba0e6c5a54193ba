namespace Gofs.Grains.EditLogs.Sqlite;

/// <summary>A reading connection with its prepared statements, for one thread at a time.</summary>
internal sealed class SqliteReader : IDisposable
{
    private readonly SqliteDatabase database;
    private readonly SqliteStatement find;
    private readonly SqliteStatement records;
    private readonly SqliteStatement part;

    /// <summary>Opens it.</summary>
    public SqliteReader(string path)
    {
        database = new(path, readOnly: true);
        try
        {
            database.Run("PRAGMA mmap_size = 268435456");
            find = database.Prepare(
                "SELECT epoch, number, snapshot, snapshot_parts, snapshot_at, trimmed_to, deleted, former_epoch FROM stream WHERE stream = ?1");
            records = database.Prepare(
                "SELECT number, crc, payload FROM record WHERE stream = ?1 AND number > ?2 ORDER BY number LIMIT ?3");
            part = database.Prepare("SELECT crc, payload FROM snapshot_part WHERE stream = ?1 AND number = ?2 AND part = ?3");
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>See <see cref="IEditLogStore.Find"/>.</summary>
    public StreamHead? Find(StreamId stream)
    {
        find.Bind(1, stream.Value);
        try
        {
            return find.Step() ? Head(find) : null;
        }
        finally
        {
            find.Reset();
        }
    }

    /// <summary>See <see cref="IEditLogStore.ReadRecords"/>.</summary>
    public int Records(StreamId stream, long after, int limit, RecordVisitor visit)
    {
        records.Bind(1, stream.Value).Bind(2, after).Bind(3, limit);
        var count = 0;
        try
        {
            for (; records.Step(); count++) visit(records.Int64(0), (uint)records.Int64(1), records.Bytes(2));
        }
        finally
        {
            records.Reset();
        }

        return count;
    }

    /// <summary>See <see cref="IEditLogStore.ReadPart"/>.</summary>
    public (byte[] Payload, uint Crc)? Part(StreamId stream, long number, int place)
    {
        part.Bind(1, stream.Value).Bind(2, number).Bind(3, place);
        try
        {
            return part.Step() ? (part.Bytes(1).ToArray(), (uint)part.Int64(0)) : null;
        }
        finally
        {
            part.Reset();
        }
    }

    /// <summary>The row in the order of columns that <see cref="Find"/> asks for.</summary>
    public static StreamHead Head(SqliteStatement row) => new(
        row.Int64(0), row.Int64(1), row.Int64(2), (int)row.Int64(3), row.Int64(4), row.Int64(5), row.Int64(6) != 0, row.Int64(7));

    /// <inheritdoc/>
    public void Dispose() => database.Dispose();
}
