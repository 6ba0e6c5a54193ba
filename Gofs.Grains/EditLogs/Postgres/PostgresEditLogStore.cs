using System.Buffers;
using Npgsql;

namespace Gofs.Grains.EditLogs.Postgres;

/// <summary>
/// Streams in one PostgreSQL database that all silos share. Each silo has one session that writes (<see cref="PostgresCommitter"/>) and a bounded pool
/// that reads. Epochs fence silos from each other; the database is the only thing they must agree on.
/// </summary>
internal sealed class PostgresEditLogStore : IEditLogStore
{
    private const int RowsAtOnce = 256; // what is asked for is sent, wanted or not, and how many records a row has is known when it is there
    private readonly EditLogOptions options;
    private readonly string database;
    private readonly NpgsqlDataSource readers;

    /// <summary>Connects, and runs the scripts the database lacks.</summary>
    /// <exception cref="GofsException">
    /// <see cref="GofsError.ForeignFolder"/>: the database is of a newer Gofs. <see cref="GofsError.Unavailable"/>: it can't be reached.
    /// </exception>
    public PostgresEditLogStore(EditLogOptions options)
    {
        this.options = options;
        database = PostgresSessions.NameOf(options.PostgresConnection);
        try
        {
            using var scripts = PostgresSessions.ForScripts(options);
            PostgresSchema.Bring(scripts, database);
        }
        catch (Exception fault) when (PostgresFault.Is(fault))
        {
            throw PostgresFault.Of(fault, database);
        }

        readers = PostgresSessions.ForReading(options);
    }

    /// <inheritdoc/>
    public bool IsShared => true;

    /// <inheritdoc/>
    public IEditLogCommitter OpenCommitter() => new PostgresCommitter(PostgresSessions.ForWriting(options), database);

    /// <inheritdoc/>
    public StreamHead? Find(StreamId stream) => Read<StreamHead?>(
        "SELECT epoch, number, snapshot, snapshot_parts, snapshot_at, trimmed_to, deleted, former_epoch FROM gofs.stream WHERE stream = $1",
        command => command.Bind(stream.Value),
        row => row.Read()
            ? new(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt32(3), row.GetInt64(4), row.GetInt64(5), row.GetBoolean(6), row.GetInt64(7))
            : null);

    /// <inheritdoc/>
    public int ReadRecords(StreamId stream, long after, int limit, RecordVisitor visit) => Read(
        """
        SELECT r.number, r.count, r.crc, r.payload, s.trimmed_to FROM gofs.record r, gofs.stream s
        WHERE s.stream = $1 AND r.stream = $1 AND r.number > $2 ORDER BY r.number LIMIT $3
        """,
        command => command.Bind(stream.Value).Bind(after).Bind(Math.Min(limit, RowsAtOnce)),
        rows => Visit(rows, new(stream, after, limit, visit)));

    /// <inheritdoc/>
    public (byte[] Payload, uint Crc)? ReadPart(StreamId stream, long number, int part) => Read<(byte[], uint)?>(
        "SELECT payload, crc FROM gofs.snapshot_part WHERE stream = $1 AND number = $2 AND part = $3",
        command => command.Bind(stream.Value).Bind(number).Bind(part),
        row => row.Read() ? (row.GetFieldValue<byte[]>(0), (uint)row.GetInt64(1)) : null);

    /// <inheritdoc/>
    public void Dispose() => readers.Dispose();

    private static int Visit(NpgsqlDataReader rows, RecordRows records)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(RecordRow.TargetBytes);
        try
        {
            while (!records.IsFull && rows.Read())
            {
                var length = (int)rows.GetBytes(3, 0, null, 0, 0);
                if (length > buffer.Length)
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = ArrayPool<byte>.Shared.Rent(length);
                }

                rows.GetBytes(3, 0, buffer, 0, length);
                records.Visit(new(rows.GetInt64(0), rows.GetInt32(1), (uint)rows.GetInt64(2)), trimmedTo: rows.GetInt64(4), buffer.AsSpan(0, length));
            }

            return records.Visited;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private T Read<T>(string sql, Action<NpgsqlCommand> bind, Func<NpgsqlDataReader, T> take)
    {
        try
        {
            using var connection = PostgresSessions.Open(readers);
            using var command = new NpgsqlCommand(sql, connection);
            bind(command);
            command.Prepare(); // once for each session of the pool
            using var reader = command.ExecuteReader();
            return take(reader);
        }
        catch (Exception fault) when (PostgresFault.Is(fault))
        {
            if (fault is not PostgresException { IsTransient: false }) readers.Clear(); // the other sessions have most likely gone with it
            throw PostgresFault.Of(fault, database);
        }
    }
}
