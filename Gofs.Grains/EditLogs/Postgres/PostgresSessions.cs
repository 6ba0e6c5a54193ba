using System.Globalization;
using Npgsql;

namespace Gofs.Grains.EditLogs.Postgres;

/// <summary>
/// How sessions with PostgreSQL are set up. Commits are durable and read committed whatever the server's defaults are; nobody waits for
/// a lock, an answer or a stopped process without bound. The settings travel with the connection's start: no round trip is spent on them.
/// </summary>
internal static class PostgresSessions
{
    /// <summary>Longest wait for a row another silo has locked. Locks live only while the server runs a commit.</summary>
    private const int LockTimeoutMs = 2000;

    /// <summary>A session that stops within a transaction is ended after this: its locks are let go.</summary>
    private const int IdleInTransactionMs = 1000;

    private const int KeepAliveSeconds = 5;
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(0.25);
    private const string ByKey = "-c enable_seqscan=off -c jit=off";

    /// <summary>
    /// The one session that writes, opened anew after each fault: not pooled. All it does is by key, and its plans, made while tables are small, are used for
    /// ever: none may read a table through.
    /// </summary>
    public static NpgsqlDataSource ForWriting(EditLogOptions options) => NpgsqlDataSource.Create(
        Base(options, $"-c synchronous_commit=on -c lock_timeout={LockTimeoutMs} -c idle_in_transaction_session_timeout={IdleInTransactionMs} {ByKey}", pooled: false));

    /// <summary>Sessions that read: pooled, at most one for each stream loaded at once and a few.</summary>
    public static NpgsqlDataSource ForReading(EditLogOptions options)
    {
        var settings = Base(options, "-c default_transaction_read_only=on", pooled: true);
        settings.MaxPoolSize = options.ConcurrentLoads + 4;
        return NpgsqlDataSource.Create(settings);
    }

    /// <summary>A session that runs scripts, which may wait for another silo that does.</summary>
    public static NpgsqlDataSource ForScripts(EditLogOptions options)
    {
        var settings = Base(options, "-c synchronous_commit=on", pooled: false);
        settings.CommandTimeout = 60;
        return NpgsqlDataSource.Create(settings);
    }

    /// <summary>
    /// Opens a session, in bounded time. The driver's own limit is not always one: a server that stops while the two agree on encryption was seen to hold a
    /// caller of its synchronous open for a quarter of an hour.
    /// </summary>
    /// <exception cref="TimeoutException">No session in time.</exception>
    public static NpgsqlConnection Open(NpgsqlDataSource source)
    {
        using var patience = new CancellationTokenSource();
        var opening = source.OpenConnectionAsync(patience.Token).AsTask();
        if (opening.IsCompletedSuccessfully) return opening.Result; // one that the pool had
        var limit = TimeSpan.FromSeconds(new NpgsqlConnectionStringBuilder(source.ConnectionString).Timeout) + Margin;
        patience.CancelAfter(limit);
        try
        {
            return opening.WaitAsync(limit + Margin).GetAwaiter().GetResult();
        }
        catch (Exception late) when (late is TimeoutException or OperationCanceledException)
        {
            // One that is opened after all is nobody's.
            opening.ContinueWith(static ended => ended.Result.Dispose(), TaskContinuationOptions.OnlyOnRanToCompletion);
            throw new TimeoutException($"no session within {limit.TotalSeconds:0.#} s", late);
        }
    }

    /// <summary>The database as messages name it.</summary>
    public static string NameOf(string connection)
    {
        var settings = new NpgsqlConnectionStringBuilder(connection);
        return string.Create(CultureInfo.InvariantCulture, $"postgresql://{settings.Host}:{settings.Port}/{settings.Database ?? settings.Username}");
    }

    private static NpgsqlConnectionStringBuilder Base(EditLogOptions options, string session, bool pooled)
    {
        var settings = new NpgsqlConnectionStringBuilder(options.PostgresConnection);
        var timeoutMs = (long)options.CommitTimeout.TotalMilliseconds;
        settings.Options = FormattableString.Invariant(
            $@"{settings.Options} -c default_transaction_isolation=read\ committed -c statement_timeout={timeoutMs} {session}").TrimStart();
        settings.ApplicationName ??= "gofs editlog";
        settings.Pooling = pooled;
        settings.Timeout = (int)Math.Ceiling(options.ConnectTimeout.TotalSeconds);
        settings.CommandTimeout = (int)Math.Ceiling(options.CommitTimeout.TotalSeconds);
        settings.CancellationTimeout = 1000;
        settings.TcpKeepAlive = true;
        settings.TcpKeepAliveTime = KeepAliveSeconds;
        settings.TcpKeepAliveInterval = KeepAliveSeconds;
        return settings;
    }
}
