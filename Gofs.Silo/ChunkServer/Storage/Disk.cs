using System.Globalization;
using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Transport;

namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>
/// One disk folder: whose it is, that nobody else uses it (<c>lock</c>), where its chunks are, its flushes, its journal, and whether it still serves.
/// </summary>
internal sealed class Disk : IDisposable
{
    private const string ChunkFolder = "chunks";
    private const string CopyFolder = "copies";
    private const string Quarantine = "quarantine";
    private const string LostExtension = ".lost";
    private readonly IDisposable held;
    private readonly ChunkStoreOptions options;
    private readonly TimeProvider time;
    private readonly Action<Disk> failed;
    private readonly FlushGroup flushes;
    private readonly Lock roomGate = new();
    private DiskJournal? journal;
    private string? fault;
    private long chunks;
    private long bad;
    private long repaired;
    private long keptRoom;
    private long roomAt;
    private DiskRoom? room;

    private Disk(IChunkDisk files, IDisposable held, DiskStarts starts, ChunkStoreOptions options, TimeProvider time, Action<Disk> failed)
    {
        (Starts, MayBeTorn) = (starts, !starts.IsMachineSame);
        (this.held, this.options, this.time, this.failed) = (held, options, time, failed);
        Files = new(files, options, time, Fail);
        flushes = new(Files, options.Threads, Fail);
    }

    /// <summary>Its files.</summary>
    public PackedDisk Files { get; }

    /// <summary>How often it was put into service.</summary>
    public DiskStarts Starts { get; }

    /// <summary>
    /// Whether writes that a crash of the machine cut short may lie there as they came to be: until the scan after it has settled them all. From then on what
    /// does not match its CRC has rotted.
    /// </summary>
    public bool MayBeTorn { get; private set; }

    /// <summary>Where it is, for people.</summary>
    public string Folder => Files.Folder;

    /// <summary>Its journal, once it is open.</summary>
    public DiskJournal Journal => journal ?? throw new InvalidOperationException("the disk is not scanned yet");

    /// <summary>Why it is out of service, or null.</summary>
    public string? Fault => Volatile.Read(ref fault);

    /// <summary>Durable writes up to this are logged.</summary>
    public int JournalLimitBytes => Math.Min(options.JournalLimitBytes, Journal.MostDataBytes);

    /// <summary>Opens the folder, making it when it is not there.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.ForeignFolder"/>; <see cref="GofsError.DiskFailed"/>.</exception>
    public static Disk Open(string path, ChunkStoreOptions options, TimeProvider time, Action<Disk> failed)
    {
        IChunkDisk? files = null;
        IDisposable? held = null;
        try
        {
            files = options.OpenDisk(path);
            held = files.TryLock("lock") ?? throw new GofsException(GofsError.ForeignFolder, "another process is using this disk folder", files.Folder);
            DiskIdentity.Check(files, options);
            files.MakeFolder(ChunkFolder);
            for (var i = 0; i < 256; i++) files.MakeFolder($"{ChunkFolder}/{i:x2}");
            files.MakeFolder(CopyFolder);
            files.SyncFolder(ChunkFolder);
            var starts = DiskStarts.CountOne(files);
            files.SyncFolder("");
            return new(files, held, starts, options, time, failed);
        }
        catch (Exception refused)
        {
            held?.Dispose();
            files?.Dispose();
            if (refused is UnauthorizedAccessException or (IOException and not GofsException))
                throw new GofsException(GofsError.DiskFailed, $"the disk folder can't be used: {refused.Message}", path, refused);
            throw;
        }
    }

    /// <summary>Redoes what its journal holds and opens it for more.</summary>
    public void OpenJournal(ILogger logger)
    {
        var replay = new JournalReplay(this, options, logger);
        var files = replay.Run();
        journal = new(Files, files, replay.NextSequence, options, time, Fail);
    }

    /// <summary>Makes a chunk's file, in a pack where it is to be small.</summary>
    /// <param name="head">Whose.</param>
    /// <param name="bytes">How many bytes will be in it, as far as one knows.</param>
    public IDiskFile Create(ChunkHead head, long bytes) => Files.TryCreate(head, bytes) ?? Files.Open(FileOf(head.Handle), DiskOpen.New);

    /// <summary>The folder a chunk's file is in.</summary>
    public static string FolderOf(ChunkHandle chunk) => $"{ChunkFolder}/{chunk.Value & 0xFF:x2}";

    /// <summary>A chunk's file.</summary>
    public static string FileOf(ChunkHandle chunk) => $"{ChunkFolder}/{chunk.Value & 0xFF:x2}/{chunk.Value:x16}.chunk";

    /// <summary>The file of a copy that is no replica yet.</summary>
    public static string CopyFileOf(ChunkHandle chunk, long number) => $"{CopyFolder}/{chunk.Value:x16}-{number}.copy";

    /// <summary>A chunk's file, for people.</summary>
    public string PathOf(ChunkHandle chunk) => $"{Folder}/{FileOf(chunk)}";

