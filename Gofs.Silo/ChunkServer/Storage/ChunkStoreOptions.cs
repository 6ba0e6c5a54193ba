namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>What a chunk store is told.</summary>
internal sealed record ChunkStoreOptions
{
    /// <summary>The file system the disks are part of.</summary>
    public required string ClusterId { get; init; }

    /// <summary>The chunk server they belong to.</summary>
    public required string ServerId { get; init; }

    /// <summary>One folder on each disk.</summary>
    public required IReadOnlyList<string> DiskFolders { get; init; }

    /// <summary>A disk with less free than this gets no new chunk.</summary>
    public long ReserveBytes { get; init; } = 64L << 20;

    /// <summary>Chunk files kept open.</summary>
    public int OpenFiles { get; init; } = 512;

    /// <summary>The longest anybody waits for a flush.</summary>
    public TimeSpan FlushTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Durable writes up to this go through the disk's journal; larger ones are synced in their file. 0: only what has to.</summary>
    public int JournalLimitBytes { get; init; } = 128 << 10;

    /// <summary>Chunks that begin with a write of up to so many bytes share files, up to 32 KiB; 0: each has its own.</summary>
    public int PackUpToBytes { get; init; } = 32 << 10;

    /// <summary>How many chunks a new such file has room for.</summary>
    public int PackCells { get; init; } = 8192;

    /// <summary>Journal files of a disk, at least 2: while one is retired the others are written.</summary>
    public int JournalFiles { get; init; } = 3;

    /// <summary>How large a journal file is made, at least 256 KiB.</summary>
    public long JournalFirstBytes { get; init; } = 4 << 20;

    /// <summary>How large it may grow with use.</summary>
    public long JournalFileBytes { get; init; } = 32 << 20;

    /// <summary>How long a disk's free space is believed.</summary>
    public TimeSpan RoomAge { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Where work runs; tests have another.</summary>
    public IDiskThreads Threads { get; init; } = DiskThreads.Instance;

    /// <summary>Opens a disk's folder; tests have another.</summary>
    public Func<string, IChunkDisk> OpenDisk { get; init; } = LinuxDisk.Open;
}
