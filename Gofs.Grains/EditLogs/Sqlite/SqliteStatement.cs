using SQLitePCL;

namespace Gofs.Grains.EditLogs.Sqlite;

/// <summary>A prepared statement. Bind, then <see cref="Run"/>, or <see cref="Step"/> until false; places count from 1, columns from 0.</summary>
internal sealed class SqliteStatement(SqliteDatabase database, sqlite3_stmt handle) : IDisposable
{
    /// <summary>Binds a number.</summary>
    public SqliteStatement Bind(int place, long value)
    {
        database.Check(raw.sqlite3_bind_int64(handle, place, value));
        return this;
    }

    /// <summary>Binds bytes, which are copied.</summary>
    public SqliteStatement Bind(int place, ReadOnlySpan<byte> value)
    {
        database.Check(raw.sqlite3_bind_blob(handle, place, value));
        return this;
    }

    /// <summary>Runs to the end; answers the rows changed.</summary>
    public int Run()
    {
        while (Step())
        {
        }

        return database.Changes;
    }

    /// <summary>Moves to the next row; false at the end, which readies it for the next use.</summary>
    public bool Step()
    {
        var code = raw.sqlite3_step(handle);
        if (code == raw.SQLITE_ROW) return true;
        _ = raw.sqlite3_reset(handle); // says again what step said
        database.Check(code);
        return false;
    }

    /// <summary>Readies it for the next use before its end was reached.</summary>
    public void Reset() => _ = raw.sqlite3_reset(handle);

    /// <summary>A column as a number.</summary>
    public long Int64(int column) => raw.sqlite3_column_int64(handle, column);

    /// <summary>A column as bytes: SQLite's memory, until the next step.</summary>
    public ReadOnlySpan<byte> Bytes(int column) => raw.sqlite3_column_blob(handle, column);

    /// <inheritdoc/>
    public void Dispose() => handle.Dispose();
}
