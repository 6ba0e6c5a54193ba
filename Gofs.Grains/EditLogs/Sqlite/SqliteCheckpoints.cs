namespace Gofs.Grains.EditLogs.Sqlite;

/// <summary>
/// When the write-ahead log is copied into the database: in pauses once it is worth it, and at the latest when it has grown to
/// its bound, so that it stays small without a sync of the database among the commits.
/// </summary>
internal sealed class SqliteCheckpoints : IDisposable
{
    /// <summary>Pages (of 4 KiB) after which a pause is used.</summary>
    private const int IdlePages = 1000;

    /// <summary>Pages after which a commit waits for the copy.</summary>
    private const int MaxPages = 8000;

    private readonly SqliteDatabase database;
    private int pages;

    /// <summary>Takes over checkpoints of a connection from SQLite.</summary>
    public SqliteCheckpoints(SqliteDatabase database)
    {
        this.database = database;
        database.Run("PRAGMA wal_autocheckpoint = 0");
        database.Run("PRAGMA journal_size_limit = 67108864");
    }

    /// <summary>After each commit.</summary>
    public void AfterCommit()
    {
        pages += database.TakePagesWritten();
        if (pages >= MaxPages) Copy();
    }

    /// <summary>In a pause; false: there is nothing to do.</summary>
    public bool Idle()
    {
        if (pages < IdlePages) return false;
        Copy();
        return false;
    }

    /// <summary>Copies all before the connection closes.</summary>
    public void Dispose() => database.Checkpoint(truncate: true);

    private void Copy()
    {
        database.Checkpoint(truncate: false);
        pages = 0; // what a reader held back is copied by the next one
    }
}
