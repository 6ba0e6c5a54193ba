using Gofs.Silo.ChunkServer.Storage;

namespace Gofs.Tests.ChunkServers.Storage;

/// <summary>What is in a pack, read from its bytes.</summary>
internal static class PackContent
{
    private const int CellBytesAt = 12;
    private const int CellsAt = 16;
    private const int DataAtAt = 20;

    /// <summary>Where its cells begin: behind all their sectors.</summary>
    public static int DataAt(byte[] pack) => BitConverter.ToInt32(pack, DataAtAt);

    /// <summary>The cells that are somebody's: whose, where the sector is, where the data.</summary>
    /// <param name="pack">The pack from its beginning; sectors that are not there any more are nobody's.</param>
    public static IEnumerable<(PackEntry Entry, long SectorAt, long DataAt)> CellsOf(byte[] pack)
    {
        var (cellBytes, cells) = (BitConverter.ToInt32(pack, CellBytesAt), BitConverter.ToInt32(pack, CellsAt));
        for (var cell = 0; cell < cells; cell++)
        {
            var sectorAt = PackFile.PageBytes + (cell * PackFile.SectorBytes);
            if (sectorAt + PackFile.SectorBytes > pack.Length) yield break;
            if (PackEntry.TryParse(pack.AsSpan(sectorAt, PackFile.SectorBytes), out var entry))
                yield return (entry, sectorAt, DataAt(pack) + (cell * (long)cellBytes));
        }
    }
}
