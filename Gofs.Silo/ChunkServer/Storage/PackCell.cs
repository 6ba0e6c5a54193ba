namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>A cell of a pack while a chunk is in it. Changed in the chunk's turn, read by anybody.</summary>
internal sealed class PackCell(PackFile pack, int index, PackEntry entry)
{
    private volatile int end = Math.Min(entry.Length, pack.CellBytes);
    private volatile bool isGone;
    private volatile bool isOutside;

    /// <summary>Where it is.</summary>
    public PackFile Pack { get; } = pack;

    /// <summary>Which of the pack's.</summary>
    public int Index { get; } = index;

    /// <summary>Whose it is, and how long it was when it was found.</summary>
    public PackEntry Entry { get; } = entry;

    /// <summary>Where the chunk's bytes end.</summary>
    public int End
    {
        get => end;
        set => end = value;
    }

    /// <summary>Whether the chunk was deleted, or has a file of its own by now: the cell is not its any more.</summary>
    public bool IsGone
    {
        get => isGone;
        set => isGone = value;
    }

    /// <summary>Whether the chunk has a file of its own by now.</summary>
    public bool IsOutside
    {
        get => isOutside;
        set => isOutside = value;
    }
}
