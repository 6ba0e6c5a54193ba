using Microsoft.Win32.SafeHandles;
using Gofs.Silo.ChunkServer.Storage;

namespace Gofs.Tests.ChunkServers.Storage;

/// <summary>
/// A disk in memory, with what Linux promises of one and no more. Every file has bytes as processes see them (the page cache) and
/// what is on stable storage; every folder has names likewise. <see cref="Crash"/> keeps what was synced and, of the rest, what chance
/// (by seed) wrote back: sector by sector, name by name, length by length. Counts its operations; one of them can be made to fail, or to be the
/// last before the power goes. Uses no clock and no randomness of its own.
/// </summary>
internal sealed class SimulatedDisk(string folder = "/simulated")
{
    /// <summary>What a disk writes whole or not at all.</summary>
    public const int SectorBytes = 512;

    private const int PageBytes = 4096;
    private readonly Lock gate = new();
    private readonly HashSet<string> locks = [];
    private Dictionary<string, SimulatedFile> names = [];
    private Dictionary<string, SimulatedFile> durableNames = [];
    private List<NameChange> nameChanges = [];
    private int life;
    private long nextSerial;

    /// <summary>Operations that change or sync something, so far.</summary>
    public long Operations { get; private set; }

    /// <summary>Files that are open.</summary>
    public int OpenFiles { get; private set; }

    /// <summary>The most that ever were.</summary>
    public int MostOpenFiles { get; private set; }

    /// <summary>The operation after which the power goes: it and all later ones fail until <see cref="Crash"/>.</summary>
    public long PowerFailsAt { get; set; } = long.MaxValue;

    /// <summary>Operations that fail, by their number, with an errno.</summary>
    public Dictionary<long, int> FailAt { get; } = [];

    /// <summary>Whether every operation fails from now on, with EIO.</summary>
    public bool IsBroken { get; set; }

    /// <summary>Whether syncs are lies: they answer and do nothing. For checking that a test would notice.</summary>
    public Func<string, bool> SyncLies { get; set; } = _ => false;

    /// <summary>Whether <see cref="IChunkDisk.Start"/> does not tell of a loss. For checking that a test would notice.</summary>
    public bool IsLossSilent { get; init; }

    /// <summary>How often the power went.</summary>
    public int PowerCuts { get; set; }

    /// <summary>Room for files' bytes, in pages that are written or reserved.</summary>
    public long CapacityBytes { get; set; } = long.MaxValue;

    /// <summary>Whether the power is gone.</summary>
    public bool IsOff { get; private set; }

    /// <summary>A process's view of it, until the power goes.</summary>
    public IChunkDisk Mount() => new View(this, life);

    /// <summary>The bytes of a file as a process sees them.</summary>
    public byte[] Content(string path)
    {
        lock (gate) return [.. names[path].Seen()];
    }

    /// <summary>The files there are.</summary>
    public IReadOnlyList<string> Files
    {
        get
        {
            lock (gate) return [.. names.Keys.Order(StringComparer.Ordinal)];
        }
    }

    /// <summary>Puts a file there, durably.</summary>
    public void Put(string path, byte[] bytes)
    {
        lock (gate)
        {
            var file = new SimulatedFile(nextSerial++);
            file.Write(bytes, 0);
            file.Sync();
            names[path] = durableNames[path] = file;
        }
    }

    /// <summary>Whether nothing of a file is only in the page cache.</summary>
    public bool IsSynced(string path)
    {
        lock (gate) return names[path].IsSynced;
    }

    /// <summary>Whether nothing of a range is only in the page cache.</summary>
    public bool IsSynced(string path, long offset, long length)
    {
        lock (gate) return names[path].IsSyncedIn(offset, length);
    }

    /// <summary>Flips one bit, on stable storage and in the page cache.</summary>
    public void FlipBit(string path, long offset, int bit)
    {
        lock (gate) names[path].FlipBit(offset, bit);
    }

    /// <summary>Cuts a file behind the back of whoever has it, durably.</summary>
    public void Cut(string path, long length)
    {
        lock (gate)
        {
            names[path].SetLength(length);
            names[path].Sync();
        }
    }

