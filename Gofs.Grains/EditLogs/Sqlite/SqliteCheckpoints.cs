namespace Gofs.Grains.EditLogs.Sqlite;

/// <summary>
/// When the write-ahead log is copied into the database. A thread of its own does it while commits go on: the copy syncs the database, which takes as
/// long as hundreds of commits. It never catches up with a writer that does not pause, and the log starts from its beginning only when all of it is
/// copied. So when the log has come to its bound, the writer copies the rest, which is what was committed during the last copy.
/// <para>
/// Who dies. The copy fails (a full disk, a bad one): commits go on into the log, the next pause or the bound tells the writer. The process: the log has
/// everything, the next opening copies it.
/// </para>
/// </summary>
internal sealed class SqliteCheckpoints : IDisposable
{
    /// <summary>Pages (of 4 KiB) after which a pause is used.</summary>
    private const int IdlePages = 1000;

    /// <summary>Pages after which a copy begins beside the commits.</summary>
    private const int BusyPages = 4000;

    /// <summary>Pages in the log from which a commit waits for the rest of the copy.</summary>
    private const int MaxPages = 16000;

    private static readonly TimeSpan EndTime = TimeSpan.FromSeconds(30);
    private readonly object gate = new();
    private readonly SqliteDatabase database;
    private readonly SqliteDatabase copier;
    private readonly Thread thread;
    private int pages;
    private bool wanted;
    private bool ended;
    private bool isLong;
    private GofsException? failed;

    /// <summary>Takes over checkpoints of the connection that writes.</summary>
    public SqliteCheckpoints(SqliteDatabase database)
    {
        this.database = database;
        database.Run("PRAGMA wal_autocheckpoint = 0");
        database.Run("PRAGMA journal_size_limit = 67108864");
        copier = new(database.Path, readOnly: false);
        thread = new Thread(Run) { Name = "gofs checkpoint", IsBackground = true };
        thread.Start();
    }

    /// <summary>After each commit.</summary>
    public void AfterCommit()
    {
        pages += database.TakePagesWritten();
        if (pages >= BusyPages) Wake();
        if (!Volatile.Read(ref isLong)) return;
        var (log, copied) = database.Checkpoint(truncate: false);
        if (log >= 0 && copied == log) Volatile.Write(ref isLong, false); // a reader, or the thread (-1), holds it back otherwise: the next commit tries
    }

    /// <summary>In a pause; false: there is nothing to do.</summary>
    public bool Idle()
    {
        lock (gate)
        {
            if (failed is { } fault)
            {
                failed = null;
                throw new GofsException(fault.Error, fault.Detail, fault.Path, fault);
            }
        }

        if (pages >= IdlePages) Wake();
        return false;
    }

    /// <summary>Copies all before the connection closes.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            ended = true;
            Monitor.Pulse(gate);
        }

        if (!thread.Join(EndTime)) throw new GofsException(GofsError.Unavailable, "copying the write-ahead log does not end", database.Path);
        copier.Dispose();
        database.Checkpoint(truncate: true);
    }

    private void Wake()
    {
        pages = 0;
        lock (gate)
        {
            wanted = true;
            Monitor.Pulse(gate);
        }
    }

    private void Run()
    {
        while (Wait())
        {
            try
            {
                var (log, _) = copier.Checkpoint(truncate: false);
                if (log >= MaxPages) Volatile.Write(ref isLong, true);
            }
            catch (GofsException fault)
            {
                lock (gate) failed = fault;
            }
        }
    }

    // False when it is time to end.
    private bool Wait()
    {
        lock (gate)
        {
            while (!wanted && !ended) Monitor.Wait(gate);
            wanted = false;
            return !ended;
        }
    }
}
