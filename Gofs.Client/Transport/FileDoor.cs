using System.Net;
using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;

namespace Gofs.Transport;

/// <summary>
/// A client's connection to the third door of a chunk server, where who is on the same machine gets a replica's file, open for reading, in his own process
/// (unix(7), SCM_RIGHTS). Why: what is in memory already need not go through two sockets and a second process; a random read costs some system
/// calls, and the server nothing. What HDFS calls short-circuit reads.
/// <para>
/// The protocol: frames as on the data port, one at a time. <see cref="FrameOp.Share"/> with a token for reading is answered by a head with status 0 and the
/// open file, or with a refusal; <see cref="FrameOp.Ping"/> by a head. There are never data. The file is the truth for both: the server keeps nothing
/// of a replica back from it (what its journal has is in the file before it is acknowledged), so a reader that finds, after it has read, the version in
/// the head, the file's name still there and this connection open has read what the server would have given it. Bytes are checked against
/// the slots' CRCs; whatever does not match is left to the server to find out (<see cref="LocalReplica"/>).
/// </para>
/// <para>
/// Who dies, or changes his mind. The server's process: the kernel closes the connection, and nothing is read from files it gave. A server that hangs: no
/// file of it is read when it has not answered for <see cref="Trust"/>, which is less than anybody waits before he goes on without it. A replica that is
/// deleted loses its name, one that takes another version has it in its head. A server that takes replicas out of service in another way (a failed disk, a
/// damaged replica) closes all these connections first. The client: its files are closed with it. What a client has a file of it may read as long as it
/// likes, as with bytes it was sent; it is asked for with a token, which lasts minutes, and the SDK lets go of it when that has run out.
/// </para>
/// </summary>
internal sealed class FileDoor : IDisposable
{
    /// <summary>How long an answer shows that the server lives.</summary>
    public static readonly TimeSpan Trust = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private readonly Socket socket;
    private readonly TimeProvider time;
    private readonly SemaphoreSlim turn = new(1, 1);
    private readonly byte[] buffer = new byte[FrameHeader.MostHeadBytes];
    private long answeredAt;
    private ulong requests;
    private int proving;
    private volatile bool isClosed;

    private FileDoor(Socket socket, TimeProvider time) => (this.socket, this.time, answeredAt) = (socket, time, time.GetTimestamp());

    /// <summary>Whether it is of no more use.</summary>
    public bool IsClosed => isClosed;

    /// <summary>Whether the server has answered lately. Half the time before it has not it is asked again, when somebody looks here.</summary>
    public bool IsTrusted
    {
        get
        {
            var age = time.GetElapsedTime(Volatile.Read(ref answeredAt));
            if (age > Trust / 2 && !isClosed && Interlocked.Exchange(ref proving, 1) == 0) _ = ProveAsync();
            return age <= Trust && !isClosed;
        }
    }

    /// <summary>The door of a data port.</summary>
    public static UnixDomainSocketEndPoint Of(IPEndPoint port) => new($"\0gofs-files/{port}");

    /// <summary>Connects.</summary>
    /// <exception cref="SocketException">The server has no such door, or nobody is there.</exception>
    /// <exception cref="TimeoutException">It does not take the connection.</exception>
    public static async Task<FileDoor> OpenAsync(IPEndPoint port, TimeProvider time)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(Of(port)).WaitAsync(Patience, time);
            return new(socket, time);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Whether, at this moment, the server's process is there and has not closed the connection.</summary>
    public bool IsOpenThere() => !isClosed && !FileDoorCalls.IsClosedThere(socket.SafeHandle);

    /// <summary>Asks for a chunk's file; null: the server does not give it, for a reason it would give a reader, or none of its files.</summary>
    /// <exception cref="GofsException">The door is closed, now or before; it was asked and gave no answer.</exception>
    public Task<SafeFileHandle?> ShareAsync(ChunkAccess chunk) =>
        AskAsync(new() { Op = FrameOp.Share, Flags = FrameFlags.Token, Handle = chunk.Handle, Version = chunk.Version }, chunk.Token);

    /// <inheritdoc/>
    public void Dispose()
    {
        isClosed = true;
        socket.Dispose();
    }

    private async Task ProveAsync()
    {
        try
        {
            await AskAsync(new() { Op = FrameOp.Ping }, default);
        }
        catch (GofsException)
        {
            // It is closed now, and who wants a file asks anew.
        }
        finally
        {
            Volatile.Write(ref proving, 0);
        }
    }

    private async Task<SafeFileHandle?> AskAsync(FrameHeader request, ChunkToken token)
    {
        SafeFileHandle? file = null;
        try
        {
            if (!await turn.WaitAsync(Patience)) throw new TimeoutException("it has not answered others");
            try
            {
                using var limit = new CancellationTokenSource(Patience, time);
                var asked = time.GetTimestamp();
                request = request with { RequestId = ++requests, LimitMilliseconds = (int)Patience.TotalMilliseconds };
                await socket.SendAsync(buffer.AsMemory(0, request.Format(buffer, token, [])), SocketFlags.None, limit.Token);
                // What the file comes with must not be received by the runtime, which would throw it away.
                if (await socket.ReceiveAsync(buffer.AsMemory(0, 1), SocketFlags.Peek, limit.Token) == 0) throw new IOException("it was closed by the server");
                var received = FileDoorCalls.Receive(socket.SafeHandle, buffer.AsSpan(0, FrameHeader.Bytes), out file);
                CheckAnswer(buffer.AsSpan(0, received), request.RequestId);
                Volatile.Write(ref answeredAt, asked);
                return file;
            }
            finally
            {
                turn.Release();
            }
        }
        catch (Exception broken) when (broken is SocketException or IOException or OperationCanceledException or TimeoutException or ObjectDisposedException)
        {
            Dispose();
            file?.Dispose();
            throw broken as GofsException ?? new GofsException(GofsError.Unavailable, $"the door for files is closed: {broken.Message}", "", broken);
        }
    }

    private static void CheckAnswer(ReadOnlySpan<byte> bytes, ulong requestId)
    {
        if (bytes.Length != FrameHeader.Bytes) throw new IOException($"an answer of {bytes.Length} bytes");
        var answer = FrameHeader.Parse(bytes);
        FrameHeader.CheckCrc(bytes);
        if (answer.RequestId != requestId || !answer.IsAnswer) throw new IOException("it answered something else");
    }
}
