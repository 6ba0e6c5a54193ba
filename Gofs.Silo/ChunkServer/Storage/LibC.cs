using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>The system calls of a disk, straight: .NET lacks some of them, and wraps others in several more.</summary>
internal static partial class LibC
{
    /// <summary>No space left on device.</summary>
    public const int NoSpace = 28;

    /// <summary>Input/output error.</summary>
    public const int InputOutputError = 5;

    /// <summary>File exists.</summary>
    public const int Exists = 17;

    private const int QuotaExceeded = 122;
    private const int TooManyOpenInSystem = 23;
    private const int TooManyOpen = 24;
    private const int NotThere = 2;
    private const int Interrupted = 4;
    private const int NotSupported = 95;
    private const int ReadWrite = 2;
    private const int Create = 0x40;
    private const int Exclusive = 0x80;
    private const int CloseOnExec = 0x80000;
    private const int SeekEnd = 2;
    private const int KeepSize = 1;
    private const int PunchHole = 2;
    private const int NoReadAhead = 1;
    private const int NotNeeded = 4;
    private const int OwnerReadsAndWritesOthersRead = 0x1A4;

    /// <summary>Whether an I/O failure says the disk is full, and not that it is broken.</summary>
    public static bool IsNoSpace(IOException failed) => failed.HResult is NoSpace or QuotaExceeded;

    /// <summary>Whether a file could not be opened because too many are.</summary>
    public static bool IsTooManyOpen(IOException failed) => failed.HResult is TooManyOpen or TooManyOpenInSystem;

    /// <summary>Whether a read says that the disk does not give these bytes.</summary>
    public static bool IsUnreadable(IOException failed) => failed.HResult == InputOutputError;

    /// <summary>Opens a file.</summary>
    public static SafeFileHandle OpenFile(string path, DiskOpen how)
    {
        var flags = CloseOnExec | how switch
        {
            DiskOpen.New => ReadWrite | Create | Exclusive,
            DiskOpen.Any => ReadWrite | Create,
            DiskOpen.Passing => 0,
            _ => ReadWrite,
        };
        return Handle(Open(path, flags, OwnerReadsAndWritesOthersRead), path);
    }

    /// <summary>Opens a folder.</summary>
    public static SafeFileHandle OpenFolder(string path)
    {
        var directory = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x4000 : 0x10000;
        return Handle(Open(path, directory | CloseOnExec, 0), path);
    }

    /// <summary>Where the file ends.</summary>
    public static long LengthOf(SafeFileHandle file)
    {
        var end = Seek(file, 0, SeekEnd);
        return end >= 0 ? end : throw Failure("lseek");
    }

    /// <summary>Reads once; 0 at the end of the file.</summary>
    public static unsafe int Read(SafeFileHandle file, Span<byte> into, long offset)
    {
        fixed (byte* to = into)
        {
            while (true)
            {
                var read = PRead(file, to, (nuint)into.Length, offset);
                if (read >= 0) return (int)read;
                if (Marshal.GetLastPInvokeError() != Interrupted) throw Failure("pread");
            }
        }
    }

    /// <summary>What is read of a file is not read ahead.</summary>
    public static void ReadOnce(SafeFileHandle file) => Advise(file, 0, 0, NoReadAhead);

    /// <summary>A range need not stay in the page cache; what is not on the disk yet stays.</summary>
    public static void Uncache(SafeFileHandle file, long offset, long length) => Advise(file, offset, length, NotNeeded);

    /// <summary>Writes once; answers how much.</summary>
    public static unsafe int Write(SafeFileHandle file, ReadOnlySpan<byte> data, long offset)
    {
        fixed (byte* from = data)
        {
            while (true)
            {
                var written = PWrite(file, from, (nuint)data.Length, offset);
                if (written >= 0) return (int)written;
                if (Marshal.GetLastPInvokeError() != Interrupted) throw Failure("pwrite");
            }
        }
    }

    /// <summary>Cuts or extends a file.</summary>
    public static void SetLength(SafeFileHandle file, long length) => Check(FTruncate(file, length), "ftruncate");

