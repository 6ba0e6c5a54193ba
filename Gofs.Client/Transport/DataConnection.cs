using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;

namespace Gofs.Transport;

/// <summary>
/// A connection to a chunk server's data port, with up to <see cref="MostCalls"/> requests on the way. Answers come in any order.
/// <para>
/// Who dies. The server or the network: every call on the way fails as <see cref="GofsError.Unavailable"/>, the connection is of no more use and
/// whoever has it makes another. A server that hangs: a call ends with its time; when nothing at all has arrived since it was sent, the
/// connection is given up with all that are on it. A caller who cancels: its call ends at once, the answer is thrown away. A call that takes long
/// may have somebody who looks why, after a while and then every second (<see cref="ISlowCall"/>): how long a transfer takes says little about whether
/// the server lives.
/// </para>
/// </summary>
internal sealed class DataConnection : IDisposable
{
    /// <summary>Calls that may be on the way; more wait for one to end.</summary>
    public const int MostCalls = 64;

    /// <summary>Under this key a refusal's data say which hop refused, when it was not the server that was asked.</summary>
    public const string FailedHopKey = "gofs.failed-hop";

    private const int MostWords = 4096;
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestLocalConnect = TimeSpan.FromMilliseconds(200);

    private readonly Socket socket;
    private readonly TimeProvider time;
    private readonly FrameReceiver receiver;
    private readonly FrameSender sender;
    private readonly ITimer clock;
    private readonly Lock gate = new();
    private readonly PendingCall[] calls = new PendingCall[MostCalls];
    private readonly Stack<PendingCall> free = new(MostCalls);
    private readonly SemaphoreSlim room = new(MostCalls, MostCalls);
    private ulong generation;
    private GofsException? broken;

    private DataConnection(Socket socket, IPEndPoint server, TimeProvider time, bool hasThread)
    {
        (this.socket, Server, this.time) = (socket, server, time);
        for (var i = 0; i < MostCalls; i++) free.Push(calls[i] = new(i));
        receiver = new(socket, hasThread);
        sender = new(socket, time, Break, sendsHere: hasThread);
        clock = time.CreateTimer(static at => ((DataConnection)at!).EndLate(), this, LookEvery, LookEvery);
        if (hasThread) new Thread(() => ReceiveAllAsync().GetAwaiter().GetResult()) { Name = "gofs data", IsBackground = true }.Start();
        else _ = Task.Run(ReceiveAllAsync, CancellationToken.None);
    }

    /// <summary>Where it leads.</summary>
    public IPEndPoint Server { get; }

    /// <summary>Whether it goes by the door for this machine.</summary>
    public bool IsLocal => socket.AddressFamily == AddressFamily.Unix;

    /// <summary>Whether it can be used.</summary>
    public bool IsOpen => Volatile.Read(ref broken) is null;

    /// <summary>Connects: by the door for this machine where there is one, else by TCP.</summary>
    /// <param name="server">Where to.</param>
    /// <param name="time">The clock.</param>
    /// <param name="hasThread">
    /// For requests without data whose answers are large: a thread of the connection's own waits for them in the kernel, which wakes it and nobody
    /// else. Through the runtime's poll thread and the pool, three threads would share the cores with the server.
    /// </param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="SocketException">Nobody listens there.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static async Task<DataConnection> OpenAsync(IPEndPoint server, TimeProvider time, bool hasThread, CancellationToken cancellation)
    {
        var socket = await ConnectLocallyAsync(server, time, hasThread, cancellation)
            ?? await ConnectAsync(NewTcpSocket(server), server, hasThread, cancellation);
        return new(socket, server, time, hasThread);
    }

