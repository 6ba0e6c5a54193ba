using Microsoft.Data.Sqlite;

namespace Gofs.Silo.Hosting;

/// <summary>
/// The SQLite database behind Orleans' grain storage: Orleans' own scripts, as shipped, run once. Whether they have run shows by
/// their last table's rows; all run in one transaction.
/// </summary>
internal static class ClusterStorage
{
    private static readonly string[] Scripts = ["sql/sqlite/orleans-1-main.sql", "sql/sqlite/orleans-2-persistence.sql"];

    /// <summary>Makes the tables where they are missing; answers the connection string.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.DiskFailed"/>: the database can't be used.</exception>
    public static async Task<string> PrepareAsync(string file, CancellationToken cancellation)
    {
        var connectionString = new SqliteConnectionStringBuilder { DataSource = file, DefaultTimeout = 10 }.ToString();
        try
        {
            await using var connection = new SqliteConnection(connectionString);
            await connection.OpenAsync(cancellation);
            await RunAsync(connection, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;", cancellation);
            if (await IsThereAsync(connection, cancellation)) return connectionString;
            await using var transaction = await connection.BeginTransactionAsync(cancellation);
            foreach (var name in Scripts) await RunAsync(connection, await ScriptAsync(name, cancellation), cancellation);
            await transaction.CommitAsync(cancellation);
            return connectionString;
        }
        catch (SqliteException refused)
        {
            throw new GofsException(GofsError.DiskFailed, $"the cluster's database can't be used: {refused.Message}", file, refused);
        }
    }

    private static async Task<bool> IsThereAsync(SqliteConnection connection, CancellationToken cancellation)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM sqlite_master WHERE name = 'OrleansStorage'";
        return (long)(await command.ExecuteScalarAsync(cancellation))! > 0;
    }

    private static async Task RunAsync(SqliteConnection connection, string sql, CancellationToken cancellation)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private static async Task<string> ScriptAsync(string name, CancellationToken cancellation)
    {
        await using var stream = typeof(Grains.EditLogs.StreamId).Assembly.GetManifestResourceStream(name)
            ?? throw new GofsException(GofsError.Internal, "the script is not in the assembly", name);
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync(cancellation);
    }
}