    /// <summary>Takes a file away behind the back of whoever has it, durably.</summary>
    public void TakeAway(string path)
    {
        lock (gate)
        {
            names.Remove(path);
            durableNames.Remove(path);
        }
    }

    /// <summary>The power goes and comes back: what was not synced is there or not, as the seed says.</summary>
    public void Crash(int seed)
    {
        lock (gate)
        {
            var random = new Random(seed);
            foreach (var change in nameChanges)
            {
                if (random.Next(2) == 0) change.Apply(durableNames);
            }

            nameChanges = [];
            names = new(durableNames);
            foreach (var file in names.Values.Distinct().OrderBy(file => file.Serial)) file.Crash(random);
            locks.Clear();
            life++;
            PowerCuts++;
            (IsOff, PowerFailsAt) = (false, long.MaxValue);
            FailAt.Clear();
        }
    }

    /// <summary>The process ends and another begins: nothing is lost.</summary>
    public void Restart()
    {
        lock (gate)
        {
            locks.Clear();
            life++;
        }
    }

    // One operation: counted, failed when it is to, and never seen by a process whose power went.
    private T Do<T>(int asked, Func<T> operation)
    {
        lock (gate)
        {
            if (asked != life || IsOff) throw Broken("the power is gone");
            var number = ++Operations;
            if (number >= PowerFailsAt)
            {
                IsOff = true;
                throw Broken("the power goes");
            }

            if (IsBroken) throw Broken("broken");
            if (FailAt.TryGetValue(number, out var errno)) throw new IOException($"operation {number} fails", errno);
            return operation();
        }
    }

    private T Look<T>(int asked, Func<T> operation)
    {
        lock (gate)
        {
            if (asked != life || IsOff) throw Broken("the power is gone");
            return IsBroken ? throw Broken("broken") : operation();
        }
    }

    private static IOException Broken(string why) => new(why, LibC.InputOutputError);

    private void Change(NameChange change)
    {
        change.Apply(names);
        nameChanges.Add(change);
    }

    private void SyncNames(string folder)
    {
        foreach (var change in nameChanges.Where(change => change.IsIn(folder))) change.Apply(durableNames);
        nameChanges.RemoveAll(change => change.IsIn(folder));
    }

    private void CheckRoom(SimulatedFile file, long offset, long length)
    {
        var missing = file.MissingPages(offset, length) * (long)PageBytes;
        if (missing > 0 && missing + names.Values.Distinct().Sum(one => one.Pages * (long)PageBytes) > CapacityBytes)
            throw new IOException("no space left on device", LibC.NoSpace);
    }

    private sealed class View(SimulatedDisk disk, int life) : IChunkDisk
    {
        public string Folder { get; } = disk.Folder;

        public string Start { get; } = disk.IsLossSilent ? "always the same" : $"after {disk.PowerCuts} power cuts";

        public IDiskFile Open(string path, DiskOpen how)
        {
            if (how is DiskOpen.New or DiskOpen.Any && !Exists(path))
            {
                return disk.Do(life, () =>
                {
                    var made = new SimulatedFile(disk.nextSerial++);
                    disk.CheckRoom(made, 0, disk.CapacityBytes == long.MaxValue ? 0 : 1);
                    disk.Change(new(path, made));
                    return new OpenFile(disk, life, path, made);
                });
            }

            return disk.Look(life, () =>
            {
                if (!disk.names.TryGetValue(path, out var file)) throw new FileNotFoundException("no such file", path);
                if (how == DiskOpen.New) throw new IOException($"{path} exists", 17);
                return new OpenFile(disk, life, path, file);
            });
        }

        public SafeFileHandle? OpenToShare(string path) => null;

        public bool Exists(string path) => disk.Look(life, () => disk.names.ContainsKey(path));

        public void Delete(string path)
        {
            if (Exists(path)) disk.Do(life, () => Unit(() => disk.Change(new(path, null))));
        }

        public void Rename(string from, string to) => disk.Do(life, () => Unit(() => disk.Change(new(to, disk.names[from], from))));

        public void MakeFolder(string path)
        {
        }

