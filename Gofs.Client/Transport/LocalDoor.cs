using System.Buffers.Binary;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Gofs.Transport;

/// <summary>
/// A data port's second door, for who is on the same machine: the same frames over a Unix domain socket. Why: such a socket carries twice what TCP over
/// loopback does for half the CPU time. The first server of a chain is often on the writer's machine, and so is a reader's nearest replica.
/// <para>
/// Its name is in the abstract name space of the machine's network (unix(7)): no file is left behind, and who is in another network namespace, a container say,
/// does not see it. It is derived from the port's address, and tried only for addresses that are this machine's own: a name that somebody takes here
/// can't stand for a server elsewhere. Tokens are asked for at both doors.
/// </para>
/// </summary>
internal static class LocalDoor
{
    /// <summary>What a sending side asks the kernel to hold, in bytes; it gives what its limits allow.</summary>
    private const int SendBytes = 1 << 20;

    private const int SocketLevel = 1;
    private const int SendTimeout = 21;

    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromSeconds(30);
    private static volatile Own? own;

    /// <summary>The door of a data port.</summary>
    public static UnixDomainSocketEndPoint Of(IPEndPoint port) => new($"\0gofs-data/{port}");

    /// <summary>Whether a data port is on this machine, and so may have a door here.</summary>
    public static bool IsHere(IPEndPoint port, TimeProvider time) =>
        OperatingSystem.IsLinux() && (IPAddress.IsLoopback(port.Address) || OwnAddresses(time).Contains(port.Address));

    /// <summary>A socket for either side.</summary>
    public static Socket NewSocket() => Prepare(new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified));

    /// <summary>Makes a socket that a door has accepted ready.</summary>
    public static Socket Prepare(Socket socket)
    {
        socket.SendBufferSize = SendBytes;
        return socket;
    }

    /// <summary>
    /// How long a blocking socket may wait in the kernel to connect or send; zero: for ever. Closing it does not end its wait for room in the queue of a
    /// server that hangs, this does (socket(7), SO_SNDTIMEO; the runtime's own time limit is not the kernel's).
    /// </summary>
    public static void LimitWaits(Socket socket, TimeSpan limit)
    {
        Span<byte> time = stackalloc byte[16]; // struct timeval
        BinaryPrimitives.WriteInt64LittleEndian(time, (long)limit.TotalSeconds);
        BinaryPrimitives.WriteInt64LittleEndian(time[8..], limit.Microseconds + (limit.Milliseconds * 1000L));
        socket.SetRawSocketOption(SocketLevel, SendTimeout, time);
    }

    private static HashSet<IPAddress> OwnAddresses(TimeProvider time)
    {
        if (own is { } seen && time.GetElapsedTime(seen.At) < LookAgainAfter) return seen.Addresses;
        HashSet<IPAddress> now;
        try
        {
            now = [.. NetworkInterface.GetAllNetworkInterfaces().SelectMany(one => one.GetIPProperties().UnicastAddresses).Select(one => one.Address)];
        }
        catch (Exception unknown) when (unknown is NetworkInformationException or IOException or UnauthorizedAccessException or PlatformNotSupportedException)
        {
            // A process that may not know goes by TCP.
            now = [];
        }

        return (own = new(now, time.GetTimestamp())).Addresses;
    }

    private sealed record Own(HashSet<IPAddress> Addresses, long At);
}
