using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Gofs.Grains.ChunkServers;
using Gofs.Transport;
using Microsoft.Win32.SafeHandles;

namespace Gofs.Silo.ChunkServer.Network;

/// <summary>
/// Gives who is on the same machine the files of replicas, open for reading (<see cref="FileDoor"/> has the protocol and who dies). One request at a time
/// for each connection; whoever asks for anything else, or takes no answer, is closed.
/// </summary>
internal sealed class FileDoorServer : IAsyncDisposable
{
    /// <summary>Connections at once; more are closed as they come.</summary>
    public const int MostSessions = 1024;

    private readonly Socket listener;
    private readonly IChunkStore store;
    private readonly ClusterKey key;
    private readonly TimeProvider time;
    private readonly ConcurrentDictionary<Socket, bool> sessions = new();
    private readonly CancellationTokenSource stop = new();
    private readonly Task accepting;

    private FileDoorServer(Socket listener, IChunkStore store, ClusterKey key, TimeProvider time, Action<Exception> onAcceptFailed)
    {
        (this.listener, this.store, this.key, this.time) = (listener, store, key, time);
        store.SharesEnd += CloseAll;
        accepting = Task.Run(() => AcceptLoop.RunAsync(listener, Take, onAcceptFailed, time, stop.Token), CancellationToken.None);
    }

    /// <summary>Listens beside a data port.</summary>
    /// <param name="port">Which.</param>
    /// <param name="store">Whose files.</param>
    /// <param name="key">What tokens are signed with.</param>
    /// <param name="time">The clock.</param>
    /// <param name="onAcceptFailed">Hears of a connection that could not be taken.</param>
    /// <exception cref="SocketException">It can't: another has the door.</exception>
    public static FileDoorServer Start(IPEndPoint port, IChunkStore store, ClusterKey key, TimeProvider time, Action<Exception> onAcceptFailed)
    {
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            listener.Bind(FileDoor.Of(port));
            listener.Listen();
            return new(listener, store, key, time, onAcceptFailed);
        }
        catch
        {
            listener.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        store.SharesEnd -= CloseAll;
        listener.Dispose();
        await accepting;
        CloseAll();
    }

    private void CloseAll()
    {
        foreach (var session in sessions.Keys) session.Dispose();
    }

    private void Take(Socket session)
    {
        if (sessions.Count >= MostSessions) session.Dispose();
        else _ = Task.Run(() => ServeAsync(session), CancellationToken.None);
    }

    private async Task ServeAsync(Socket session)
    {
        sessions[session] = true;
        using var receiver = new FrameReceiver(session);
        try
        {
            while (!stop.IsCancellationRequested && await receiver.ReadHeadAsync(stop.Token))
            {
                if (receiver.Header is { DataLength: > 0 } or { IsAnswer: true }) return;
                await AnswerAsync(session, receiver.Header, receiver.Token);
            }
        }
        catch (Exception broken) when (broken is SocketException or IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The client is gone, or asks for nothing that makes sense: either way it is closed.
        }
        finally
        {
            sessions.TryRemove(session, out _);
            session.Dispose();
        }
    }

    private async Task AnswerAsync(Socket session, FrameHeader request, ChunkToken token)
    {
        SafeFileHandle? file = null;
        var status = 0;
        try
        {
            if (request.Op != FrameOp.Ping) file = await ShareAsync(request, token);
        }
        catch (GofsException refused)
        {
            status = 1 + (int)refused.Error;
        }

        using (file)
        {
            var bytes = new byte[FrameHeader.Bytes];
            new FrameHeader { Op = request.Op, Flags = FrameFlags.Answer, RequestId = request.RequestId, Status = status }.Format(bytes, default, []);
            FileDoorCalls.Send(session.SafeHandle, bytes, file);
        }
    }

    private ValueTask<SafeFileHandle?> ShareAsync(FrameHeader request, ChunkToken token)
    {
        if (request.Op != FrameOp.Share) throw new GofsException(GofsError.InvalidArgument, $"there is no operation {(int)request.Op} at the door for files");
        if (!key.Allows(token, request.Handle, request.Version, ChunkRights.Read, time.GetUtcNow()))
            throw new GofsException(GofsError.TokenRefused, "the token does not allow to read, or no more");
        return store.ShareAsync(request.Handle, request.Version, stop.Token);
    }
}
