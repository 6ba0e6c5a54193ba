using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Gofs.Chunks;

namespace Gofs.Transport;

/// <summary>
/// The connections to data ports, up to four to each: for large writes; for large reads, with a thread of its own; for the small requests that should
/// not wait behind either; and for the question whether the server lives, which waits behind nothing. One is made when it is first wanted; where that
/// failed, nobody tries again for a second.
/// </summary>
internal sealed class DataConnections(TimeProvider time, TimeSpan connectTimeout) : IDisposable
{
    /// <summary>Transfers of so many bytes go over the connection for large ones.</summary>
    public const int LargeBytes = 64 << 10;

    private static readonly TimeSpan NotAgainFor = TimeSpan.FromSeconds(1);
    private readonly ConcurrentDictionary<(IPEndPoint Server, Kind Kind), Line> lines = new();
    private volatile bool disposed;

    /// <summary>An open connection for a request with so many bytes of data, or null when the server can't be reached now.</summary>
    public ValueTask<DataConnection?> FindAsync(IPEndPoint server, int dataBytes, CancellationToken cancellation) =>
        FindAsync(server, dataBytes >= LargeBytes ? Kind.Large : Kind.Small, cancellation);

    /// <summary>An open connection for a request whose answer has so many bytes of data, or null when the server can't be reached now.</summary>
    public ValueTask<DataConnection?> FindForReadAsync(IPEndPoint server, int answerBytes, CancellationToken cancellation) =>
        FindAsync(server, answerBytes >= LargeBytes ? Kind.LargeRead : Kind.Small, cancellation);

    /// <summary>Asks a server whether it lives; false when it can't be reached or has not answered within <paramref name="limit"/>.</summary>
    public async Task<bool> IsAliveAsync(
        IPEndPoint server, ChunkHandle handle, ChunkVersion version, ChunkToken token, TimeSpan limit, CancellationToken cancellation)
    {
        if (await FindAsync(server, Kind.Question, cancellation) is not { } connection) return false;
        try
        {
            var ping = new FrameHeader { Op = FrameOp.Ping, Flags = FrameFlags.Token, Handle = handle, Version = version };
            await connection.CallAsync(ping, token, [], default, default, limit, null, cancellation);
            return true;
        }
        catch (GofsException failure)
        {
            // Whatever else it says, it lives.
            return failure.Error is not (GofsError.Timeout or GofsError.Unavailable);
        }
    }

    /// <summary>Whether a connection to the server has ever been made: where not, its port may be closed to this client for good.</summary>
    public bool WasReached(IPEndPoint server) => lines.Any(line => line.Key.Server.Equals(server) && line.Value.WasReached);

    private ValueTask<DataConnection?> FindAsync(IPEndPoint server, Kind kind, CancellationToken cancellation)
    {
        var line = lines.GetOrAdd((server, kind), static _ => new());
        return line.Open is { IsOpen: true } open ? new(open) : new(OpenAsync(line, server, kind == Kind.LargeRead, cancellation));
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

    private Task<DataConnection?> OpenAsync(Line line, IPEndPoint server, bool hasThread, CancellationToken cancellation)
    {
        Task<DataConnection?> opening;
        lock (line)
        {
            if (line.Open is { IsOpen: true } open) return Task.FromResult<DataConnection?>(open);
            if (disposed || (line.FailedAt != 0 && time.GetElapsedTime(line.FailedAt) < NotAgainFor)) return Task.FromResult<DataConnection?>(null);
            if (line.Opening is null or { IsCompleted: true }) line.Opening = ConnectAsync(line, server, hasThread);
            opening = line.Opening;
        }

        return opening.WaitAsync(cancellation);
    }

    // For all that wait: whoever began it may be gone when it ends.
    private async Task<DataConnection?> ConnectAsync(Line line, IPEndPoint server, bool hasThread)
    {
        await Task.Yield();
        using var limit = new CancellationTokenSource(connectTimeout, time);
        DataConnection? made = null;
        try
        {
            made = await DataConnection.OpenAsync(server, time, hasThread, limit.Token);
        }
        catch (Exception refused) when (refused is SocketException or OperationCanceledException)
        {
            // What this means (another way, another server) is the caller's to say.
        }

        lock (line)
        {
            line.FailedAt = made is null ? Math.Max(1, time.GetTimestamp()) : 0;
            line.Open = made;
            line.WasReached |= made is not null;
            if (disposed) made?.Dispose();
        }

        return made;
    }

    private enum Kind
    {
        Small,
        Large,
        LargeRead,
        Question,
    }

    private sealed class Line
    {
        public volatile bool WasReached;
        public volatile DataConnection? Open;
        public Task<DataConnection?>? Opening;
        public long FailedAt;
    }
}
