using Microsoft.Win32.SafeHandles;

namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>What opening a file expects to find.</summary>
internal enum DiskOpen
{
    /// <summary>The file; else <see cref="FileNotFoundException"/>.</summary>
    Existing,

    /// <summary>Nothing: the file is made.</summary>
    New,

    /// <summary>Either.</summary>
    Any,

    /// <summary>The file, as <see cref="Existing"/>, but only to be read, and once: what its reads bring into the page cache leaves it again.</summary>
    Passing,
}

/// <summary>Room on the file system a disk's folder is on.</summary>
/// <param name="TotalBytes">Its size.</param>
/// <param name="FreeBytes">What this process may still use of it.</param>
internal readonly record struct DiskRoom(long TotalBytes, long FreeBytes);

/// <summary>
/// Everything the chunk store asks of a disk, and nothing else: the seam at which tests put a simulated one. Paths are relative to the
/// disk's folder. What a write or a change of names does is seen at once by all; it survives a power cut when a sync that began after it has ended.
/// Failures are <see cref="IOException"/>s whose <see cref="Exception.HResult"/> is the errno.
/// </summary>
internal interface IChunkDisk : IDisposable
{
    /// <summary>Where it is, for people.</summary>
    string Folder { get; }

    /// <summary>Opens a file for reading and writing.</summary>
    /// <exception cref="FileNotFoundException">It is not there.</exception>
    IDiskFile Open(string path, DiskOpen how);

    /// <summary>Opens a file for another process to read; null: this disk has no files that another could read.</summary>
    /// <exception cref="FileNotFoundException">It is not there.</exception>
    SafeFileHandle? OpenToShare(string path);

    /// <summary>Whether there is a file of that name.</summary>
    bool Exists(string path);

    /// <summary>Removes a file's name; one that is not there is passed over.</summary>
    void Delete(string path);

    /// <summary>Gives a file another name, at once; a file that has it goes.</summary>
    void Rename(string from, string to);

    /// <summary>Makes a folder where there is none.</summary>
    void MakeFolder(string path);

    /// <summary>The paths of a folder's files.</summary>
    IEnumerable<string> FilesIn(string folder);

    /// <summary>Puts a folder's names on stable storage.</summary>
    void SyncFolder(string path);

    /// <summary>Puts everything on the file system on stable storage.</summary>
    void SyncFileSystem();

    /// <summary>
    /// Names this start of the machine and this mount of the file system: what was written under the same name is there, synced or not. At most 64 bytes.
    /// </summary>
    string Start { get; }

    /// <summary>How much room there is.</summary>
    DiskRoom Room();

    /// <summary>Holds a lock file until it is disposed of, or answers null when another process has it.</summary>
    IDisposable? TryLock(string path);
}

/// <summary>An open file of a disk. Reads and writes say where, may run at once, and are complete when they return.</summary>
internal interface IDiskFile : IDisposable
{
    /// <summary>How long it is.</summary>
    long Length { get; }

    /// <summary>Reads until <paramref name="into"/> is full or the file ends; answers how many bytes there were.</summary>
    int Read(Span<byte> into, long offset);

    /// <summary>As <see cref="Read"/>, when all of it is in memory; false: it is not, or the file ends before.</summary>
    bool TryReadCached(Span<byte> into, long offset);

    /// <summary>Writes all of it; a gap before the offset reads as zeros.</summary>
    void Write(ReadOnlySpan<byte> data, long offset);

    /// <summary>Cuts or extends it.</summary>
    void SetLength(long length);

    /// <summary>Makes sure that writing a range will not lack space; changes neither bytes nor length.</summary>
    void Reserve(long offset, long length);

    /// <summary>Gives the room of a range back where the file system can; what is read there is anything.</summary>
    void Discard(long offset, long length);

    /// <summary>Begins to put a range on the disk, so that the sync that follows is short and does not hold up others. Promises nothing.</summary>
    void StartWriteBack(long offset, long length);

    /// <summary>Puts its data, and what of its metadata is needed to read them, on stable storage.</summary>
    void SyncData();
}
