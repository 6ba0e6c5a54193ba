using Npgsql;
using NpgsqlTypes;
using static NpgsqlTypes.NpgsqlDbType;

namespace Gofs.Grains.EditLogs.Postgres;

/// <summary>
/// One call of <c>gofs.commit_2</c>: streams and rows of records as arrays, in one message, and the answer in another. The lists are used again for each
/// commit. It belongs to a session: the statement is prepared there.
/// </summary>
internal sealed class PostgresCommitCall : IDisposable
{
    private readonly NpgsqlCommand command;
    private readonly List<StreamCommit> sent = [];
    private readonly List<long> streams = [], epochs = [], previous = [], last = [], numbers = [], crcs = [];
    private readonly List<short> claims = [];
    private readonly List<bool> deletes = [];
    private readonly List<int> items = [], counts = [];
    private readonly List<ReadOnlyMemory<byte>> payloads = [];

    /// <summary>Prepares it.</summary>
    public PostgresCommitCall(NpgsqlConnection connection)
    {
        command = new("CALL gofs.commit_2(NULL, NULL, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)", connection);
        command.Bind(streams, Bigint | NpgsqlDbType.Array).Bind(claims, Smallint | NpgsqlDbType.Array).Bind(epochs, Bigint | NpgsqlDbType.Array)
            .Bind(previous, Bigint | NpgsqlDbType.Array).Bind(last, Bigint | NpgsqlDbType.Array).Bind(deletes, NpgsqlDbType.Boolean | NpgsqlDbType.Array)
            .Bind(items, Integer | NpgsqlDbType.Array).Bind(numbers, Bigint | NpgsqlDbType.Array).Bind(counts, Integer | NpgsqlDbType.Array)
            .Bind(crcs, Bigint | NpgsqlDbType.Array).Bind(payloads, Bytea | NpgsqlDbType.Array);
        command.Prepare();
    }

    /// <summary>Commits those, which are sorted by stream, and says which are refused.</summary>
    public void Run(IReadOnlyList<StreamCommit> commits)
    {
        Clear();
        foreach (var commit in commits) Add(commit);
        using var reader = command.ExecuteReader();
        if (!reader.Read()) throw new NpgsqlException("gofs.commit_2 answers nothing");
        Answer(reader.GetFieldValue<int[]>(0), reader.GetFieldValue<long[]>(1));
    }

    /// <inheritdoc/>
    public void Dispose() => command.Dispose();

    private void Clear()
    {
        foreach (var list in new System.Collections.IList[] { sent, streams, claims, epochs, previous, last, deletes, items, numbers, counts, crcs, payloads })
            list.Clear();
    }

    private void Add(StreamCommit item)
    {
        sent.Add(item);
        streams.Add(item.Stream.Value);
        claims.Add((short)item.Claim);
        epochs.Add(item.Epoch);
        previous.Add(item.PreviousNumber);
        last.Add(item.LastNumber);
        deletes.Add(item.Delete);
        if (item.Records is not { } records || item.Claim == StreamClaim.Take) return;
        for (var next = 0; next < records.Count;)
        {
            var (count, crc, payload) = RecordRow.Make(records, next);
            next += count;
            items.Add(sent.Count);
            numbers.Add(item.PreviousNumber + next);
            counts.Add(count);
            crcs.Add(crc);
            payloads.Add(payload);
        }
    }

    private void Answer(int[] refused, long[] heads)
    {
        foreach (var place in refused)
        {
            if (place > 0) sent[place - 1].Refuse();
            else sent[-place - 1].RefuseForContradiction("there are records after its number");
        }

        var at = 0;
        foreach (var item in sent)
        {
            if (item.Claim == StreamClaim.None || item.Refused is not null) continue;
            item.Head = new(heads[at], heads[at + 1], heads[at + 2], (int)heads[at + 3], heads[at + 4], heads[at + 5], heads[at + 6] != 0, heads[at + 7]);
            at += 8;
        }
    }
}
