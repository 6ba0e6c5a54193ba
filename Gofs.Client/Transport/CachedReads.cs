using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Gofs.Transport;

/// <summary>Reads of what is in memory already: they wait for no disk. Linux.</summary>
internal static unsafe partial class CachedReads
{
    private const int Interrupted = 4;
    private const int WouldWait = 11;
    private const int NotSupported = 95;
    private const int OnlyCached = 8; // RWF_NOWAIT
    private const int FileSystemBytes = 256; // struct statfs, with room to spare
    private const int MemoryFileSystem = 0x01021994; // tmpfs

    /// <summary>
    /// Reads once what is in the page cache; 0 at the end of the file, -1 when the first byte is not in it or the file system can't say.
    /// </summary>
    /// <param name="file">What of.</param>
    /// <param name="into">Where to.</param>
    /// <param name="offset">Where from.</param>
    /// <param name="isInMemory">Whether all of its file system is memory, where nobody can be asked what of it is (<see cref="IsInMemory"/>).</param>
    /// <exception cref="IOException">It failed; <see cref="Exception.HResult"/> is the errno.</exception>
    public static int Read(SafeFileHandle file, Span<byte> into, long offset, bool isInMemory = false)
    {
        fixed (byte* to = into)
        {
            var range = new Range { Start = to, Length = (nuint)into.Length };
            while (true)
            {
                var read = ReadRanges(file, &range, 1, offset, isInMemory ? 0 : OnlyCached);
                if (read >= 0) return (int)read;
                var errno = Marshal.GetLastPInvokeError();
                if (errno is WouldWait or NotSupported) return -1;
                if (errno != Interrupted) throw new IOException($"preadv2: {Marshal.GetPInvokeErrorMessage(errno)}", errno);
            }
        }
    }

    /// <summary>Whether all of the file system that a file or folder is on is memory (tmpfs).</summary>
    public static bool IsInMemory(SafeFileHandle file)
    {
        var system = stackalloc byte[FileSystemBytes];
        return FileSystemOf(file, system) == 0 && *(long*)system == MemoryFileSystem;
    }

    [LibraryImport("libc", EntryPoint = "preadv2", SetLastError = true)]
    private static partial nint ReadRanges(SafeFileHandle file, Range* ranges, int count, long offset, int flags);

    [LibraryImport("libc", EntryPoint = "fstatfs")]
    private static partial int FileSystemOf(SafeFileHandle file, byte* system);

    [StructLayout(LayoutKind.Sequential)]
    private struct Range
    {
        public byte* Start;
        public nuint Length;
    }
}
