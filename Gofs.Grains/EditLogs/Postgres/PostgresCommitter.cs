using Npgsql;

namespace Gofs.Grains.EditLogs.Postgres;

/// <summary>
/// The session that writes. One thread uses it. Many silos have one each, on the same tables.
/// <para>
/// A commit is one call: its arguments are all there before the server takes the first lock, and it has committed before it answers. So a silo that
/// is stopped, or whose network is cut, at whatever moment, holds no row that its successor must take. Streams are sorted, so two silos lock in
/// the same order.
/// </para>
/// <para>
/// Who dies. This silo: the server finishes the call, or never got it whole; the successor takes the next epoch after it. The server, or the way to
/// it: the outcome is unknown, all streams of the commit fault, the session is dropped and the next commit opens another. Nothing is tried again
/// here. A call that was given up may still run: it commits before the reloading grain takes its epoch, or is refused for it.
/// </para>
/// </summary>
/// <param name="source">Makes sessions; this owns it.</param>
/// <param name="database">What messages call the database.</param>
internal sealed class PostgresCommitter(NpgsqlDataSource source, string database) : IEditLogCommitter
{
    private readonly List<StreamCommit> sorted = [];
    private NpgsqlConnection? session;
    private PostgresCommitCall? call;
    private PostgresSweep? sweep;

    /// <inheritdoc/>
    public void Commit(IReadOnlyList<StreamCommit> commits)
    {
        sorted.Clear();
        sorted.AddRange(commits.OrderBy(commit => commit.Stream.Value)); // stable: a stream that comes twice keeps its order
        foreach (var commit in sorted) commit.Refused = null;
        _ = Do(() =>
        {
            call!.Run(sorted);
            return 0;
        });
    }

    /// <inheritdoc/>
    public bool WritePart(StreamId stream, long epoch, long number, int part, uint crc, ReadOnlySpan<byte> payload)
    {
        var copy = payload.ToArray();
        return Do(() => sweep!.WritePart(stream, epoch, number, part, crc, copy));
    }

    /// <inheritdoc/>
    public bool MoveSnapshot(StreamId stream, long epoch, long previous, long number, int parts, long crcSum, long atMilliseconds) =>
        Do(() => sweep!.MoveSnapshot(stream, epoch, previous, number, parts, crcSum, atMilliseconds));

    /// <inheritdoc/>
    public int DeleteLooseParts(StreamId stream, long epoch, int limit) => Do(() => sweep!.DeleteLooseParts(stream, epoch, limit));

    /// <inheritdoc/>
    public int TrimRecords(StreamId stream, long upTo, int limit) => Do(() => sweep!.TrimRecords(stream, upTo, limit));

    /// <inheritdoc/>
    public int MarkDeleted(StreamId first, StreamId last, int limit) => Do(() => sweep!.MarkDeleted(first, last, limit));

    /// <inheritdoc/>
    public int PurgeDeleted(int limit) => Do(() => StreamPurge.Step(sweep!, limit));

    /// <inheritdoc/>
    public bool Idle() => false;

    /// <inheritdoc/>
    public void Dispose()
    {
        Drop();
        source.Dispose();
    }

    private T Do<T>(Func<T> what)
    {
        try
        {
            Connect();
            return what();
        }
        catch (Exception fault) when (PostgresFault.Is(fault))
        {
            Drop();
            throw PostgresFault.Of(fault, database);
        }
    }

    private void Connect()
    {
        if (session is not null) return;
        session = PostgresSessions.Open(source);
        call = new(session);
        sweep = new(session);
    }

    private void Drop()
    {
        call?.Dispose();
        sweep?.Dispose();
        session?.Dispose();
        (session, call, sweep) = (null, null, null);
    }
}
