using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Gofs.Tests.EditLogs;
using Npgsql;
using Xunit;

[assembly: AssemblyFixture(typeof(PostgresServer))]

namespace Gofs.Tests.EditLogs;

/// <summary>
/// A PostgreSQL server of this test run's own: made when the first test asks, on loopback, with fsync on, gone afterwards. Where PostgreSQL is not
/// installed the tests that ask are skipped.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private readonly Lazy<string> connection;
    private string? folder;
    private int databases;

    public PostgresServer() => connection = new(Start);

    private static string? Programs { get; } =
        Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql").Select(one => Path.Combine(one, "bin")).Where(bin => File.Exists(Path.Combine(bin, "initdb")))
                .OrderByDescending(bin => int.TryParse(bin.Split('/')[4], out var version) ? version : 0).FirstOrDefault()
            : null;

    /// <summary>Where clusters of this test run leave PostgreSQL's data as they are when just made, for the next: making them takes seconds.</summary>
    public static string Made { get; } = Path.Combine(Path.GetTempPath(), $"gofs-test-pg-made-{Environment.ProcessId}");

    /// <summary>Makes an empty database and answers its connection string; skips the test when there is no PostgreSQL.</summary>
    public string CreateDatabase()
    {
        Assert.SkipWhen(Programs is null, "PostgreSQL is not installed (Debian: apt-get install postgresql)");
        var name = $"gofs_{Interlocked.Increment(ref databases)}";
        using var admin = NpgsqlDataSource.Create(connection.Value + ";Database=postgres;Pooling=false");
        using var command = admin.CreateCommand($"CREATE DATABASE {name}");
        command.ExecuteNonQuery();
        return $"{connection.Value};Database={name}";
    }

    /// <summary>Restarts the server as a crash would: nothing is flushed, sessions break, recovery runs.</summary>
    public void Crash() => Control("restart", "-m", "immediate");

    /// <summary>Sends a signal to the sessions that write EditLogs, or to every process of the server.</summary>
    public void Signal(string signal, bool all)
    {
        var main = File.ReadLines($"{folder}/data/postmaster.pid").First();
        var own = File.ReadAllText($"/proc/{main}/task/{main}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string[] ids = all ? [.. own, main] : [.. own.Where(id => File.ReadAllText($"/proc/{id}/cmdline").Contains(" 127.0.0.1", StringComparison.Ordinal))];
        AsPostgres(["kill", $"-{signal}", .. ids]);
    }

    public ValueTask DisposeAsync()
    {
        if (Directory.Exists(Made)) Directory.Delete(Made, recursive: true);
        if (folder is null) return default;
        Control("stop", "-m", "immediate");
        Directory.Delete(folder, recursive: true);
        return default;
    }

    private string Start()
    {
        folder = AsPostgres("mktemp", "-d", "/tmp/gofs-test-pg-XXXXXX").Trim();
        AsPostgres(Path.Combine(Programs!, "initdb"), "-D", $"{folder}/data", "-U", "gofs", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync");
        var port = FreePort();
        File.AppendAllText($"{folder}/data/postgresql.conf", string.Create(CultureInfo.InvariantCulture, $"""

            listen_addresses = '127.0.0.1'
            port = {port}
            unix_socket_directories = '{folder}'
            max_connections = 100
            fsync = on
            """));
        Control("start");
        return string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={port};Username=gofs");
    }

    private void Control(params string[] arguments) =>
        AsPostgres([Path.Combine(Programs!, "pg_ctl"), "-D", $"{folder}/data", "-l", $"{folder}/log", "-w", "-t", "60", .. arguments]);

    // PostgreSQL does not run as root.
    private static string AsPostgres(params string[] command)
    {
        string[] whole = Environment.IsPrivilegedProcess ? ["runuser", "-u", "postgres", "--", .. command] : command;
        var start = new ProcessStartInfo(whole[0], whole[1..])
        {
            WorkingDirectory = "/tmp",
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{string.Join(' ', command)}: {errors.Result}{output}");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

/// <summary>A test class's own database.</summary>
public sealed class PostgresDatabase(PostgresServer server)
{
    private readonly Lazy<string> connection = new(server.CreateDatabase);

    public PostgresServer Server { get; } = server;

    /// <summary>Its connection string; skips the test when there is no PostgreSQL.</summary>
    public string Connection => connection.Value;

    public void Run(string sql)
    {
        using var source = NpgsqlDataSource.Create(Connection + ";Pooling=false");
        using var command = source.CreateCommand(sql);
        command.ExecuteNonQuery();
    }
}
