using Gofs.Transport;
using Microsoft.Win32.SafeHandles;

namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>A disk of this machine: a folder.</summary>
internal sealed class LinuxDisk : IChunkDisk
{
    private readonly SafeFileHandle handle;
    private readonly bool isMemory;

    private LinuxDisk(string folder)
    {
        Folder = folder;
        handle = LibC.OpenFolder(folder);
        isMemory = CachedReads.IsInMemory(handle);
        Start = $"{File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim()}:{LibC.MountOf(handle):x}";
    }

    /// <inheritdoc/>
    public string Folder { get; }

    /// <inheritdoc/>
    public string Start { get; }

    /// <summary>Opens the folder, making it when it is not there.</summary>
    public static IChunkDisk Open(string folder)
    {
        var full = Path.GetFullPath(folder);
        Directory.CreateDirectory(full);
        return new LinuxDisk(full);
    }

    /// <inheritdoc/>
    public IDiskFile Open(string path, DiskOpen how) =>
        how == DiskOpen.Passing ? new PassingFile(LibC.OpenFile(At(path), how)) : new LinuxFile(LibC.OpenFile(At(path), how), isMemory);

    /// <inheritdoc/>
    public SafeFileHandle? OpenToShare(string path) => LibC.OpenFile(At(path), DiskOpen.Passing);

    /// <inheritdoc/>
    public bool Exists(string path) => File.Exists(At(path));

    /// <inheritdoc/>
    public void Delete(string path) => LibC.Delete(At(path));

    /// <inheritdoc/>
    public void Rename(string from, string to) => File.Move(At(from), At(to), overwrite: true);

    /// <inheritdoc/>
    public void MakeFolder(string path) => Directory.CreateDirectory(At(path));

    /// <inheritdoc/>
    public IEnumerable<string> FilesIn(string folder) => Directory.EnumerateFiles(At(folder)).Select(file => $"{folder}/{Path.GetFileName(file)}");

    /// <inheritdoc/>
    public void SyncFolder(string path) => LibC.SyncFolder(At(path));

    /// <inheritdoc/>
    public void SyncFileSystem() => LibC.SyncFileSystem(handle);

    /// <inheritdoc/>
    public DiskRoom Room()
    {
        var drive = new DriveInfo(Folder);
        return new(drive.TotalSize, drive.AvailableFreeSpace);
    }

    /// <inheritdoc/>
    public IDisposable? TryLock(string path)
    {
        try
        {
            return new FileStream(At(path), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException taken) when (taken is not (DirectoryNotFoundException or FileNotFoundException) && !LibC.IsNoSpace(taken))
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => handle.Dispose();

    private string At(string path) => path.Length == 0 ? Folder : $"{Folder}/{path}";

    private class LinuxFile(SafeFileHandle file, bool isMemory = false) : IDiskFile
    {
        public long Length => LibC.LengthOf(file);

        protected SafeFileHandle Handle => file;

        public virtual int Read(Span<byte> into, long offset)
        {
            var done = 0;
            while (done < into.Length)
            {
                var read = LibC.Read(file, into[done..], offset + done);
                if (read == 0) break;
                done += read;
            }

            return done;
        }

        public bool TryReadCached(Span<byte> into, long offset) => CachedReads.Read(file, into, offset, isMemory) == into.Length;

        public void Write(ReadOnlySpan<byte> data, long offset)
        {
            while (data.Length > 0)
            {
                var written = LibC.Write(file, data, offset);
                data = data[written..];
                offset += written;
            }
        }

        public void SetLength(long length) => LibC.SetLength(file, length);

        public void Reserve(long offset, long length) => LibC.Reserve(file, offset, length);

        public void Discard(long offset, long length) => LibC.Discard(file, offset, length);

        public void StartWriteBack(long offset, long length) => LibC.StartWriteBack(file, offset, length);

        public void SyncData() => LibC.SyncData(file);

        public void Dispose() => file.Dispose();
    }

    // What somebody else has in the page cache, because he uses it, stays there: it is asked for before each read, and only what was not is let go.
    private sealed class PassingFile : LinuxFile
    {
        private const int AtOnce = 256 << 10;
        private const int Page = 4096;

        public PassingFile(SafeFileHandle file) : base(file) => LibC.ReadOnce(file);

        public override int Read(Span<byte> into, long offset)
        {
            var done = 0;
            while (done < into.Length)
            {
                var rest = into.Slice(done, Math.Min(AtOnce, into.Length - done));
                var read = CachedReads.Read(Handle, rest, offset + done);
                if (read < 0)
                {
                    read = LibC.Read(Handle, rest, offset + done);
                    LibC.Uncache(Handle, offset + done, (read + Page - 1) / Page * Page);
                }

                if (read == 0) break;
                done += read;
            }

            return done;
        }
    }
}
