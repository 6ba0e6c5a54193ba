using System.Text;
using Gofs.Chunks;
using Gofs.Silo.ChunkServer.Storage;
using Gofs.Transport;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Gofs.Tests.ChunkServers.Storage;

/// <summary>Small chunks share files, and nobody who uses the store can tell.</summary>
public sealed class PackTests
{
    private const int Small = 4000;
    private readonly SimulatedDisk disk = new();

    [Fact]
    public void SmallChunks_ShareAFile_AndAreThereAfterAStart()
    {
        using (var host = Host())
        {
            for (var i = 1; i <= 50; i++) host.Write(i, StoreHost.Bytes(Small, i), durable: i % 2 == 0);
            Assert.DoesNotContain(disk.Files, file => file.EndsWith(".chunk", StringComparison.Ordinal));
            Assert.Equal("packs/04k-000001.pack", Assert.Single(Packs()));
        }

        disk.Restart();
        using var again = Host(isFirst: false);
        Assert.Equal(50, again.Store.GetAll().Count);
        for (var i = 1; i <= 50; i++) Assert.Equal(StoreHost.Bytes(Small, i), again.Read(i));
    }

    [Fact]
    public void ChunksOfManySizes_FillManyPacks()
    {
        using var host = Host(cells: 4);
        var sizes = Enumerable.Range(1, 60).Select(i => i * 701).ToArray();
        for (var i = 1; i < sizes.Length; i++)
        {
            host.Write(i, StoreHost.Bytes(sizes[i], i));
            host.Settle();
        }

        Assert.InRange(Packs().Length, 8, 30);
        for (var i = 1; i < sizes.Length; i++) Assert.Equal(StoreHost.Bytes(sizes[i], i), host.Read(i));
    }

    [Theory, InlineData(true), InlineData(false)]
    public void ChunkThatOutgrowsItsCell_BecomesAFile(bool durable)
    {
        byte[] all = [.. StoreHost.Bytes(Small), .. StoreHost.Bytes(9000, 2)];
        using (var host = Host())
        {
            host.Write(1, all[..Small], durable: durable);
            host.Write(1, all[Small..], Small, durable);
            Assert.Contains(Disk.FileOf(StoreHost.Handle(1)), disk.Files);
            Assert.Equal(all, host.Read(1));
        }

        disk.Restart();
        using var again = Host(isFirst: false);
        Assert.Single(again.Store.GetAll());
        Assert.Equal(all, again.Read(1));
    }

    [Fact]
    public void DeletedChunk_ItsCellIsTakenAgain_OnlyAfterASync()
    {
        using var host = Host(cells: 8);
        for (var i = 1; i <= 6; i++) host.Write(i, StoreHost.Bytes(Small, i));
        host.Delete(1, 2, 3);
        host.Write(7, StoreHost.Bytes(Small, 7));
        host.Write(8, StoreHost.Bytes(Small, 8));
        var before = disk.Content(Packs()[0]);
        Assert.Equal(StoreHost.Bytes(Small, 1), before[DataAt(8)..][..Small]);
        host.Time.Advance(TimeSpan.FromSeconds(10));
        host.Settle();
        Assert.False(disk.Content(Packs()[0]).AsSpan(DataAt(8), Small).ContainsAnyExcept((byte)0));
        for (var i = 11; i <= 13; i++) host.Write(i, StoreHost.Bytes(Small, i));
        var after = disk.Content(Packs()[0]);
        Assert.Equal(StoreHost.Bytes(Small, 11), after[DataAt(8)..][..Small]);
        foreach (var i in new[] { 4, 5, 6, 7, 8, 11, 12, 13 }) Assert.Equal(StoreHost.Bytes(Small, i), host.Read(i));
    }

    [Fact]
    public void CellsThatWereFreeAtTheStart_AreTaken()
    {
        using (var host = Host(cells: 8))
        {
            for (var i = 1; i <= 8; i++) host.Write(i, StoreHost.Bytes(Small, i));
            host.Settle();
            host.Delete(1, 2, 3, 8);
        }

        disk.Restart();
        using var again = Host(cells: 8, isFirst: false);
        again.Time.Advance(TimeSpan.FromSeconds(10));
        again.Settle();
        var before = disk.Files.ToArray();
        for (var i = 11; i <= 14; i++) again.Write(i, StoreHost.Bytes(Small, i));
        Assert.Equal(before, disk.Files);
        Assert.Equal(StoreHost.Bytes(Small, 11), disk.Content(Packs()[0])[DataAt(8)..][..Small]);
    }

    [Fact]
    public void CellLetGoOfDuringASync_WaitsForTheNext()
    {
        var threads = new SimulatedThreads(1);
        using var packed = new PackedDisk(
            disk.Mount(), new() { ClusterId = "c", ServerId = "s", DiskFolders = ["d"], PackCells = 8, Threads = threads }, TimeProvider.System, _ => { });
        DiskIdentity.Check(packed, new() { ClusterId = "c", ServerId = "s", DiskFolders = ["d"] });
        Assert.Null(packed.TryCreate(Head(9), Small));
        threads.Settle();
        foreach (var i in new[] { 1, 2 }) packed.TryCreate(Head(i), Small)!.Write(StoreHost.Bytes(Small, i), Head(i).DataOffset);
        packed.Delete(Disk.FileOf(Head(1).Handle));
        var isFirst = true;
        disk.SyncLies = _ =>
        {
            if (isFirst) packed.Delete(Disk.FileOf(Head(2).Handle));
            return isFirst = false;
        };
        packed.SyncFileSystem();
        threads.Settle();
        var pack = disk.Content(PackHost.FirstPack);
        Assert.False(pack.AsSpan(DataAt(8), Small).ContainsAnyExcept((byte)0));
        Assert.Equal(StoreHost.Bytes(Small, 2), pack.AsSpan((int)PackHost.CellAt(8, 1), Small));
        Assert.Throws<FileNotFoundException>(() => packed.Open(Disk.FileOf(Head(2).Handle), DiskOpen.Existing));
    }

