using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Gofs.Grains.ChunkServers;
using Gofs.Transport;

namespace Gofs.Silo.ChunkServer.Network;

/// <summary>
/// The chunk server's data port: frames over plain TCP, straight to the chunk store (docs/formats.md has the frames), and over a Unix domain socket for
/// who is on the same machine (<see cref="LocalDoor"/>), who is given files too (<see cref="FileDoor"/>). Why beside the grain: a grain call carries a
/// fifth of what a socket does, and everything else on its connection waits behind it.
/// <para>
/// Who dies. A client: its connection ends, what it asked for is done or not, nobody is told. A client that takes no answers: its connection is
/// closed after <see cref="StuckLimit"/>. The next server of a chain: the request fails, with how far it came. This server: the clients'
/// connections break, the outcome of what was on the way is unknown to them.
/// </para>
/// </summary>
internal sealed partial class DataServer : IAsyncDisposable
{
    /// <summary>Connections at once; more are closed as they come.</summary>
    public const int MostSessions = 4096;

    private const int MostUnaccepted = 512;

    private static readonly TimeSpan StuckLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly Socket[] listeners;
    private readonly FileDoorServer? files;
    private readonly DataRequests requests;
    private readonly DataConnections next;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly CancellationTokenSource stop = new();
    private readonly ConcurrentDictionary<DataSession, bool> sessions = new();
    private readonly ITimer clock;
    private readonly Task accepting;

    private DataServer(
        Socket[] listeners, FileDoorServer? files, IChunkStore store, IRecordAppends appends, ClusterKey key, TimeProvider time, ILogger logger,
        DataMetrics? metrics, ClientUse? clients)
    {
        (this.listeners, this.files, this.time, this.logger) = (listeners, files, time, logger);
        next = new(time, TimeSpan.FromSeconds(1));
        requests = new(store, appends, key, new(next), time, metrics, clients);
        metrics?.ShowConnections(() => sessions.Count);
        Address = (IPEndPoint)listeners[0].LocalEndPoint!;
        clock = time.CreateTimer(_ => CloseStuck(), null, LookEvery, LookEvery);
        accepting = Task.WhenAll(listeners.Select(listener => Task.Run(
            () => AcceptLoop.RunAsync(listener, Take, failed => LogAcceptFailed(logger, failed), time, stop.Token), CancellationToken.None)));
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint Address { get; }

    /// <summary>Listens; port 0 is any that is free.</summary>
    /// <param name="address">Where.</param>
    /// <param name="store">The chunks.</param>
    /// <param name="appends">Where records are put in order.</param>
    /// <param name="key">What tokens are signed with.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Hears of what is wrong.</param>
    /// <param name="metrics">What is counted, or null.</param>
    /// <param name="hasDoor">Whether who is on this machine may come by Unix domain sockets, where the system has them.</param>
    /// <param name="clients">Hears of clients' requests, or null.</param>
    /// <exception cref="GofsException"><see cref="GofsError.InvalidArgument"/>: it can't listen there.</exception>
    public static DataServer Start(
        IPEndPoint address, IChunkStore store, IRecordAppends appends, ClusterKey key, TimeProvider time, ILogger logger, DataMetrics? metrics = null,
        bool hasDoor = true, ClientUse? clients = null)
    {
        List<Socket> listeners = [];
        try
        {
            var port = (IPEndPoint)Listen(new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp), address, listeners).LocalEndPoint!;
            var hasDoors = hasDoor && OperatingSystem.IsLinux();
            if (hasDoors) Listen(LocalDoor.NewSocket(), LocalDoor.Of(port), listeners);
            var files = hasDoors ? FileDoorServer.Start(port, store, key, time, failed => LogAcceptFailed(logger, failed)) : null;
            return new([.. listeners], files, store, appends, key, time, logger, metrics, clients);
        }
        catch (SocketException refused)
        {
            foreach (var listener in listeners) listener.Dispose();
            throw new GofsException(GofsError.InvalidArgument, $"can't listen on {address} for data: {refused.Message}", "", refused);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (stop.IsCancellationRequested) return;
        await stop.CancelAsync();
        foreach (var listener in listeners) listener.Dispose();
        if (files is not null) await files.DisposeAsync();
        await clock.DisposeAsync();
        await accepting;
        foreach (var session in sessions.Keys) session.Close();
        next.Dispose();
    }

    private static Socket Listen(Socket socket, EndPoint at, List<Socket> listeners)
    {
        listeners.Add(socket);
        socket.Bind(at);
        socket.Listen(MostUnaccepted);
        return socket;
    }

    private void Take(Socket socket)
    {
        if (sessions.Count >= MostSessions)
        {
            LogTooMany(logger, MostSessions);
            socket.Dispose();
            return;
        }

        Prepare(socket);
        var session = new DataSession(socket, requests, time);
        // On another thread: one whose requests are always there already would keep this from accepting others.
        _ = Task.Run(() => ServeAsync(session), CancellationToken.None);
    }

    private static void Prepare(Socket socket)
    {
        if (socket.AddressFamily == AddressFamily.Unix)
        {
            LocalDoor.Prepare(socket);
            return;
        }

        socket.NoDelay = true;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
    }

    private async Task ServeAsync(DataSession session)
    {
        sessions[session] = true;
        try
        {
            await session.RunAsync();
        }
        catch (GofsException wrong)
        {
            LogWrong(logger, session.Client, wrong);
        }
        finally
        {
            sessions.TryRemove(session, out _);
        }
    }

    private void CloseStuck()
    {
        foreach (var session in sessions.Keys)
        {
            if (session.Stuck <= StuckLimit) continue;
            LogStuck(logger, session.Client);
            session.Close();
        }
    }

    [LoggerMessage(3101, LogLevel.Warning, "There are {Most} connections to the data port; another was closed")]
    private static partial void LogTooMany(ILogger logger, int most);

    [LoggerMessage(3102, LogLevel.Warning, "A connection to the data port was not accepted")]
    private static partial void LogAcceptFailed(ILogger logger, Exception failed);

    [LoggerMessage(3103, LogLevel.Warning, "What {Client} sends to the data port makes no sense; its connection was closed")]
    private static partial void LogWrong(ILogger logger, EndPoint? client, Exception wrong);

    [LoggerMessage(3104, LogLevel.Warning, "{Client} takes no answers from the data port; its connection was closed")]
    private static partial void LogStuck(ILogger logger, EndPoint? client);
}
