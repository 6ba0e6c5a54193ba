using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Gofs.Transport;

/// <summary>
/// The connections to data ports: two to each, one for large transfers and one for the small requests that should not wait behind them. One is
/// made when it is first wanted; where that failed, nobody tries again for a second.
/// </summary>
internal sealed class DataConnections(TimeProvider time, TimeSpan connectTimeout) : IDisposable
{
    /// <summary>Transfers of so many bytes go over the connection for large ones.</summary>
    public const int LargeBytes = 64 << 10;

    private static readonly TimeSpan NotAgainFor = TimeSpan.FromSeconds(1);
    private readonly ConcurrentDictionary<(IPEndPoint Server, bool Large), Line> lines = new();
    private volatile bool disposed;

    /// <summary>An open connection, or null when the server can't be reached now.</summary>
    public ValueTask<DataConnection?> FindAsync(IPEndPoint server, int transferBytes, CancellationToken cancellation)
    {
        var line = lines.GetOrAdd((server, transferBytes >= LargeBytes), static _ => new());
        return line.Open is { IsOpen: true } open ? new(open) : new(OpenAsync(line, server, cancellation));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        disposed = true;
        foreach (var line in lines.Values)
        {
            lock (line) line.Open?.Dispose();
        }
    }

    private Task<DataConnection?> OpenAsync(Line line, IPEndPoint server, CancellationToken cancellation)
    {
        Task<DataConnection?> opening;
        lock (line)
        {
            if (line.Open is { IsOpen: true } open) return Task.FromResult<DataConnection?>(open);
            if (disposed || (line.FailedAt != 0 && time.GetElapsedTime(line.FailedAt) < NotAgainFor)) return Task.FromResult<DataConnection?>(null);
            if (line.Opening is null or { IsCompleted: true }) line.Opening = ConnectAsync(line, server);
            opening = line.Opening;
        }

        return opening.WaitAsync(cancellation);
    }

    // For all that wait: whoever began it may be gone when it ends.
    private async Task<DataConnection?> ConnectAsync(Line line, IPEndPoint server)
    {
        await Task.Yield();
        using var limit = new CancellationTokenSource(connectTimeout, time);
        DataConnection? made = null;
        try
        {
            made = await DataConnection.OpenAsync(server, time, limit.Token);
        }
        catch (Exception refused) when (refused is SocketException or OperationCanceledException)
        {
            // What this means (another way, another server) is the caller's to say.
        }

        lock (line)
        {
            line.FailedAt = made is null ? Math.Max(1, time.GetTimestamp()) : 0;
            line.Open = made;
            if (disposed) made?.Dispose();
        }

        return made;
    }

    private sealed class Line
    {
        public volatile DataConnection? Open;
        public Task<DataConnection?>? Opening;
        public long FailedAt;
    }
}
