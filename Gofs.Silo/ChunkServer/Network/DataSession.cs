using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using Gofs.Transport;

namespace Gofs.Silo.ChunkServer.Network;

/// <summary>
/// One connection to the data port. Requests are read one after the other and worked on at once, up to <see cref="MostLarge"/> with large data
/// and <see cref="MostSmall"/> others; when that many are, nothing more is read, and the client's kernel waits. An answer goes out when it is ready; those of
/// requests that arrived together go out together where they can.
/// <para>
/// While large requests come one after the other, the connection has a thread of its own, which waits for them and for room to answer in the kernel:
/// through the runtime's poll thread and the pool each MiB would wake several. After <see cref="Idle"/> without a request the thread is given up.
/// </para>
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "Requests outlive the connection and release then; these semaphores hold nothing to dispose of.")]
internal sealed class DataSession(Socket socket, DataRequests requests, TimeProvider time)
{
    /// <summary>Requests at once that carry or want more than <see cref="DataConnections.LargeBytes"/>.</summary>
    public const int MostLarge = 16;

    /// <summary>Others at once.</summary>
    public const int MostSmall = 64;

    /// <summary>Connections of all clients that have a thread at once; more go without.</summary>
    private const int MostThreads = 256;

    private static int threads;

    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(2);
    private readonly SemaphoreSlim large = new(MostLarge, MostLarge);
    private readonly SemaphoreSlim small = new(MostSmall, MostSmall);
    private FrameSender? sender;

    /// <summary>Who is at the other end.</summary>
    public EndPoint? Client { get; } = socket.RemoteEndPoint;

    /// <summary>How long the client has taken nothing.</summary>
    public TimeSpan Stuck => Volatile.Read(ref sender)?.Stuck ?? TimeSpan.Zero;

    /// <summary>Serves until the client closes, or the connection breaks.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.Corrupt"/>: what comes are no requests.</exception>
    public async Task RunAsync()
    {
        using var receiver = new FrameReceiver(socket);
        using var answers = new FrameSender(socket, time, _ => Close());
        Volatile.Write(ref sender, answers);
        try
        {
            while (await receiver.ReadHeadAsync(CancellationToken.None))
            {
                var isLarge = IsLarge(receiver.Header);
                await TakeAsync(receiver, answers);
                if (isLarge && TryTakeThread() && !await Task.Factory.StartNew(
                    () => TakeOnThread(receiver, answers), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)) break;
            }
        }
        catch (Exception broken) when (broken is SocketException or ObjectDisposedException or EndOfStreamException)
        {
            // The client is gone; what it asked for ends by itself.
        }
        finally
        {
            Close();
        }
    }

    /// <summary>Closes the connection.</summary>
    public void Close() => socket.Dispose();

    private static bool IsLarge(FrameHeader header) =>
        Math.Max(header.DataLength, header.Op == FrameOp.Read ? header.Amount : 0) >= DataConnections.LargeBytes;

    private static bool TryTakeThread()
    {
        if (Interlocked.Increment(ref threads) <= MostThreads) return true;
        Interlocked.Decrement(ref threads);
        return false;
    }

    // All that is awaited here has ended when it returns. False: the client has closed.
    private bool TakeOnThread(FrameReceiver receiver, FrameSender answers)
    {
        try
        {
            socket.Blocking = false;
            (receiver.HasThread, answers.WaitingThread) = (true, Environment.CurrentManagedThreadId);
            while (receiver.WaitForSome(Idle))
            {
                if (!receiver.ReadHeadAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult()) return false;
                TakeAsync(receiver, answers).AsTask().GetAwaiter().GetResult();
            }

            return true;
        }
        finally
        {
            (receiver.HasThread, answers.WaitingThread) = (false, 0);
            Interlocked.Decrement(ref threads);
        }
    }

    private async ValueTask TakeAsync(FrameReceiver receiver, FrameSender answers)
    {
        var header = receiver.Header;
        if (header.IsAnswer) throw new GofsException(GofsError.Corrupt, "an answer to nothing");
        var room = IsLarge(header) ? large : small;
        if (!room.Wait(0, CancellationToken.None))
        {
            answers.LetGo();
            // Ends when a request does, and each does by the limits of the store and the chain.
            if (receiver.HasThread) room.Wait(CancellationToken.None);
            else await room.WaitAsync(CancellationToken.None);
        }

        var data = header.DataLength == 0 ? [] : LargeBuffers.Shared.Rent(header.DataLength);
        if (data.Length > 0) answers.LetGo();
        try
        {
            await receiver.ReadDataAsync(data.AsMemory(0, header.DataLength), CancellationToken.None);
        }
        catch
        {
            if (data.Length > 0) LargeBuffers.Shared.Return(data);
            throw;
        }

        var hasNext = receiver.HasHead;
        if (hasNext) answers.Hold();
        _ = requests.ServeAsync(new(header, receiver.Token, receiver.Hops, data, answers, room));
        if (!hasNext) answers.LetGo();
    }
}