    /// <summary>
    /// Sends a request and waits for its answer, whose data go to <paramref name="destination"/>. The request's id
    /// and limit are set here. When this has failed, <paramref name="data"/> may still be being sent; the destination is never touched after it ended.
    /// </summary>
    /// <exception cref="GofsException">What the server says; <see cref="GofsError.Timeout"/>, <see cref="GofsError.Unavailable"/>, <see cref="GofsError.Corrupt"/>.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<FrameAnswer> CallAsync(
        FrameHeader request, ChunkToken token, IPEndPoint[] hops, ReadOnlyMemory<byte> data, Memory<byte> destination, TimeSpan limit,
        ISlowCall? slow, CancellationToken cancellation)
    {
        if (!room.Wait(0, CancellationToken.None) && !await room.WaitAsync(limit, cancellation))
            throw new GofsException(GofsError.Busy, $"{MostCalls} requests are on the way to it already", Server.ToString());
        PendingCall call;
        try
        {
            call = Begin(request, token, hops, data, destination, limit, slow, cancellation);
        }
        catch
        {
            room.Release();
            throw;
        }

        try
        {
            return await call.Answer;
        }
        finally
        {
            lock (gate)
            {
                call.End();
                free.Push(call);
            }

            room.Release();
        }
    }

    /// <summary>Closes; calls on the way fail.</summary>
    public void Dispose() => Break(new ObjectDisposedException(nameof(DataConnection)));

    // Null: not on this machine, or a server that has only its port.
    private static async Task<Socket?> ConnectLocallyAsync(IPEndPoint server, TimeProvider time, bool hasThread, CancellationToken cancellation)
    {
        if (!LocalDoor.IsHere(server, time)) return null;
        try
        {
            return await ConnectAsync(LocalDoor.NewSocket(), LocalDoor.Of(server), hasThread, cancellation);
        }
        catch (SocketException)
        {
            return null;
        }
    }

    private static Socket NewTcpSocket(IPEndPoint server)
    {
        var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        return socket;
    }

    private static async Task<Socket> ConnectAsync(Socket socket, EndPoint to, bool hasThread, CancellationToken cancellation)
    {
        try
        {
            // A socket that has once waited asynchronously never blocks in the kernel again.
            if (hasThread)
            {
                await Task.Factory.StartNew(
                    () => ConnectHere(socket, to), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).WaitAsync(cancellation);
                return socket;
            }

            await socket.ConnectAsync(to, cancellation);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static void ConnectHere(Socket socket, EndPoint to)
    {
        if (to is UnixDomainSocketEndPoint) LocalDoor.LimitWaits(socket, LongestLocalConnect);
        socket.Connect(to);
        if (to is UnixDomainSocketEndPoint) LocalDoor.LimitWaits(socket, TimeSpan.Zero);
    }

    private PendingCall Begin(
        FrameHeader request, ChunkToken token, IPEndPoint[] hops, ReadOnlyMemory<byte> data, Memory<byte> destination, TimeSpan limit,
        ISlowCall? slow, CancellationToken cancellation)
    {
        PendingCall call;
        lock (gate)
        {
            if (broken is { } why) throw why;
            call = free.Pop();
            var id = (++generation * MostCalls) + (ulong)call.Index;
            call.Begin(id, destination, After(limit), receiver.Received, slow, slow is null ? 0 : After(slow.First));
        }

        if (cancellation.CanBeCanceled)
        {
            call.Listen(cancellation.UnsafeRegister(
                static (at, token) => ((Cancelled)at!).Run(token), new Cancelled(this, call, call.RequestId)));
        }

        sender.Send(new(request with { RequestId = call.RequestId, Hops = hops.Length, LimitMilliseconds = (int)limit.TotalMilliseconds }, token, hops, data));
        return call;
    }

    private sealed record Cancelled(DataConnection Connection, PendingCall Call, ulong RequestId)
    {
        public void Run(CancellationToken token) => Connection.EndEarly(Call, RequestId, new OperationCanceledException(token));
    }

    // Data that are just arriving go to the caller's memory: only the end of the connection stops that.
    private void EndEarly(PendingCall call, ulong requestId, Exception why)
    {
        lock (gate)
        {
            if (call.RequestId != requestId) return;
            if (call.State == PendingCall.Phase.Waiting) call.Fail(why);
            else if (call.State != PendingCall.Phase.Filling) return;
            else Close(why);
        }
    }

    private long After(TimeSpan some) => time.GetTimestamp() + (long)(some.TotalSeconds * time.TimestampFrequency);

    private void EndLate()
    {
        var now = time.GetTimestamp();
        lock (gate)
        {
            foreach (var call in calls)
            {
                if (call.State is not (PendingCall.Phase.Waiting or PendingCall.Phase.Filling)) continue;
                if (now >= call.AskAt && call.State == PendingCall.Phase.Waiting) Ask(call);
                if (now < call.Deadline) continue;
                var late = new GofsException(GofsError.Timeout, "no answer in time", Server.ToString());
                if (call.State == PendingCall.Phase.Filling || receiver.Received == call.ReceivedBefore) Close(late);
                else call.Fail(late);
            }
        }
    }

    // The gate is held.
    private void Ask(PendingCall call)
    {
        call.AskAt = long.MaxValue;
        var (slow, requestId) = (call.Slow!, call.RequestId);
        _ = Task.Run(async () =>
        {
            var why = await slow.LookAsync();
            if (why is not null) EndEarly(call, requestId, why);
            lock (gate)
            {
                if (call.RequestId == requestId && call.State == PendingCall.Phase.Waiting) call.AskAt = After(Slow);
            }
        });
    }

    private async Task ReceiveAllAsync()
    {
        try
        {
            while (await receiver.ReadHeadAsync(CancellationToken.None)) await TakeAnswerAsync();
            Break(new EndOfStreamException("the chunk server closed the connection"));
        }
        catch (Exception failure)
        {
            Break(failure);
        }
        finally
        {
            lock (gate)
            {
                // What was being received into is the caller's again only now.
                foreach (var call in calls)
                {
                    if (call.State is PendingCall.Phase.Waiting or PendingCall.Phase.Filling) call.Fail(broken!);
                }
            }

            receiver.Dispose();
        }
    }

    private async ValueTask TakeAnswerAsync()
    {
        var header = receiver.Header;
        if (!header.IsAnswer) throw new GofsException(GofsError.Corrupt, "a chunk server asks its client", Server.ToString());
        if (header.Status != 0)
        {
            await TakeRefusalAsync(header);
            return;
        }

        var call = calls[header.RequestId % MostCalls];
        Memory<byte> into;
        lock (gate)
        {
            var isWaited = call.RequestId == header.RequestId && call.State == PendingCall.Phase.Waiting;
            if (isWaited && call.Destination.Length < header.DataLength)
                throw new GofsException(GofsError.Corrupt, $"it sent {header.DataLength} bytes of {call.Destination.Length} asked for", Server.ToString());
            if (!isWaited) call = null;
            else call.Fill();
            into = call is null ? default : call.Destination[..header.DataLength];
        }

        if (call is null)
        {
            await receiver.SkipDataAsync(header.DataLength, CancellationToken.None);
            return;
        }

        await receiver.ReadDataAsync(into, CancellationToken.None);
        var isWhole = Crc32C.Compute(into.Span) == header.DataCrc;
        lock (gate)
        {
            if (isWhole) call.Succeed(new(header.DataLength, header.Op == FrameOp.Read ? 0 : header.Offset));
            else call.Fail(new GofsException(GofsError.Corrupt, "what it sent does not match its CRC", Server.ToString()));
        }
    }

    private async ValueTask TakeRefusalAsync(FrameHeader header)
    {
        if (header.DataLength > MostWords) throw new GofsException(GofsError.Corrupt, "its refusal is too long", Server.ToString());
        var words = new byte[header.DataLength];
        await receiver.ReadDataAsync(words, CancellationToken.None);
        var why = new GofsException((GofsError)(header.Status - 1), Encoding.UTF8.GetString(words), header.Handle.ToString());
        if (header.FailedHop > 0) why.Data[FailedHopKey] = header.FailedHop;
        EndEarly(calls[header.RequestId % MostCalls], header.RequestId, why);
    }

    private void Break(Exception why)
    {
        lock (gate) Close(why);
    }

    // The gate is held.
    private void Close(Exception why)
    {
        if (broken is not null) return;
        broken = why as GofsException
            ?? new GofsException(GofsError.Unavailable, $"the connection to the chunk server broke: {why.Message}", Server.ToString(), why);
        clock.Dispose();
        socket.Dispose();
        sender.Dispose();
    }
}
