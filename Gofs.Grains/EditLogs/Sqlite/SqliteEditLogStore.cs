using System.Collections.Concurrent;

namespace Gofs.Grains.EditLogs.Sqlite;

/// <summary>
/// Streams in one SQLite database (WAL, synchronous=FULL), used by one process: a lock file beside it is held open as long as
/// the store is, and the operating system lets go of it when the process dies. Readers see the last commit and hold nobody up.
/// </summary>
internal sealed class SqliteEditLogStore : IEditLogStore
{
    private const int MaxIdleReaders = 16;

    private readonly string path;
    private readonly FileStream ownership;
    private readonly ConcurrentBag<SqliteReader> idle = [];

    /// <summary>Opens the database, making it when it is not there.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.ForeignFolder"/>: in use, another program's, or of a newer Gofs.</exception>
    public SqliteEditLogStore(string path)
    {
        this.path = path;
        ownership = Own(path);
        try
        {
            using var database = new SqliteDatabase(path, readOnly: false);
            database.Run("PRAGMA journal_mode = WAL");
            database.Run("PRAGMA synchronous = FULL");
            SqliteSchema.Bring(database);
        }
        catch
        {
            ownership.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public bool IsShared => false;

    /// <inheritdoc/>
    public IEditLogCommitter OpenCommitter() => new SqliteCommitter(path);

    /// <inheritdoc/>
    public StreamHead? Find(StreamId stream)
    {
        var reader = Rent();
        try
        {
            return reader.Find(stream);
        }
        finally
        {
            Return(reader);
        }
    }

    /// <inheritdoc/>
    public int ReadRecords(StreamId stream, long after, int limit, RecordVisitor visit)
    {
        var reader = Rent();
        try
        {
            return reader.Records(stream, after, limit, visit);
        }
        finally
        {
            Return(reader);
        }
    }

    /// <inheritdoc/>
    public (byte[] Payload, uint Crc)? ReadPart(StreamId stream, long number, int part)
    {
        var reader = Rent();
        try
        {
            return reader.Part(stream, number, part);
        }
        finally
        {
            Return(reader);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        while (idle.TryTake(out var reader)) reader.Dispose();
        ownership.Dispose();
    }

    private SqliteReader Rent() => idle.TryTake(out var reader) ? reader : new(path);

    private void Return(SqliteReader reader)
    {
        if (idle.Count < MaxIdleReaders) idle.Add(reader);
        else reader.Dispose();
    }

    private static FileStream Own(string path)
    {
        try
        {
            return new(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new GofsException(GofsError.ForeignFolder, $"cannot be owned: another process has it, or its folder refuses ({e.Message})", path, e);
        }
    }
}