        public IEnumerable<string> FilesIn(string folder) => disk.Look(life, () =>
            disk.names.Keys.Where(path => FolderOf(path) == folder).Order(StringComparer.Ordinal).ToArray());

        public void SyncFolder(string path) => disk.Do(life, () => Unit(() =>
        {
            if (!disk.SyncLies(path)) disk.SyncNames(path);
        }));

        public void SyncFileSystem() => disk.Do(life, () => Unit(() =>
        {
            if (disk.SyncLies("*")) return;
            foreach (var change in disk.nameChanges) change.Apply(disk.durableNames);
            disk.nameChanges.Clear();
            foreach (var file in disk.names.Values) file.Sync();
        }));

        public DiskRoom Room() => disk.Look(life, () =>
            new DiskRoom(disk.CapacityBytes, Math.Max(0, disk.CapacityBytes - disk.names.Values.Distinct().Sum(one => one.Pages * (long)PageBytes))));

        public IDisposable? TryLock(string path) => disk.Look(life, () => disk.locks.Add(path) ? new Held(disk, life, path) : null);

        public void Dispose()
        {
        }
    }

    private static bool Unit(Action action)
    {
        action();
        return true;
    }

    private static string FolderOf(string path) => path.LastIndexOf('/') is var at and >= 0 ? path[..at] : "";

    private string Folder { get; } = folder;

    private sealed class Held(SimulatedDisk disk, int life, string path) : IDisposable
    {
        public void Dispose()
        {
            lock (disk.gate)
            {
                if (disk.life == life) disk.locks.Remove(path);
            }
        }
    }

    private sealed class OpenFile : IDiskFile
    {
        private readonly SimulatedDisk disk;
        private readonly int life;
        private readonly string path;
        private readonly SimulatedFile file;
        private bool isClosed;

        // Under the disk's gate.
        public OpenFile(SimulatedDisk disk, int life, string path, SimulatedFile file)
        {
            (this.disk, this.life, this.path, this.file) = (disk, life, path, file);
            disk.MostOpenFiles = Math.Max(disk.MostOpenFiles, ++disk.OpenFiles);
        }

        public long Length => disk.Look(life, () => file.Length);

        public int Read(Span<byte> into, long offset)
        {
            lock (disk.gate)
            {
                if (disk.life != life || disk.IsOff) throw Broken("the power is gone");
                return disk.IsBroken ? throw Broken("broken") : file.Read(into, offset);
            }
        }

        public bool TryReadCached(Span<byte> into, long offset) => Read(into, offset) == into.Length;

        public void Write(ReadOnlySpan<byte> data, long offset)
        {
            var bytes = data.ToArray();
            disk.Do(life, () => Unit(() =>
            {
                if (disk.CapacityBytes != long.MaxValue) disk.CheckRoom(file, offset, bytes.Length);
                file.Write(bytes, offset);
            }));
        }

        public void SetLength(long length) => disk.Do(life, () => Unit(() => file.SetLength(length)));

        public void Reserve(long offset, long length) => disk.Do(life, () => Unit(() =>
        {
            if (disk.CapacityBytes != long.MaxValue) disk.CheckRoom(file, offset, length);
            file.Reserve(offset, length);
        }));

        public void Discard(long offset, long length) => disk.Do(life, () => Unit(() => file.Discard(offset, length)));

        public void StartWriteBack(long offset, long length)
        {
        }

        public void SyncData() => disk.Do(life, () => Unit(() =>
        {
            if (!disk.SyncLies(path)) file.Sync();
        }));

        public void Dispose()
        {
            lock (disk.gate)
            {
                if (!isClosed) disk.OpenFiles--;
                isClosed = true;
            }
        }
    }

    private sealed record NameChange(string Path, SimulatedFile? File, string? From = null)
    {
        public bool IsIn(string folder) => FolderOf(Path) == folder || (From is not null && FolderOf(From) == folder);

        public void Apply(Dictionary<string, SimulatedFile> to)
        {
            if (From is not null) to.Remove(From);
            if (File is null) to.Remove(Path);
            else to[Path] = File;
        }
    }
}
