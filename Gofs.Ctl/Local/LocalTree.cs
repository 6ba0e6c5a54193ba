using System.Runtime.InteropServices;
using Gofs.Namespaces;
using Microsoft.Win32.SafeHandles;
using static Gofs.Ctl.Local.LibC;

namespace Gofs.Ctl.Local;

/// <summary>Reads and makes local names with all their attributes: any bytes, nanoseconds, symlinks never followed.</summary>
internal static unsafe class LocalTree
{
    private const int TypeMask = 0xF000;
    private const int NameOffset = 19;

    /// <summary>The attributes of what a path is, or null when nothing is there.</summary>
    /// <param name="path">Where.</param>
    /// <param name="follow">Whether a symlink at the last name is followed.</param>
    /// <exception cref="LocalFileException">The system refused.</exception>
    public static LocalAttributes? Find(LocalPath path, bool follow = false)
    {
        StatxBuffer buffer;
        fixed (byte* bytes = path.Terminated)
        {
            if (Statx(AtCurrentDirectory, bytes, follow ? 0 : AtSymlinkNoFollow, StatxBasic, &buffer) != 0)
                return Marshal.GetLastPInvokeError() == NoEntry ? null : throw LocalFileException.Last(path);
        }

        EntryType? type = (buffer.Mode & TypeMask) switch
        {
            0x8000 => EntryType.File,
            0x4000 => EntryType.Directory,
            0xA000 => EntryType.Symlink,
            _ => null,
        };
        return new(
            type, buffer.Mode & 0xFFF, buffer.Owner, buffer.Group, (long)buffer.Size,
            buffer.ModifiedSeconds * 1_000_000_000 + buffer.ModifiedNanoseconds);
    }

    /// <summary>As <see cref="Find"/>, where something must be.</summary>
    public static LocalAttributes Stat(LocalPath path, bool follow = false) =>
        Find(path, follow) ?? throw new LocalFileException(path, "No such file or directory", NoEntry);

    /// <summary>The names in a directory, without "." and "..", in the system's order.</summary>
    public static List<byte[]> Names(LocalPath directory)
    {
        nint handle;
        fixed (byte* bytes = directory.Terminated) handle = OpenDirectory(bytes);
        if (handle == 0) throw LocalFileException.Last(directory);
        try
        {
            List<byte[]> names = [];
            while (true)
            {
                Marshal.SetLastSystemError(0);
                var entry = ReadDirectory(handle);
                if (entry is null) break;
                var name = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(entry + NameOffset);
                if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8)) names.Add(name.ToArray());
            }

            return Marshal.GetLastPInvokeError() == 0 ? names : throw LocalFileException.Last(directory);
        }
        finally
        {
            _ = CloseDirectory(handle);
        }
    }

    /// <summary>Opens a file to read it; <paramref name="follow"/>: whether a symlink is followed.</summary>
    public static FileStream OpenRead(LocalPath path, bool follow) =>
        new(Open(path, ReadOnly | (follow ? 0 : NoFollow), 0), FileAccess.Read, bufferSize: 0);

    /// <summary>Opens a file to write it from its start; a new one is the caller's alone until it gets its mode.</summary>
    public static FileStream Create(LocalPath path) =>
        new(Open(path, WriteOnly | CreateFlag | TruncateFlag | NoFollow, 0x180), FileAccess.Write, bufferSize: 0);

    /// <summary>Opens a file to write at its end, and makes it when it is not there.</summary>
    public static FileStream OpenAppend(LocalPath path) =>
        new(Open(path, WriteOnly | CreateFlag | AppendFlag, 0x180), FileAccess.Write, bufferSize: 0);

    /// <summary>Makes a directory that only the caller may use until it gets its mode.</summary>
    public static void MakeDirectory(LocalPath path)
    {
        fixed (byte* bytes = path.Terminated) Check(LibC.MakeDirectory(bytes, 0x1C0), path);
    }

    /// <summary>Makes a symlink.</summary>
    public static void MakeSymlink(LocalPath path, ReadOnlySpan<byte> target)
    {
        fixed (byte* bytes = path.Terminated)
        fixed (byte* targetBytes = LocalPath.FromBytes(target).Terminated)
            Check(Symlink(targetBytes, bytes), path);
    }

    /// <summary>What a symlink says.</summary>
    public static byte[] ReadSymlink(LocalPath path)
    {
        Span<byte> buffer = stackalloc byte[GofsPath.MaxPathBytes + 1];
        nint length;
        fixed (byte* bytes = path.Terminated)
        fixed (byte* target = buffer)
            length = ReadLink(bytes, target, (nuint)buffer.Length);
        return length < 0 ? throw LocalFileException.Last(path) : buffer[..(int)length].ToArray();
    }

    /// <summary>Removes a file or symlink.</summary>
    public static void Remove(LocalPath path)
    {
        fixed (byte* bytes = path.Terminated) Check(Unlink(bytes), path);
    }

    /// <summary>
    /// Gives a name its attributes: owner (when this process may), mode (not of symlinks, which have none), modification time.
    /// In this order, because a change of owner takes set-id bits away.
    /// </summary>
    public static void SetAttributes(LocalPath path, in LocalAttributes attributes)
    {
        fixed (byte* bytes = path.Terminated)
        {
            if (ChangeOwner(bytes, attributes.Owner, attributes.Group) != 0
                && (Marshal.GetLastPInvokeError() != NotPermitted || EffectiveUser() == 0))
                throw LocalFileException.Last(path);
            if (attributes.Type != EntryType.Symlink) Check(ChangeMode(bytes, (uint)attributes.Mode), path);
            var seconds = Math.DivRem(attributes.ModifiedAt, 1_000_000_000, out var nanoseconds);
            if (nanoseconds < 0) (seconds, nanoseconds) = (seconds - 1, nanoseconds + 1_000_000_000);
            var times = stackalloc TimeSpec[2];
            times[0] = new() { Nanoseconds = TimeSpec.Omit };
            times[1] = new() { Seconds = seconds, Nanoseconds = nanoseconds };
            Check(SetTimes(AtCurrentDirectory, bytes, times, AtSymlinkNoFollow), path);
        }
    }

    private static SafeFileHandle Open(LocalPath path, int flags, uint mode)
    {
        int descriptor;
        fixed (byte* bytes = path.Terminated)
        {
            do descriptor = LibC.Open(bytes, flags | CloseOnExec, mode);
            while (descriptor < 0 && Marshal.GetLastPInvokeError() == Interrupted);
        }

        return descriptor < 0 ? throw LocalFileException.Last(path) : new SafeFileHandle(descriptor, ownsHandle: true);
    }

    private static void Check(int result, LocalPath path)
    {
        if (result != 0) throw LocalFileException.Last(path);
    }
}
