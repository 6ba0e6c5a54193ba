using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Gofs.Transport;

/// <summary>
/// Takes frames from a socket: many small ones with one call to the kernel, the data of large ones straight to where they go. Used by one
/// reader at a time. Nothing is allocated for a frame.
/// </summary>
/// <param name="socket">The socket.</param>
/// <param name="hasThread">See <see cref="HasThread"/>.</param>
internal sealed class FrameReceiver(Socket socket, bool hasThread = false) : IDisposable
{
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(30);

    private const int BufferBytes = 64 << 10;
    private readonly byte[] buffer = LargeBuffers.Shared.Rent(BufferBytes);
    private int from;
    private int to;
    private long received;

    /// <summary>
    /// Whether it waits in the kernel on the reader's thread, which is its own then: every call has ended when it returns. The socket blocks, or was told not
    /// to (<see cref="Socket.Blocking"/>).
    /// </summary>
    public bool HasThread { get; set; } = hasThread;

    /// <summary>Whether the next head has arrived already.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.Corrupt"/>: what has arrived is none.</exception>
    public bool HasHead => to - from >= FrameHeader.Bytes && FrameHeader.Parse(buffer.AsSpan(from)).HeadBytes <= to - from;

    /// <summary>Waits, on this thread, until something arrives or the other side closes; false: nothing did.</summary>
    public bool WaitForSome(TimeSpan limit) => from < to || socket.Poll(limit, SelectMode.SelectRead);

    /// <summary>The head that was read last.</summary>
    public FrameHeader Header { get; private set; }

    /// <summary>Its token, when it has one.</summary>
    public ChunkToken Token { get; private set; }

    /// <summary>Where it goes on to.</summary>
    public IPEndPoint[] Hops { get; private set; } = [];

    /// <summary>Bytes that have arrived, ever: whether somebody is there.</summary>
    public long Received => Volatile.Read(ref received);

    /// <summary>Waits for the next head. False: the other side has closed, between two frames.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.Corrupt"/>: what arrives are no frames; the connection is of no more use.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> ReadHeadAsync(CancellationToken cancellation)
    {
        if (from == to)
        {
            from = to = 0;
            if (await ReceiveAsync(buffer, cancellation) is var count && count == 0) return false;
            to = count;
        }

        while (to - from < FrameHeader.Bytes) await FillAsync(cancellation);
        var header = FrameHeader.Parse(buffer.AsSpan(from));
        while (to - from < header.HeadBytes) await FillAsync(cancellation);
        Take(header);
        return true;
    }

    /// <summary>Reads the data of the head that was read last, or a part of them.</summary>
    /// <exception cref="IOException">The connection broke.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask ReadDataAsync(Memory<byte> into, CancellationToken cancellation)
    {
        var buffered = Math.Min(to - from, into.Length);
        buffer.AsSpan(from, buffered).CopyTo(into.Span);
        from += buffered;
        into = into[buffered..];
        while (into.Length > 0)
        {
            var count = await ReceiveAsync(into, cancellation);
            if (count == 0) throw Ended();
            into = into[count..];
        }
    }

    /// <summary>Passes over data nobody wants.</summary>
    public async ValueTask SkipDataAsync(int count, CancellationToken cancellation)
    {
        while (count > 0)
        {
            if (from == to) await FillAsync(cancellation);
            var some = Math.Min(to - from, count);
            from += some;
            count -= some;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => LargeBuffers.Shared.Return(buffer);

    private void Take(FrameHeader header)
    {
        var head = buffer.AsSpan(from, header.HeadBytes);
        FrameHeader.CheckCrc(head);
        Header = header;
        var at = FrameHeader.Bytes;
        if ((header.Flags & FrameFlags.Token) != 0)
        {
            Token = ChunkToken.Parse(head[at..]);
            at += ChunkToken.Bytes;
        }
        else
        {
            Token = default;
        }

        Hops = header.Hops == 0 ? [] : new IPEndPoint[header.Hops];
        for (var i = 0; i < header.Hops; i++, at += FrameHeader.HopBytes) Hops[i] = FrameHeader.ParseHop(head[at..]);
        from += at;
    }

    private async ValueTask FillAsync(CancellationToken cancellation)
    {
        if (from > 0)
        {
            buffer.AsSpan(from, to - from).CopyTo(buffer);
            to -= from;
            from = 0;
        }

        var count = await ReceiveAsync(buffer.AsMemory(to), cancellation);
        if (count == 0) throw Ended();
        to += count;
    }

    private async ValueTask<int> ReceiveAsync(Memory<byte> into, CancellationToken cancellation)
    {
        var count = HasThread ? Receive(into.Span) : await socket.ReceiveAsync(into, SocketFlags.None, cancellation);
        Volatile.Write(ref received, received + count);
        return count;
    }

    private int Receive(Span<byte> into)
    {
        while (true)
        {
            var count = socket.Receive(into, SocketFlags.None, out var error);
            if (error == SocketError.Success) return count;
            if (error != SocketError.WouldBlock) throw new SocketException((int)error);
            if (!socket.Poll(LongestSilence, SelectMode.SelectRead)) throw new SocketException((int)SocketError.TimedOut);
        }
    }

    private static EndOfStreamException Ended() => new("the connection ended within a frame");
}
