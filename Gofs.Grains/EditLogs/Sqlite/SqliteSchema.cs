using System.Globalization;

namespace Gofs.Grains.EditLogs.Sqlite;

/// <summary>
/// Brings a database to the newest schema by the numbered scripts in <c>sql/sqlite</c>, each in one transaction with its
/// number. Scripts are only ever added, never edited. A database that is somebody else's, or newer, is refused untouched.
/// </summary>
internal static class SqliteSchema
{
    /// <summary>"GOFS", in the file's head.</summary>
    private const int ApplicationId = 0x474F4653;

    private const string Prefix = "sql/sqlite/gofs-";

    /// <summary>Checks whose database it is, and runs the scripts it lacks.</summary>
    public static void Bring(SqliteDatabase database)
    {
        var owner = database.Ask("PRAGMA application_id");
        var tables = database.Ask("SELECT count(*) FROM sqlite_schema");
        if (owner != ApplicationId && (owner != 0 || tables != 0))
            throw new GofsException(GofsError.ForeignFolder, "is a SQLite database of another program", database.Path);

        var scripts = Scripts();
        var version = tables == 0 ? 0 : (int)(database.Ask("SELECT max(version) FROM gofs_schema") ?? 0);
        if (version > scripts[^1].Version)
            throw new GofsException(
                GofsError.ForeignFolder, $"has schema {version}; this Gofs knows {scripts[^1].Version}: start a newer one", database.Path);

        foreach (var script in scripts.Where(s => s.Version > version)) Run(database, script);
    }

    private static void Run(SqliteDatabase database, (int Version, string Sql) script)
    {
        database.Run("BEGIN IMMEDIATE");
        try
        {
            database.Run("CREATE TABLE IF NOT EXISTS gofs_schema (version INTEGER PRIMARY KEY)");
            database.Run(script.Sql);
            database.Run(string.Create(CultureInfo.InvariantCulture, $"INSERT INTO gofs_schema VALUES ({script.Version})"));
            database.Run(string.Create(CultureInfo.InvariantCulture, $"PRAGMA application_id = {ApplicationId}"));
            database.Run("COMMIT");
        }
        catch
        {
            if (database.InTransaction) database.Run("ROLLBACK");
            throw;
        }
    }

    private static List<(int Version, string Sql)> Scripts() =>
        [.. SqlScripts.Of(Prefix).Select(script => (int.Parse(script.Name.AsSpan("gofs-".Length, 4), CultureInfo.InvariantCulture), script.Sql))];
}
