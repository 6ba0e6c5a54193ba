using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Gofs.Transport;

/// <summary>One frame to be sent. Its data stay as they are until they were sent; then its owner, if it has one, is told.</summary>
internal readonly record struct OutgoingFrame(
    FrameHeader Header, ChunkToken Token, IPEndPoint[] Hops, ReadOnlyMemory<byte> Data, IDisposable? Owner = null);

/// <summary>
/// Sends frames over a socket in the order they are given: whoever comes while nobody is sending sends, for all who come meanwhile; small frames
/// go out together, and so do those given while it is held. How many may wait is bounded by whoever makes them (requests in flight).
/// </summary>
/// <param name="socket">The socket.</param>
/// <param name="time">The clock.</param>
/// <param name="failed">Told, once, that the connection broke.</param>
/// <param name="sendsHere">Sends on the thread of whoever comes: for frames so small that the kernel has room for all that can be on the way.</param>
internal sealed class FrameSender(Socket socket, TimeProvider time, Action<Exception> failed, bool sendsHere = false) : IDisposable
{
    private const int BatchBytes = 64 << 10;
    private const int LargestCopied = 16 << 10;
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);
    private readonly byte[] batch = LargeBuffers.Shared.Rent(BatchBytes);
    private readonly Lock gate = new();
    private List<OutgoingFrame> waiting = [];
    private List<OutgoingFrame> sending = [];
    private bool isSending;
    private bool isHeld;
    private bool closed;
    private bool isFreed;
    private long since;

    /// <summary>How long the kernel has not taken what there is to send; zero while it does.</summary>
    public TimeSpan Stuck => Volatile.Read(ref since) is var start && start == 0 ? TimeSpan.Zero : time.GetElapsedTime(start);

    /// <summary>
    /// The thread whose frames are sent before <see cref="Send"/> returns, however long the other side takes; 0: nobody's. The socket was told not to block
    /// (<see cref="Socket.Blocking"/>).
    /// </summary>
    public int WaitingThread { get; set; }

    /// <summary>Frames wait until they are let go: more are coming at once. Whoever holds them must not wait for anybody meanwhile.</summary>
    public void Hold()
    {
        lock (gate) isHeld = true;
    }

    /// <summary>What was held is sent.</summary>
    public void LetGo()
    {
        lock (gate)
        {
            if (!isHeld) return;
            isHeld = false;
            if (isSending || closed || waiting.Count == 0) return;
            isSending = true;
        }

        _ = SendAllAsync();
    }

    /// <summary>Gives a frame to be sent. A connection that broke is told to the failure callback, once.</summary>
    public void Send(in OutgoingFrame frame)
    {
        lock (gate)
        {
            if (closed)
            {
                frame.Owner?.Dispose();
                return;
            }

            waiting.Add(frame);
            if (isSending || isHeld) return;
            isSending = true;
        }

        _ = SendAllAsync();
    }

    /// <summary>Nothing more is sent.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            closed = true;
            if (!isSending) Free();
        }
    }

    private async Task SendAllAsync()
    {
        try
        {
            while (TakeAll()) await SendTakenAsync();
        }
        catch (Exception broken)
        {
            lock (gate)
            {
                closed = true;
                Free();
            }

            failed(broken);
        }
    }

    private bool TakeAll()
    {
        lock (gate)
        {
            foreach (var sent in sending) sent.Owner?.Dispose();
            sending.Clear();
            if (closed) Free();
            if (waiting.Count == 0)
            {
                isSending = false;
                return false;
            }

            (waiting, sending) = (sending, waiting);
            return true;
        }
    }

    // The gate is held; nobody is sending. Both lists are emptied, so that what had an owner has none here any more.
    private void Free()
    {
        foreach (var frame in sending) frame.Owner?.Dispose();
        foreach (var frame in waiting) frame.Owner?.Dispose();
        sending.Clear();
        waiting.Clear();
        if (isFreed) return;
        isFreed = true;
        LargeBuffers.Shared.Return(batch);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask SendTakenAsync()
    {
        var used = 0;
        for (var i = 0; i < sending.Count; i++)
        {
            var copies = sending[i].Data.Length <= LargestCopied;
            if (used + FrameHeader.MostHeadBytes + (copies ? sending[i].Data.Length : 0) > BatchBytes)
            {
                await SendAsync(batch.AsMemory(0, used));
                used = 0;
            }

            used += Format(sending[i], batch.AsSpan(used), copies);
            if (copies) continue;
            await SendAsync(batch.AsMemory(0, used));
            used = 0;
            await SendAsync(sending[i].Data);
        }

        if (used > 0) await SendAsync(batch.AsMemory(0, used));
    }

    private static int Format(in OutgoingFrame frame, Span<byte> to, bool copies)
    {
        var used = frame.Header.Format(to, frame.Token, frame.Hops);
        if (!copies) return used;
        frame.Data.Span.CopyTo(to[used..]);
        return used + frame.Data.Length;
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
    {
        Volatile.Write(ref since, Math.Max(1, time.GetTimestamp()));
        var waits = WaitingThread == Environment.CurrentManagedThreadId;
        while (bytes.Length > 0)
        {
            var sent = waits ? SendWaiting(bytes.Span)
                : sendsHere ? socket.Send(bytes.Span, SocketFlags.None)
                : await socket.SendAsync(bytes, SocketFlags.None);
            bytes = bytes[sent..];
        }

        Volatile.Write(ref since, 0);
    }

    // Who never takes anything is closed by whoever looks at how long it has been stuck.
    private int SendWaiting(ReadOnlySpan<byte> bytes)
    {
        while (true)
        {
            var sent = socket.Send(bytes, SocketFlags.None, out var error);
            if (error == SocketError.Success) return sent;
            if (error != SocketError.WouldBlock) throw new SocketException((int)error);
            socket.Poll(LookAgain, SelectMode.SelectWrite);
        }
    }
}
