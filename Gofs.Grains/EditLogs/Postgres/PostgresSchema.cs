using Npgsql;
using NpgsqlTypes;

namespace Gofs.Grains.EditLogs.Postgres;

/// <summary>
/// Brings a database to what this release needs by the scripts in <c>sql/postgresql</c>: ours and Orleans' own, each once, in one transaction with its
/// name and CRC in <c>gofs.script</c>, one silo at a time. A database with a script that this release does not know, or has otherwise, is refused untouched.
/// </summary>
internal static class PostgresSchema
{
    /// <summary>"GOFS": the advisory lock that silos take to run scripts.</summary>
    private const long LockKey = 0x474F4653;

    /// <summary>Runs what is missing.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.ForeignFolder"/>: of a newer or another Gofs.</exception>
    public static void Bring(NpgsqlDataSource source, string database)
    {
        using var connection = PostgresSessions.Open(source);
        using var transaction = connection.BeginTransaction();
        Run(connection, $"SELECT pg_advisory_xact_lock({LockKey})");
        Run(connection, """
            CREATE SCHEMA IF NOT EXISTS gofs;
            CREATE TABLE IF NOT EXISTS gofs.script (name text PRIMARY KEY, crc bigint NOT NULL, applied_at timestamptz NOT NULL DEFAULT now());
            """);
        var applied = Applied(connection);
        var scripts = SqlScripts.Of("sql/postgresql/");
        if (applied.Keys.Except(scripts.Select(script => script.Name)).Order(StringComparer.Ordinal).FirstOrDefault() is { } unknown)
            throw new GofsException(GofsError.ForeignFolder, $"has {unknown}, which this Gofs does not know: start a newer one", database);
        foreach (var script in scripts)
        {
            if (!applied.TryGetValue(script.Name, out var crc)) Apply(connection, script);
            else if (crc != script.Crc)
                throw new GofsException(GofsError.ForeignFolder, $"has another {script.Name} than this Gofs: scripts are never edited", database);
        }

        transaction.Commit();
    }

    private static Dictionary<string, uint> Applied(NpgsqlConnection connection)
    {
        using var command = new NpgsqlCommand("SELECT name, crc FROM gofs.script", connection);
        using var reader = command.ExecuteReader();
        var applied = new Dictionary<string, uint>();
        while (reader.Read()) applied.Add(reader.GetString(0), (uint)reader.GetInt64(1));
        return applied;
    }

    private static void Apply(NpgsqlConnection connection, SqlScript script)
    {
        Run(connection, script.Sql);
        using var command = new NpgsqlCommand("INSERT INTO gofs.script (name, crc) VALUES ($1, $2)", connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = script.Name });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = script.Crc, NpgsqlDbType = NpgsqlDbType.Bigint });
        command.ExecuteNonQuery();
    }

    private static void Run(NpgsqlConnection connection, string sql)
    {
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }
}