    /// <summary>Whether the journal may have something of the chunk.</summary>
    public bool HasLive(ChunkHandle chunk) => journal?.IsLive(chunk) ?? true;

    /// <summary>Every file where chunks are.</summary>
    public IEnumerable<string> ChunkFiles() => Enumerable.Range(0, 256).SelectMany(i => Files.FilesIn($"{ChunkFolder}/{i:x2}"));

    /// <summary>Removes copies an earlier process did not end.</summary>
    public void RemoveCopies()
    {
        foreach (var file in Files.FilesIn(CopyFolder).ToArray()) Files.Delete(file);
    }

    /// <summary>Room that copies under way will need.</summary>
    public long KeptRoomBytes => Interlocked.Read(ref keptRoom);

    /// <summary>A copy will need more (or less) room.</summary>
    public void KeepRoom(long moreBytes) => Interlocked.Add(ref keptRoom, moreBytes);

    /// <summary>The chunks whose replicas here were given up (<see cref="GiveUp"/>), now or at any time before.</summary>
    public IEnumerable<ChunkHandle> GivenUp()
    {
        Files.MakeFolder(Quarantine);
        foreach (var file in Files.FilesIn(Quarantine).Where(file => file.EndsWith(LostExtension, StringComparison.Ordinal)))
        {
            var name = Path.GetFileNameWithoutExtension(file);
            if (ulong.TryParse(name, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var handle)) yield return new(handle);
        }
    }

    /// <summary>Moves a replica's file out of the way; answers where to. That it was here is known from then on.</summary>
    public string GiveUp(ChunkHandle chunk) => SetAside(FileOf(chunk), $"{chunk.Value:x16}{LostExtension}");

    /// <summary>Moves a file that is no chunk out of the way; answers where to.</summary>
    public string SetAside(string file) => SetAside(file, file[(file.LastIndexOf('/') + 1)..]);

    private string SetAside(string file, string name)
    {
        Files.MakeFolder(Quarantine);
        var to = $"{Quarantine}/{name}";
        Files.Rename(file, to);
        return $"{Folder}/{to}";
    }

    /// <summary>Ends when all written to a file so far is on stable storage.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.Timeout"/>.</exception>
    public async Task FlushAsync(IDiskFile file, string? newIn)
    {
        try
        {
            await flushes.FlushAsync(file, newIn).WaitAsync(options.FlushTimeout, time);
        }
        catch (TimeoutException late)
        {
            throw new GofsException(GofsError.Timeout, $"the disk has not flushed within {options.FlushTimeout.TotalSeconds:0} s", Folder, late);
        }
    }

    /// <summary>See <see cref="DiskJournal.Hold"/>; a disk that failed before it had a journal has nothing to hold.</summary>
    public void HoldJournal() => journal?.Hold();

    /// <summary>See <see cref="DiskJournal.LetGo"/>.</summary>
    public void LetGoJournal() => journal?.LetGo();

    /// <summary>Takes the disk out of service.</summary>
    public void Fail(IOException why)
    {
        if (Interlocked.CompareExchange(ref fault, why.Message, null) is not null) return;
        journal?.Stop(new(GofsError.DiskFailed, $"the disk is out of service: {why.Message}", Folder, why));
        failed(this);
    }

    /// <summary>What a crash left of writes is settled, durably.</summary>
    public void EndTorn()
    {
        if (!MayBeTorn) return;
        Files.SyncFileSystem();
        MayBeTorn = false;
    }

    /// <summary>Counts replicas.</summary>
    public void CountChunks(int more) => Interlocked.Add(ref chunks, more);

    /// <summary>A checksum block was found bad.</summary>
    public void CountBad() => Interlocked.Increment(ref bad);

    /// <summary>A bad checksum block was repaired.</summary>
    public void CountRepaired() => Interlocked.Increment(ref repaired);

    /// <summary>Bytes free for new chunks, as of a moment ago: asking the file system for each would cost more than making the chunk.</summary>
    public long FreeBytes() => Fault is null ? Room().FreeBytes : 0;

    /// <summary>As the heartbeat says it.</summary>
    public DiskStatus Status()
    {
        try
        {
            var now = Room();
            return new(Folder, now.TotalBytes, Fault is null ? now.FreeBytes : 0, Interlocked.Read(ref chunks), Fault)
            {
                BadChecksumBlocks = Interlocked.Read(ref bad),
                RepairedChecksumBlocks = Interlocked.Read(ref repaired),
            };
        }
        catch (IOException gone)
        {
            return new(Folder, 0, 0, Interlocked.Read(ref chunks), Fault ?? gone.Message);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        flushes.Dispose();
        journal?.Dispose();
        Files.Dispose();
        held.Dispose();
    }

    private DiskRoom Room()
    {
        lock (roomGate)
        {
            if (room is { } known && time.GetElapsedTime(roomAt) < options.RoomAge) return known;
        }

        var now = Files.Room();
        lock (roomGate) (room, roomAt) = (now, time.GetTimestamp());
        return now;
    }
}
