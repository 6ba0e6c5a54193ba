using Microsoft.Data.Sqlite;

namespace Gofs.Silo.Hosting;

/// <summary>
/// The SQLite database behind Orleans' grain storage: one script, run once in a transaction. Whether it has run shows by
/// its table.
/// </summary>
internal static class ClusterStorage
{
    private const string Script = "sql/sqlite/orleans-0001-storage.sql";

    /// <summary>The connection string of the database in a file.</summary>
    public static string ConnectionTo(string file) => new SqliteConnectionStringBuilder { DataSource = file, DefaultTimeout = 10 }.ToString();

    /// <summary>Makes the tables where they are missing.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.DiskFailed"/>: the database can't be used.</exception>
    public static async Task PrepareAsync(string file, CancellationToken cancellation)
    {
        try
        {
            await using var connection = new SqliteConnection(ConnectionTo(file));
            await connection.OpenAsync(cancellation);
            await RunAsync(connection, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;", cancellation);
            if (await IsThereAsync(connection, cancellation)) return;
            await using var transaction = await connection.BeginTransactionAsync(cancellation);
            await RunAsync(connection, await ScriptAsync(cancellation), cancellation);
            await transaction.CommitAsync(cancellation);
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

    private static async Task<string> ScriptAsync(CancellationToken cancellation)
    {
        await using var stream = typeof(Grains.EditLogs.StreamId).Assembly.GetManifestResourceStream(Script)
            ?? throw new GofsException(GofsError.Internal, "the script is not in the assembly", Script);
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync(cancellation);
    }
}
