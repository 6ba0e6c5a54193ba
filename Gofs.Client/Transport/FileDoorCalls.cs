using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Gofs.Transport;

/// <summary>The system calls of <see cref="FileDoor"/> that .NET lacks: Linux, 64 bits.</summary>
internal static unsafe partial class FileDoorCalls
{
    private const int Interrupted = 4;
    private const int SocketLevel = 1;
    private const int Rights = 1; // SCM_RIGHTS
    private const int DoNotWait = 0x40;
    private const int NoSignal = 0x4000;
    private const int CloseOnExec = 0x40000000;
    private const int HeadBytes = 16; // struct cmsghdr
    private const int ControlBytes = 24; // one descriptor, padded
    private const int StatusBytes = 256; // struct statx
    private const int LinkCountAt = 16;
    private const int EmptyPath = 0x1000;
    private const int WantsLinkCount = 4;
    private const short PeerClosed = 0x2000;

    /// <summary>Sends bytes, and an open file with the first of them, at once or not at all.</summary>
    /// <exception cref="IOException">The other side is gone, or takes nothing.</exception>
    public static void Send(SafeSocketHandle socket, ReadOnlySpan<byte> bytes, SafeFileHandle? file)
    {
        var taken = false;
        var control = stackalloc byte[ControlBytes];
        try
        {
            file?.DangerousAddRef(ref taken);
            fixed (byte* from = bytes)
            {
                var range = new Range { Start = from, Length = (nuint)bytes.Length };
                var message = new Message { Ranges = &range, RangeCount = 1 };
                if (file is not null)
                {
                    *(nuint*)control = HeadBytes + sizeof(int);
                    *(int*)(control + 8) = SocketLevel;
                    *(int*)(control + 12) = Rights;
                    *(int*)(control + HeadBytes) = (int)file.DangerousGetHandle();
                    message.Control = control;
                    message.ControlBytes = ControlBytes;
                }

                while (true)
                {
                    var sent = SendMessage(socket, &message, DoNotWait | NoSignal);
                    if (sent == bytes.Length) return;
                    if (sent >= 0 || Marshal.GetLastPInvokeError() != Interrupted) throw Failure("sendmsg");
                }
            }
        }
        finally
        {
            if (taken) file!.DangerousRelease();
        }
    }

    /// <summary>Receives what has arrived, and the open file that came with it.</summary>
    /// <exception cref="IOException">Nothing has arrived, or the connection broke.</exception>
    public static int Receive(SafeSocketHandle socket, Span<byte> into, out SafeFileHandle? file)
    {
        file = null;
        var control = stackalloc byte[ControlBytes];
        new Span<byte>(control, ControlBytes).Clear();
        fixed (byte* to = into)
        {
            var range = new Range { Start = to, Length = (nuint)into.Length };
            var message = new Message { Ranges = &range, RangeCount = 1, Control = control, ControlBytes = ControlBytes };
            nint received;
            while ((received = ReceiveMessage(socket, &message, DoNotWait | CloseOnExec)) < 0)
            {
                if (Marshal.GetLastPInvokeError() != Interrupted) throw Failure("recvmsg");
            }

            var hasFile = message.ControlBytes >= HeadBytes + sizeof(int) && *(int*)(control + 8) == SocketLevel && *(int*)(control + 12) == Rights;
            if (hasFile) file = new(*(int*)(control + HeadBytes), ownsHandle: true);
            return (int)received;
        }
    }

    /// <summary>Whether the other side of a connection has closed it, or its process is gone.</summary>
    public static bool IsClosedThere(SafeSocketHandle socket)
    {
        var taken = false;
        try
        {
            socket.DangerousAddRef(ref taken);
            var asked = new Asked { Descriptor = (int)socket.DangerousGetHandle(), Events = PeerClosed };
            return Poll(&asked, 1, 0) != 0;
        }
        catch (ObjectDisposedException)
        {
            return true;
        }
        finally
        {
            if (taken) socket.DangerousRelease();
        }
    }

    /// <summary>Whether a file has a name still.</summary>
    public static bool HasName(SafeFileHandle file)
    {
        var status = stackalloc byte[StatusBytes];
        return StatusOf(file, "", EmptyPath, WantsLinkCount, status) == 0 && *(uint*)(status + LinkCountAt) > 0;
    }

    private static IOException Failure(string call)
    {
        var errno = Marshal.GetLastPInvokeError();
        return new IOException($"{call}: {Marshal.GetPInvokeErrorMessage(errno)}", errno);
    }

    [LibraryImport("libc", EntryPoint = "sendmsg", SetLastError = true)]
    private static partial nint SendMessage(SafeSocketHandle socket, Message* message, int flags);

    [LibraryImport("libc", EntryPoint = "recvmsg", SetLastError = true)]
    private static partial nint ReceiveMessage(SafeSocketHandle socket, Message* message, int flags);

    [LibraryImport("libc", EntryPoint = "poll")]
    private static partial int Poll(Asked* asked, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatusOf(SafeFileHandle file, string path, int flags, uint mask, byte* status);

    [StructLayout(LayoutKind.Sequential)]
    private struct Range
    {
        public byte* Start;
        public nuint Length;
    }

    // struct msghdr
    [StructLayout(LayoutKind.Sequential)]
    private struct Message
    {
        public void* Name;
        public nuint NameBytes;
        public Range* Ranges;
        public nuint RangeCount;
        public byte* Control;
        public nuint ControlBytes;
        public int Flags;
    }

    // struct pollfd
    [StructLayout(LayoutKind.Sequential)]
    private struct Asked
    {
        public int Descriptor;
        public short Events;
        public short Happened;
    }
}
