using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>The system calls .NET does not have.</summary>
internal static partial class LibC
{
    /// <summary>No space left on device.</summary>
    public const int NoSpace = 28;

    private const int QuotaExceeded = 122;

    /// <summary>Whether an I/O failure says the disk is full, and not that it is broken.</summary>
    public static bool IsNoSpace(IOException failed) => failed.HResult is NoSpace or QuotaExceeded;

    /// <summary>Puts a file's data, and what of its metadata is needed to read them, on stable storage.</summary>
    public static void SyncData(SafeFileHandle file) => Check(FDataSync(file), "fdatasync");

    /// <summary>Puts everything of the file system that a file is on, on stable storage.</summary>
    public static void SyncFileSystem(SafeFileHandle file) => Check(SyncFs(file), "syncfs");

    /// <summary>Puts a folder's names on stable storage.</summary>
    public static void SyncFolder(string folder)
    {
        using var handle = OpenFolder(folder);
        Check(FSync(handle), "fsync");
    }

    /// <summary>Opens a folder.</summary>
    public static SafeFileHandle OpenFolder(string folder)
    {
        const int readOnlyDirectoryCloseOnExec = 0x10000 | 0x80000;
        const int readOnlyDirectoryCloseOnExecArm64 = 0x4000 | 0x80000;
        var flags = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? readOnlyDirectoryCloseOnExecArm64 : readOnlyDirectoryCloseOnExec;
        var handle = new SafeFileHandle(Open(folder, flags), ownsHandle: true);
        return handle.IsInvalid ? throw Failure("open") : handle;
    }

    private static void Check(int result, string call)
    {
        if (result != 0) throw Failure(call);
    }

    private static IOException Failure(string call)
    {
        var errno = Marshal.GetLastPInvokeError();
        return new IOException($"{call}: {Marshal.GetPInvokeErrorMessage(errno)}", errno);
    }

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int FDataSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "syncfs", SetLastError = true)]
    private static partial int SyncFs(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);
}