    [Fact]
    public void ReaderOfADeletedChunk_IsTold_AndNeverSeesAnothers()
    {
        using var host = Host(cells: 8);
        host.Write(1, StoreHost.Bytes(Small, 1));
        using var packed = new PackedDisk(
            disk.Mount(), new() { ClusterId = "c", ServerId = "s", DiskFolders = ["d"], Threads = new SimulatedThreads(1) }, TimeProvider.System, _ => { });
        packed.Load(NullLogger.Instance);
        using var file = packed.Open(Disk.FileOf(StoreHost.Handle(1)), DiskOpen.Existing);
        var into = new byte[Small];
        Assert.Equal(Small, file.Read(into, Head(1).DataOffset));
        packed.Delete(Disk.FileOf(StoreHost.Handle(1)));
        Assert.Equal(GofsError.ChunkNotFound, StoreHost.ErrorOf(() => file.Read(into, Head(1).DataOffset)));
        Assert.False(file.TryReadCached(into, Head(1).DataOffset));
    }

    [Fact]
    public void FirstPack_RaisesTheDisksFormat_WhichKeepsEarlierReleasesOut()
    {
        using (new StoreHost(disk)) Assert.Contains("\"formatVersion\": 1", Identity());
        disk.Restart();
        using (Host()) Assert.Contains("\"formatVersion\": 2", Identity());
        Assert.True(disk.IsSynced("gofs-disk.json"));
    }

    [Fact]
    public void WithoutPacks_EveryChunkHasAFile()
    {
        using var host = new StoreHost(disk, options => options with { PackUpToBytes = 0 });
        for (var i = 1; i <= 3; i++) host.Write(i, StoreHost.Bytes(10));
        host.Settle();
        Assert.Empty(Packs());
        Assert.Equal(3, disk.Files.Count(file => file.EndsWith(".chunk", StringComparison.Ordinal)));
        Assert.Contains("\"formatVersion\": 1", Identity());
    }

    [Fact]
    public void WithPacksNoMore_ThoseThereAreAreRead()
    {
        using (var host = Host()) host.Write(1, StoreHost.Bytes(Small));
        disk.Restart();
        using var again = new StoreHost(disk, options => options with { PackUpToBytes = 0 });
        Assert.Equal(StoreHost.Bytes(Small), again.Read(1));
        again.Write(2, StoreHost.Bytes(Small));
        Assert.Contains(Disk.FileOf(StoreHost.Handle(2)), disk.Files);
    }

    [Fact]
    public void FullDisk_ChunkThatWouldOutgrowItsCell_StaysWhereItIs()
    {
        using var host = Host();
        host.Write(1, StoreHost.Bytes(Small));
        disk.CapacityBytes = 4096;
        Assert.Equal(GofsError.NoSpace, StoreHost.ErrorOf(() => host.Write(1, StoreHost.Bytes(9000), Small)));
        Assert.DoesNotContain(disk.Files, file => file.EndsWith(".copy", StringComparison.Ordinal) || file.EndsWith(".chunk", StringComparison.Ordinal));
        Assert.Equal(StoreHost.Bytes(Small), host.Read(1));
        disk.CapacityBytes = long.MaxValue;
        host.Time.Advance(TimeSpan.FromMinutes(1));
        host.Write(1, StoreHost.Bytes(9000), Small);
        Assert.Equal([.. StoreHost.Bytes(Small), .. StoreHost.Bytes(9000)], host.Read(1));
    }

    [Fact]
    public void FullDisk_WithoutRoomForAPack_HarmsNothing_AndPacksAreMadeOnceThereIs()
    {
        using var host = Host(cells: 1);
        disk.CapacityBytes = 4096;
        for (var i = 1; i <= 5; i++)
        {
            Assert.Equal(GofsError.NoSpace, StoreHost.ErrorOf(() => host.Write(i, StoreHost.Bytes(Small, i))));
            host.Settle();
        }

        Assert.Null(host.Store.GetDisks()[0].Fault);
        Assert.Single(Packs());
        disk.CapacityBytes = long.MaxValue;
        host.Time.Advance(TimeSpan.FromMinutes(1));
        for (var i = 11; i <= 20; i++)
        {
            host.Write(i, StoreHost.Bytes(Small, i));
            host.Settle();
        }

        Assert.InRange(Packs().Length, 2, 11);
        for (var i = 11; i <= 20; i++) Assert.Equal(StoreHost.Bytes(Small, i), host.Read(i));
    }

    private StoreHost Host(int cells = 64, bool isFirst = true) => isFirst ? PackHost.WithAPack(disk, cells) : PackHost.Open(disk, cells);

    private static ChunkHead Head(int i) => new(StoreHost.Handle(i), ChunkVersion.First, StoreHost.ChunkBytes);

    private string[] Packs() => [.. disk.Files.Where(file => file.StartsWith("packs/", StringComparison.Ordinal))];

    private string Identity() => Encoding.UTF8.GetString(disk.Content("gofs-disk.json"));

    private static int DataAt(int cells) => (int)PackHost.CellAt(cells, 0);
}
