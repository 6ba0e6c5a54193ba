using Gofs.Silo.ChunkServer.Storage;
using Gofs.Transport;
using Xunit;

namespace Gofs.Tests.ChunkServers.Storage;

/// <summary>Rot in a pack costs no more than the chunk it is in, and is noticed.</summary>
public sealed class PackDamageTests
{
    private const int Small = 4096;
    private const int Cells = 16;
    private readonly SimulatedDisk disk = new();

    public PackDamageTests()
    {
        using (var host = PackHost.WithAPack(disk, Cells))
        {
            for (var i = 1; i <= 4; i++) host.Write(i, StoreHost.Bytes(Small, i), durable: false);
            for (var i = 1; i <= 4; i++) host.Flush(i);
        }

        disk.Restart();
    }

    [Fact]
    public void RottenData_IsCorrupt_AndRepaired()
    {
        disk.FlipBit(PackHost.FirstPack, PackHost.CellAt(Cells, 0) + 100, 3);
        using var host = PackHost.Open(disk, Cells);
        Assert.Equal(GofsError.Corrupt, StoreHost.ErrorOf(() => host.Read(1)));
        Assert.Equal(1, host.Scrub(1).Found);
        var bad = Assert.Single(host.Store.GetBadChecksumBlocks());
        Assert.True(host.Repair(bad, StoreHost.Bytes(Small, 1)));
        CheckAll(host);
    }

    [Fact]
    public void RottenEntry_IsInferredFromTheChunksHead_AndWrittenAnew()
    {
        disk.FlipBit(PackHost.FirstPack, PackHost.SectorAt(0) + PackEntry.At + 9, 3);
        using (var host = PackHost.Open(disk, Cells))
        {
            CheckAll(host);
            host.SetVersion(1, 2);
            host.SetVersion(1, 3);
        }

        Assert.True(PackEntry.TryParse(disk.Content(PackHost.FirstPack).AsSpan((int)PackHost.SectorAt(0), 512), out var entry));
        Assert.Equal((StoreHost.Handle(1), Small), (entry.Handle, entry.Length));
    }

    [Fact]
    public void RottenHead_IsNoChunk_AndGoesToQuarantine()
    {
        disk.FlipBit(PackHost.FirstPack, PackHost.SectorAt(0) + 20, 3);
        using var host = PackHost.Open(disk, Cells);
        Assert.Equal(3, host.Store.GetAll().Count);
        var file = Assert.Single(disk.Files, file => file.StartsWith("quarantine/", StringComparison.Ordinal));
        Assert.Equal(StoreHost.Bytes(Small, 1), disk.Content(file)[^Small..]);
    }

    /// <summary>The one bit that makes 4,096 bytes none: without the entry the chunk would be an empty one, and nothing wrong with it.</summary>
    [Fact]
    public void RottenSlots_AreNotTakenForAnEmptyChunk()
    {
        disk.FlipBit(PackHost.FirstPack, PackHost.SectorAt(0) + ChunkHead.SlotsOffset + 1, 4);
        using var host = PackHost.Open(disk, Cells);
        Assert.Equal(Small, host.Store.GetAll().Single(one => one.Handle == StoreHost.Handle(1)).LengthBytes);
    }

    [Fact]
    public void CellThatSaysNothing_IsLost_AndNothingElse()
    {
        disk.FlipBit(PackHost.FirstPack, PackHost.SectorAt(0) + 20, 3);
        disk.FlipBit(PackHost.FirstPack, PackHost.SectorAt(0) + PackEntry.At + 9, 3);
        using var host = PackHost.Open(disk, Cells);
        Assert.Equal(3, host.Store.GetAll().Count);
        Assert.Null(host.Store.GetDisks()[0].Fault);
        host.Write(1, StoreHost.Bytes(Small, 1));
        CheckAll(host);
    }

    [Fact]
    public void RottenHeadOfThePack_IsKnownByItsName()
    {
        disk.FlipBit(PackHost.FirstPack, 12, 3);
        using (var host = PackHost.Open(disk, Cells)) CheckAll(host);
        disk.Restart();
        using var again = PackHost.Open(disk, cells: 4);
        CheckAll(again);
    }

    [Fact]
    public void PackOfALaterFormat_TakesTheDiskOutOfService()
    {
        var bytes = disk.Content(PackHost.FirstPack);
        bytes[8] = 2;
        BitConverter.TryWriteBytes(bytes.AsSpan(60), Crc32C.Compute(bytes.AsSpan(0, 60)));
        disk.Put(PackHost.FirstPack, bytes);
        using var host = PackHost.Open(disk, Cells);
        Assert.Contains("format", host.Store.GetDisks()[0].Fault);
    }

    [Fact]
    public void FileThatIsNoPack_IsPassedOver()
    {
        disk.Put("packs/notes.txt", [1, 2, 3]);
        using var host = PackHost.Open(disk, Cells);
        CheckAll(host);
        Assert.Contains("packs/notes.txt", disk.Files);
    }

    private static void CheckAll(StoreHost host)
    {
        for (var i = 1; i <= 4; i++) Assert.Equal(StoreHost.Bytes(Small, i), host.Read(i));
    }
}
