using System.Net;
using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;

namespace Gofs.Ctl.Bench;

/// <summary>
/// What sockets on this machine carry when nothing else is done with the bytes: a thread preads pieces of a cached file and sends them, another takes
/// them in. The ceiling of whatever reads over the network.
/// </summary>
internal static class SocketCeiling
{
    private const int PieceBytes = 1 << 20;
    private const int FileBytes = 64 << 20;

    /// <summary>MiB a second over one connection.</summary>
    public static double Stream(string folder, long size)
    {
        using var file = MakeFile(folder);
        var (server, client) = Connect();
        using (server)
        using (client)
        {
            var sending = new Thread(() =>
            {
                var piece = new byte[PieceBytes];
                for (long at = 0; at < size; at += PieceBytes) SendAll(server, piece.AsSpan(0, RandomAccess.Read(file, piece, at % FileBytes)));
                server.Shutdown(SocketShutdown.Send);
            });
            var taken = new byte[PieceBytes];
            long total = 0;
            var started = TimeProvider.System.GetTimestamp();
            sending.Start();
            while (client.Receive(taken) is var count && count > 0) total += count;
            var seconds = TimeProvider.System.GetElapsedTime(started).TotalSeconds;
            sending.Join();
            return total / (double)PieceBytes / seconds;
        }
    }

    /// <summary>Requests a second for pieces of <paramref name="bytes"/> at random places, one connection and two threads for each that asks at once.</summary>
    public static double Random(string folder, int bytes, int atOnce, int count)
    {
        using var file = MakeFile(folder);
        var pairs = Enumerable.Range(0, atOnce).Select(_ => Connect()).ToArray();
        var each = Math.Max(1, count / atOnce);
        Thread[] threads =
        [
            .. pairs.Select(pair => new Thread(() => Serve(pair.Server, file, bytes))),
            .. pairs.Select((pair, i) => new Thread(() => Ask(pair.Client, bytes, each, i))),
        ];
        var started = TimeProvider.System.GetTimestamp();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        return each * atOnce / TimeProvider.System.GetElapsedTime(started).TotalSeconds;
    }

    private static void Serve(Socket socket, SafeFileHandle file, int bytes)
    {
        using (socket)
        {
            var (place, piece) = (new byte[8], new byte[bytes]);
            while (ReceiveAll(socket, place))
            {
                RandomAccess.Read(file, piece, BitConverter.ToInt64(place));
                SendAll(socket, piece);
            }
        }
    }

    private static void Ask(Socket socket, int bytes, int count, int seed)
    {
        using (socket)
        {
            var random = new Random(seed);
            var piece = new byte[bytes];
            for (var i = 0; i < count; i++)
            {
                SendAll(socket, BitConverter.GetBytes(random.NextInt64(FileBytes / bytes) * bytes));
                ReceiveAll(socket, piece);
            }
        }
    }

    private static SafeFileHandle MakeFile(string folder)
    {
        var path = System.IO.Path.Combine(folder, $".gofs-bench-{Guid.NewGuid():N}");
        var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, FileOptions.DeleteOnClose);
        RandomAccess.Write(file, new byte[FileBytes], 0);
        return file;
    }

    private static (Socket Server, Socket Client) Connect()
    {
        using var listener = new Socket(SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        var client = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.Connect(listener.LocalEndPoint!);
        var server = listener.Accept();
        server.NoDelay = true;
        return (server, client);
    }

    private static void SendAll(Socket socket, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty) bytes = bytes[socket.Send(bytes)..];
    }

    private static bool ReceiveAll(Socket socket, Span<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var count = socket.Receive(bytes);
            if (count == 0) return false;
            bytes = bytes[count..];
        }

        return true;
    }
}
