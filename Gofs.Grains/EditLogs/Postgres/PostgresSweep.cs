using Npgsql;
using NpgsqlTypes;

namespace Gofs.Grains.EditLogs.Postgres;

/// <summary>
/// The statements that write Snapshots and remove what is no longer wanted, a bounded step at a time. Each is a transaction of its own and sees one
/// moment of the database: one that is guarded by a stream's row (its epoch, its deletion) touches only rows of that same moment.
/// <para>
/// Silos remove rows of the same stream at the same time. None waits for another's rows: it passes them by (SKIP LOCKED), so no two can wait for each
/// other in a circle. The rows they chose they hold locked, so they find them again by their place (ctid): by key, a plan made once for streams of all
/// lengths reads the whole stream at each step.
/// </para>
/// </summary>
internal sealed class PostgresSweep(NpgsqlConnection session) : IStreamPurge, IDisposable
{
    private readonly Dictionary<string, NpgsqlCommand> prepared = [];

    /// <summary>See <see cref="IEditLogCommitter.WritePart"/>.</summary>
    public bool WritePart(StreamId stream, long epoch, long number, int part, uint crc, byte[] payload) => Run("""
        INSERT INTO gofs.snapshot_part (stream, number, part, crc, payload)
        SELECT $1, $3, $4, $5, $6 FROM gofs.stream WHERE stream = $1 AND epoch = $2
        """, stream.Value, epoch, number, part, (long)crc, payload) == 1;

    /// <summary>See <see cref="IEditLogCommitter.MoveSnapshot"/>.</summary>
    public bool MoveSnapshot(StreamId stream, long epoch, long previous, long number, int parts, long crcSum, long atMilliseconds) => Run("""
        UPDATE gofs.stream SET snapshot = $4, snapshot_parts = $5, snapshot_at = $6
        WHERE stream = $1 AND epoch = $2 AND snapshot = $3 AND number >= $4 AND NOT deleted
            AND ($5, $7) = (SELECT count(*), sum(crc)::bigint FROM gofs.snapshot_part p WHERE p.stream = $1 AND p.number = $4)
        """, stream.Value, epoch, previous, number, parts, atMilliseconds, crcSum) == 1;

    /// <summary>See <see cref="IEditLogCommitter.DeleteLooseParts"/>.</summary>
    public int DeleteLooseParts(StreamId stream, long epoch, int limit) => Run("""
        DELETE FROM gofs.snapshot_part WHERE ctid = ANY (ARRAY(
            SELECT ctid FROM gofs.snapshot_part WHERE stream = $1
            AND number <> (SELECT snapshot FROM gofs.stream WHERE stream = $1 AND epoch = $2) LIMIT $3 FOR UPDATE SKIP LOCKED))
        """, stream.Value, epoch, limit);

    /// <summary>
    /// See <see cref="IEditLogCommitter.TrimRecords"/>. The number trimmed to moves with the rows; a row goes with its last record.
    /// </summary>
    public int TrimRecords(StreamId stream, long upTo, int limit) => (int)((long?)Prepare("""
        WITH former AS (
            SELECT trimmed_to FROM gofs.stream WHERE stream = $1 FOR UPDATE),
        moved AS (
            UPDATE gofs.stream s SET trimmed_to = least($2, former.trimmed_to + $3, s.snapshot) FROM former
            WHERE s.stream = $1 AND former.trimmed_to < least($2, s.snapshot)
            RETURNING former.trimmed_to AS former, s.trimmed_to AS now),
        gone AS (
            DELETE FROM gofs.record USING moved WHERE stream = $1 AND number > moved.former AND number <= moved.now)
        SELECT now - former FROM moved
        """, [stream.Value, upTo, (long)limit]).ExecuteScalar() ?? 0);

    /// <summary>See <see cref="IEditLogCommitter.MarkDeleted"/>.</summary>
    public int MarkDeleted(StreamId first, StreamId last, int limit) => Run("""
        UPDATE gofs.stream SET deleted = true, epoch = nextval('gofs.epoch') WHERE stream IN (
            SELECT stream FROM gofs.stream WHERE stream BETWEEN $1 AND $2 AND NOT deleted ORDER BY stream LIMIT $3 FOR UPDATE)
        """, first.Value, last.Value, limit);

    /// <inheritdoc/>
    public long? FindDeleted() => (long?)Prepare("SELECT stream FROM gofs.stream WHERE deleted ORDER BY stream LIMIT 1", []).ExecuteScalar();

    /// <inheritdoc/>
    public int PurgeRecords(long stream, int limit) => Run("""
        DELETE FROM gofs.record WHERE ctid = ANY (ARRAY(
            SELECT ctid FROM gofs.record WHERE stream = $1 AND EXISTS (SELECT FROM gofs.stream WHERE stream = $1 AND deleted)
            ORDER BY number LIMIT $2 FOR UPDATE SKIP LOCKED))
        """, stream, limit);

    /// <inheritdoc/>
    public int PurgeParts(long stream, int limit) => Run("""
        DELETE FROM gofs.snapshot_part WHERE ctid = ANY (ARRAY(
            SELECT ctid FROM gofs.snapshot_part WHERE stream = $1 AND EXISTS (SELECT FROM gofs.stream WHERE stream = $1 AND deleted)
            LIMIT $2 FOR UPDATE SKIP LOCKED))
        """, stream, limit);

    /// <inheritdoc/>
    public void DropStream(long stream) => Run("""
        DELETE FROM gofs.stream WHERE stream = $1 AND deleted AND NOT EXISTS (SELECT FROM gofs.record WHERE stream = $1)
            AND NOT EXISTS (SELECT FROM gofs.snapshot_part WHERE stream = $1)
        """, stream);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var command in prepared.Values) command.Dispose();
    }

    private int Run(string sql, params object[] values) => Prepare(sql, values).ExecuteNonQuery();

    private NpgsqlCommand Prepare(string sql, object[] values)
    {
        if (!prepared.TryGetValue(sql, out var command))
        {
            command = new(sql, session);
            foreach (var value in values) command.Parameters.Add(new() { Value = value });
            command.Prepare();
            prepared.Add(sql, command);
        }

        for (var i = 0; i < values.Length; i++) command.Parameters[i].Value = values[i];
        return command;
    }
}
