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
}
