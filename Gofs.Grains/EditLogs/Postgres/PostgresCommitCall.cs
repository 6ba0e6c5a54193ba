using Npgsql;
using NpgsqlTypes;
using static NpgsqlTypes.NpgsqlDbType;

namespace Gofs.Grains.EditLogs.Postgres;

/// <summary>
/// One call of <c>gofs.commit_1</c>: streams and records as arrays, in one message, and the answer in another. The lists are used again for each
/// commit. It belongs to a session: the statement is prepared there.
/// </summary>
internal sealed class PostgresCommitCall : IDisposable
{
    private readonly NpgsqlCommand command;
    private readonly List<StreamCommit> sent = [];
    private readonly List<long> streams = [], epochs = [], previous = [], last = [], numbers = [], crcs = [];
    private readonly List<short> claims = [];
    private readonly List<bool> deletes = [];
    private readonly List<int> items = [];
    private readonly List<ReadOnlyMemory<byte>> payloads = [];

    /// <summary>Prepares it.</summary>
    public PostgresCommitCall(NpgsqlConnection connection)
    {
        command = new("CALL gofs.commit_1(NULL, NULL, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10)", connection);
        command.Bind(streams, Bigint | NpgsqlDbType.Array).Bind(claims, Smallint | NpgsqlDbType.Array).Bind(epochs, Bigint | NpgsqlDbType.Array)
            .Bind(previous, Bigint | NpgsqlDbType.Array).Bind(last, Bigint | NpgsqlDbType.Array).Bind(deletes, NpgsqlDbType.Boolean | NpgsqlDbType.Array)
            .Bind(items, Integer | NpgsqlDbType.Array).Bind(numbers, Bigint | NpgsqlDbType.Array).Bind(crcs, Bigint | NpgsqlDbType.Array)
            .Bind(payloads, Bytea | NpgsqlDbType.Array);
        command.Prepare();
    }

    /// <summary>Commits those that are not refused yet, which are sorted by stream.</summary>
    public void Run(IReadOnlyList<StreamCommit> commits)
    {
        Clear();
        for (var i = 0; i < commits.Count; i++)
        {
            if (commits[i].Refused is null) Add(commits[i]);
        }

        if (sent.Count == 0) return;
        using var reader = command.ExecuteReader();
        if (!reader.Read()) throw new NpgsqlException("gofs.commit_1 answers nothing");
        Answer(reader.GetFieldValue<int[]>(0), reader.GetFieldValue<long[]>(1));
    }

    /// <inheritdoc/>
    public void Dispose() => command.Dispose();

    private void Clear()
    {
        foreach (var list in new System.Collections.IList[] { sent, streams, claims, epochs, previous, last, deletes, items, numbers, crcs, payloads })
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
        for (var i = 0; i < records.Count; i++)
        {
            payloads.Add(records.Read(i, out var crc));
            crcs.Add(crc);
            numbers.Add(item.PreviousNumber + i + 1);
            items.Add(sent.Count);
        }
    }

    private void Answer(int[] refused, long[] heads)
    {
        foreach (var place in refused) sent[place - 1].Refuse();
        var at = 0;
        foreach (var item in sent)
        {
            if (item.Claim == StreamClaim.None || item.Refused is not null) continue;
            item.Head = new(heads[at], heads[at + 1], heads[at + 2], (int)heads[at + 3], heads[at + 4], heads[at + 5], heads[at + 6] != 0, heads[at + 7]);
            at += 8;
        }
    }
}