    /// <summary>Allocates a range; where the file system can't, writing it will tell.</summary>
    public static void Reserve(SafeFileHandle file, long offset, long length)
    {
        if (FAllocate(file, KeepSize, offset, length) == 0) return;
        if (Marshal.GetLastPInvokeError() != NotSupported) throw Failure("fallocate");
    }

    /// <summary>Gives a range's room back; where the file system can't, it stays as it is.</summary>
    public static void Discard(SafeFileHandle file, long offset, long length)
    {
        if (FAllocate(file, PunchHole | KeepSize, offset, length) == 0) return;
        if (Marshal.GetLastPInvokeError() is not (NotSupported or NoSpace or QuotaExceeded)) throw Failure("fallocate");
    }

    /// <summary>Removes a name; one that is not there is passed over.</summary>
    public static void Delete(string path)
    {
        if (Unlink(path) != 0 && Marshal.GetLastPInvokeError() != NotThere) throw Failure("unlink");
    }

    /// <summary>Puts a file's data, and what of its metadata is needed to read them, on stable storage.</summary>
    public static void SyncData(SafeFileHandle file) => Check(FDataSync(file), "fdatasync");

    /// <summary>Begins to put a range on the disk, so that the sync that follows has little to do. Promises nothing.</summary>
    public static void StartWriteBack(SafeFileHandle file, long offset, long length)
    {
        const uint Write = 2;
        SyncFileRange(file, offset, length, Write);
    }

    /// <summary>Puts everything of the file system that a file is on, on stable storage.</summary>
    public static void SyncFileSystem(SafeFileHandle file) => Check(SyncFs(file), "syncfs");

    /// <summary>
    /// Names the mount that a file is on, for as long as the machine runs (from Linux 6.8 on no other ever gets the same, before that a later one may); 0 where
    /// the kernel does not tell (before 5.8).
    /// </summary>
    public static unsafe ulong MountOf(SafeFileHandle file)
    {
        const int EmptyPath = 0x1000;
        const uint MountId = 0x1000, UniqueMountId = 0x4000;
        var answer = stackalloc byte[256];
        Check(StatX(file, "", EmptyPath, MountId | UniqueMountId, answer), "statx");
        return (*(uint*)answer & (MountId | UniqueMountId)) == 0 ? 0 : *(ulong*)(answer + 144);
    }

    /// <summary>Puts a folder's names on stable storage.</summary>
    public static void SyncFolder(string folder)
    {
        using var handle = OpenFolder(folder);
        Check(FSync(handle), "fsync");
    }

    private static SafeFileHandle Handle(int descriptor, string path)
    {
        if (descriptor >= 0) return new(descriptor, ownsHandle: true);
        throw Marshal.GetLastPInvokeError() == NotThere ? new FileNotFoundException("no such file", path) : Failure($"open {path}");
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

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "unlink", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Unlink(string path);

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    private static partial long Seek(SafeFileHandle file, long offset, int whence);

    [LibraryImport("libc", EntryPoint = "pread", SetLastError = true)]
    private static unsafe partial nint PRead(SafeFileHandle file, byte* into, nuint count, long offset);

    // Advice: what becomes of it makes no difference to what is read.
    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    private static partial int Advise(SafeFileHandle file, long offset, long length, int advice);

    [LibraryImport("libc", EntryPoint = "pwrite", SetLastError = true)]
    private static unsafe partial nint PWrite(SafeFileHandle file, byte* from, nuint count, long offset);

    [LibraryImport("libc", EntryPoint = "ftruncate", SetLastError = true)]
    private static partial int FTruncate(SafeFileHandle file, long length);

    [LibraryImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    private static partial int FAllocate(SafeFileHandle file, int mode, long offset, long length);

    // Advice too: what fails of it the next sync says.
    [LibraryImport("libc", EntryPoint = "sync_file_range")]
    private static partial int SyncFileRange(SafeFileHandle file, long offset, long length, uint flags);

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int FDataSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int StatX(SafeFileHandle file, string path, int flags, uint mask, byte* answer);

    [LibraryImport("libc", EntryPoint = "syncfs", SetLastError = true)]
    private static partial int SyncFs(SafeFileHandle file);
}
