using Npgsql;
using NpgsqlTypes;

namespace Gofs.Grains.EditLogs.Postgres;

/// <summary>Values for the places of a command, in their order.</summary>
internal static class PostgresBinding
{
    /// <summary>Binds a 64-bit number.</summary>
    public static NpgsqlCommand Bind(this NpgsqlCommand command, long value) => command.Bind(value, NpgsqlDbType.Bigint);

    /// <summary>Binds a 32-bit number.</summary>
    public static NpgsqlCommand Bind(this NpgsqlCommand command, int value) => command.Bind(value, NpgsqlDbType.Integer);

    /// <summary>Binds a value of a type; a list stays the caller's, who may fill it anew for each use.</summary>
    public static NpgsqlCommand Bind<T>(this NpgsqlCommand command, T value, NpgsqlDbType type)
    {
        command.Parameters.Add(new NpgsqlParameter<T> { TypedValue = value, NpgsqlDbType = type });
        return command;
    }
}
