using SQLitePCL;

namespace Gofs.Grains.EditLogs.Sqlite;

/// <summary>
/// One SQLite connection, for one thread at a time, straight on the library: a record costs a third of what it costs
/// through ADO.NET, whose objects per command and value the writer's thread would pay for.
/// </summary>
internal sealed class SqliteDatabase : IDisposable
{
    private const int ExtendedResultCodes = 0x02000000;
    private readonly List<SqliteStatement> statements = [];
    private readonly sqlite3 handle;

    /// <summary>Opens a database file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="readOnly">Whether only reading is wanted; otherwise the file is made when it is not there.</param>
    public SqliteDatabase(string path, bool readOnly)
    {
        Batteries_V2.Init();
        Path = path;
        var flags = raw.SQLITE_OPEN_NOMUTEX | ExtendedResultCodes
            | (readOnly ? raw.SQLITE_OPEN_READONLY : raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE);
        var code = raw.sqlite3_open_v2(path, out var opened, flags, null);
        if (code != raw.SQLITE_OK)
        {
            opened?.Dispose();
            throw SqliteFault.Of(code, "cannot be opened", path);
        }

        handle = opened!;
        raw.sqlite3_busy_timeout(handle, 5000);
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Rows changed by the last statement.</summary>
    public int Changes => raw.sqlite3_changes(handle);

    /// <summary>Whether a transaction is open.</summary>
    public bool InTransaction => raw.sqlite3_get_autocommit(handle) == 0;

    /// <summary>Prepares a statement that lives as long as the connection.</summary>
    public SqliteStatement Prepare(string sql)
    {
        Check(raw.sqlite3_prepare_v3(handle, sql, raw.SQLITE_PREPARE_PERSISTENT, out var statement));
        var prepared = new SqliteStatement(this, statement);
        statements.Add(prepared);
        return prepared;
    }

    /// <summary>Runs statements that answer nothing of interest.</summary>
    public void Run(string sql) => Check(raw.sqlite3_exec(handle, sql));

    /// <summary>Runs a statement once and answers its first number, or null for no row.</summary>
    public long? Ask(string sql)
    {
        using var statement = Prepare(sql);
        return statement.Step() ? statement.Int64(0) : null;
    }

    /// <summary>Pages written since the last call.</summary>
    public int TakePagesWritten()
    {
        const int cacheWrite = 9;
        Check(raw.sqlite3_db_status(handle, cacheWrite, out var pages, out _, 1));
        return pages;
    }

    /// <summary>Copies what it can of the write-ahead log into the database; answers the log's pages and how many are copied.</summary>
    public (int Log, int Copied) Checkpoint(bool truncate)
    {
        var code = raw.sqlite3_wal_checkpoint_v2(
            handle, "main", truncate ? raw.SQLITE_CHECKPOINT_TRUNCATE : raw.SQLITE_CHECKPOINT_PASSIVE, out var log, out var copied);
        if (code != raw.SQLITE_BUSY) Check(code);
        return (log, copied);
    }

    /// <summary>Throws what a result code says.</summary>
    public void Check(int code)
    {
        if (code is not (raw.SQLITE_OK or raw.SQLITE_ROW or raw.SQLITE_DONE))
            throw SqliteFault.Of(code, raw.sqlite3_errmsg(handle).utf8_to_string(), Path);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var statement in statements) statement.Dispose();
        statements.Clear();
        handle.Dispose();
    }
}
