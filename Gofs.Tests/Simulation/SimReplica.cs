using System.Globalization;
using Gofs.Chunks;
using Gofs.Silo.ChunkServer.Storage;
using Gofs.Tests.ChunkServers.Storage;
using Gofs.Transport;

namespace Gofs.Tests.Simulation;

/// <summary>Where on a simulated disk a replica's data are.</summary>
/// <param name="Handle">Of which chunk.</param>
/// <param name="Path">The file they are in.</param>
/// <param name="OffsetBytes">Where.</param>
/// <param name="LengthBytes">How many.</param>
/// <param name="SlotsAt">Where what tells of them is.</param>
internal sealed record SimReplica(ChunkHandle Handle, string Path, long OffsetBytes, int LengthBytes, long SlotsAt)
{
    /// <summary>Those there are, each a file or in a pack.</summary>
    public static IEnumerable<SimReplica> On(SimulatedDisk disk)
    {
        foreach (var path in disk.Files)
        {
            if (path.EndsWith(".chunk", StringComparison.Ordinal)) yield return OfFile(path, disk.Content(path).Length);
            if (!path.EndsWith(".pack", StringComparison.Ordinal)) continue;
            foreach (var (entry, sectorAt, dataAt) in PackContent.CellsOf(disk.Content(path)))
                yield return new(entry.Handle, path, dataAt, entry.Length, sectorAt);
        }
    }

    /// <summary>Whether all of it is on stable storage: bytes that are only in memory nothing protects.</summary>
    public bool IsSynced(SimulatedDisk disk) => Path.EndsWith(".chunk", StringComparison.Ordinal)
        ? disk.IsSynced(Path)
        : disk.IsSynced(Path, SlotsAt, PackFile.SectorBytes) && disk.IsSynced(Path, OffsetBytes, LengthBytes);

    private static SimReplica OfFile(string path, int length)
    {
        var at = new ChunkHead(default, default, SimNamespace.Config.ChunkSizeBytes).DataOffset;
        var name = System.IO.Path.GetFileNameWithoutExtension(path);
        return new(new(ulong.Parse(name, NumberStyles.HexNumber, CultureInfo.InvariantCulture)), path, at, length - at, 0);
    }
}
