using System.Net.Sockets;
using Npgsql;

namespace Gofs.Grains.EditLogs.Postgres;

/// <summary>PostgreSQL's and the driver's faults as what a caller can do about them.</summary>
internal static class PostgresFault
{
    /// <summary>Whether an exception is one of the database or of the way to it.</summary>
    public static bool Is(Exception fault) =>
        fault is NpgsqlException or TimeoutException or SocketException or IOException and not GofsException or ObjectDisposedException;

    /// <summary>The exception to throw for it.</summary>
    public static GofsException Of(Exception fault, string database) => fault switch
    {
        PostgresException { SqlState: PostgresErrorCodes.DataCorrupted or PostgresErrorCodes.IndexCorrupted } damaged =>
            new(GofsError.EditLogCorrupt, $"the database is damaged ({damaged.MessageText})", database, fault),
        PostgresException { SqlState: PostgresErrorCodes.DiskFull } =>
            new(GofsError.Unavailable, "the disk of the EditLog database is full", database, fault),
        PostgresException refused => new(GofsError.Unavailable, $"the EditLog database failed ({refused.SqlState}: {refused.MessageText})", database, fault),
        _ => new(GofsError.Unavailable, $"the EditLog database does not answer ({fault.Message})", database, fault),
    };
}
