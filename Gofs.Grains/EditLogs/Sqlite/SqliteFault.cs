using SQLitePCL;

namespace Gofs.Grains.EditLogs.Sqlite;

/// <summary>SQLite's result codes as what a caller can do about them.</summary>
internal static class SqliteFault
{
    /// <summary>The exception for a result code; its inner <see cref="SqliteCodeException"/> carries the code.</summary>
    public static GofsException Of(int code, string message, string path)
    {
        var inner = new SqliteCodeException(code, message);
        return (code & 0xFF) switch
        {
            raw.SQLITE_NOTADB => new(GofsError.EditLogCorrupt, "is not a SQLite database, or its head is damaged", path, inner),
            raw.SQLITE_CORRUPT => new(GofsError.EditLogCorrupt, $"the database is damaged ({message})", path, inner),
            raw.SQLITE_FULL => new(GofsError.Unavailable, "the disk of the EditLog database is full", path, inner),
            raw.SQLITE_BUSY or raw.SQLITE_LOCKED =>
                new(GofsError.Unavailable, "another process has the EditLog database locked", path, inner),
            raw.SQLITE_IOERR => new(GofsError.Unavailable, $"the disk of the EditLog database failed ({message}, {code})", path, inner),
            raw.SQLITE_CANTOPEN or raw.SQLITE_READONLY or raw.SQLITE_PERM or raw.SQLITE_AUTH =>
                new(GofsError.Unavailable, $"the EditLog database cannot be opened for writing ({message})", path, inner),
            _ => new(GofsError.Unavailable, $"the EditLog database failed ({message}, {code})", path, inner),
        };
    }

    /// <summary>Whether a statement was refused by a key or a check of the tables.</summary>
    public static bool IsConstraint(GofsException fault) =>
        fault.InnerException is SqliteCodeException { Code: var code } && (code & 0xFF) == raw.SQLITE_CONSTRAINT;
}

/// <summary>SQLite's own code and words.</summary>
/// <param name="code">The extended result code.</param>
/// <param name="message">SQLite's words.</param>
internal sealed class SqliteCodeException(int code, string message) : Exception($"SQLite {code}: {message}")
{
    /// <summary>The extended result code.</summary>
    public int Code { get; } = code;
}
