namespace Gofs.Grains.EditLogs.Postgres;

/// <summary>What a silo needs of its cluster's database before it opens anything else.</summary>
internal static class PostgresCluster
{
    /// <summary>Runs the scripts the database lacks; answers the cluster's id.</summary>
    /// <exception cref="GofsException">
    /// <see cref="GofsError.ForeignFolder"/>: the database is of a newer Gofs. <see cref="GofsError.Unavailable"/>: it can't be reached.
    /// </exception>
    public static string Prepare(string connection)
    {
        var options = new EditLogOptions { PostgresConnection = connection };
        var database = PostgresSessions.NameOf(connection);
        try
        {
            using var source = PostgresSessions.ForScripts(options);
            PostgresSchema.Bring(source, database);
            using var command = source.CreateCommand("SELECT id FROM gofs.cluster");
            return (string)command.ExecuteScalar()!;
        }
        catch (Exception fault) when (PostgresFault.Is(fault))
        {
            throw PostgresFault.Of(fault, database);
        }
    }
}
