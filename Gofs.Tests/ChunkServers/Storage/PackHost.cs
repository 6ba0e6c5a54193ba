namespace Gofs.Tests.ChunkServers.Storage;

/// <summary>Chunk stores with small packs, and where things are in these.</summary>
internal static class PackHost
{
    /// <summary>The first pack of chunks of up to a page.</summary>
    public const string FirstPack = "packs/04k-000001.pack";

    private const int PageBytes = 4096;

    /// <summary>A store whose new packs have so many cells.</summary>
    public static StoreHost Open(SimulatedDisk disk, int cells) => new(disk, options => options with { PackCells = cells });

    /// <summary>The same with a pack: it is made when the first chunk asks for one, and that chunk becomes a file.</summary>
    public static StoreHost WithAPack(SimulatedDisk disk, int cells)
    {
        var host = Open(disk, cells);
        host.Write(99, StoreHost.Bytes(10));
        host.Settle();
        host.Delete(99);
        return host;
    }

    /// <summary>Where a cell's sector is.</summary>
    public static long SectorAt(int cell) => PageBytes + (cell * 512L);

    /// <summary>Where a cell's bytes are, in a pack of cells of a page.</summary>
    public static long CellAt(int cells, int cell) => PageBytes + (((cells * 512) + PageBytes - 1) / PageBytes * PageBytes) + (cell * (long)PageBytes);
}
