using Gofs.Silo.ChunkServer.Storage;
using Xunit;

namespace Gofs.Tests.ChunkServers.Storage;

/// <summary>Disks that break, fill up, belong to somebody else, or hold what they should not.</summary>
public sealed class DiskFaultTests
{
    [Fact]
    public void BrokenDisk_OfTwo_StopsAndTheOtherGoesOn()
    {
        var (one, two) = (new SimulatedDisk("one"), new SimulatedDisk("two"));
        using var host = new StoreHost(new Dictionary<string, SimulatedDisk> { ["1"] = one, ["2"] = two });
        for (var i = 1; i <= 8; i++) host.Write(i, StoreHost.Bytes(100, i));
        _ = host.Store.TakeChanges();
        one.IsBroken = true;
        var errors = Enumerable.Range(1, 8).Select(i => Record.Exception(() => host.Read(i))).ToArray();
        Assert.Equal(GofsError.DiskFailed, Assert.IsType<GofsException>(errors.First(error => error is not null)).Error);
        Assert.Equal(4, errors.Count(error => error is null));
        Assert.Equal(4, host.Store.TakeChanges().Gone.Count);
        Assert.Equal(4, host.Store.GetAll().Count);
        for (var i = 11; i <= 14; i++) host.Write(i, StoreHost.Bytes(100, i));
        Assert.Equal(8, host.Store.GetAll().Count);
        Assert.Single(host.Store.GetDisks(), disk => disk.Fault is not null);
    }

    [Fact]
    public void BrokenDisk_OfTwo_ThatDoesNotSayItsRoom_GetsNoNewChunk()
    {
        var (one, two) = (new SimulatedDisk("one"), new SimulatedDisk("two"));
        using var host = new StoreHost(new Dictionary<string, SimulatedDisk> { ["1"] = one, ["2"] = two });
        one.IsBroken = true;
        for (var i = 1; i <= 4; i++) host.Write(i, StoreHost.Bytes(100, i));
        for (var i = 1; i <= 4; i++) Assert.Equal(StoreHost.Bytes(100, i), host.Read(i));
        Assert.Single(host.Store.GetDisks(), disk => disk.Fault is not null);
    }

    [Fact]
    public void FailedSync_TakesTheDiskOutOfService()
    {
        var disk = new SimulatedDisk();
        using var host = new StoreHost(disk, options => options with { PackUpToBytes = 0 });
        host.Write(1, StoreHost.Bytes(100));
        // Making the file, its data, its slots, the batch, then the sync.
        disk.FailAt[disk.Operations + 5] = LibC.InputOutputError;
        Assert.Equal(GofsError.DiskFailed, StoreHost.ErrorOf(() => host.Write(2, StoreHost.Bytes(100))));
        Assert.NotNull(host.Store.GetDisks()[0].Fault);
        Assert.Equal(GofsError.ChunkNotFound, StoreHost.ErrorOf(() => host.Read(1)));
        Assert.Equal(GofsError.DiskFailed, StoreHost.ErrorOf(() => host.Write(3, StoreHost.Bytes(100))));
    }

    [Theory, InlineData(true), InlineData(false)]
    public void FullDisk_RefusesAndKeepsWhatWasThere(bool durable)
    {
        var disk = new SimulatedDisk();
        using var host = new StoreHost(disk, options => options with { RoomAge = TimeSpan.Zero });
        host.Write(1, StoreHost.Bytes(70_000));
        disk.CapacityBytes = UsedBytes(disk) + 16_384;
        Assert.Equal(GofsError.NoSpace, StoreHost.ErrorOf(() => host.Write(1, StoreHost.Bytes(200_000), 70_000, durable)));
        Assert.Equal(GofsError.NoSpace, StoreHost.ErrorOf(() => host.Write(2, StoreHost.Bytes(200_000), 0, durable)));
        Assert.Equal(StoreHost.Bytes(70_000), host.Read(1));
        Assert.Single(host.Store.GetAll());
        host.Write(1, StoreHost.Bytes(3000, 2), 70_000, durable);
        Assert.Equal([.. StoreHost.Bytes(70_000), .. StoreHost.Bytes(3000, 2)], host.Read(1));
        Assert.Null(host.Store.GetDisks()[0].Fault);
    }

    [Fact]
    public void FullDisk_InTheMiddleOfAnOverwrite_TheReportSaysHowFarItWent()
    {
        var disk = new SimulatedDisk();
        using var host = new StoreHost(disk, options => options with { RoomAge = TimeSpan.Zero });
        host.Write(1, StoreHost.Bytes(100_000));
        disk.CapacityBytes = UsedBytes(disk) + 150_000;
        Assert.Equal(GofsError.NoSpace, StoreHost.ErrorOf(() => host.Write(1, StoreHost.Bytes(600_000, 2), 50_000)));
        Assert.InRange(host.Length(1), 100_001, 649_999);
        Assert.Equal(host.Length(1), Assert.Single(host.Store.GetAll()).LengthBytes);
        Assert.Equal(host.Length(1), host.Read(1).Length);
    }

    [Fact]
    public void FullDisk_OverwritesCutsAndDeletionsNeedNoRoom()
    {
        var disk = new SimulatedDisk();
        using var host = new StoreHost(disk);
        host.Write(1, StoreHost.Bytes(70_000));
        host.Write(2, StoreHost.Bytes(70_000));
        disk.CapacityBytes = UsedBytes(disk);
        host.Write(1, StoreHost.Bytes(1000, 3), 500);
        host.Truncate(1, 1500);
        host.SetVersion(1, 2);
        host.Delete(2);
        Assert.Equal([.. StoreHost.Bytes(500), .. StoreHost.Bytes(1000, 3)], host.Read(1, version: 2));
        Assert.Single(host.Store.GetAll());
    }

    [Fact]
    public void DiskTooFullForAJournal_StillReadsAndSyncsEachFile()
    {
        var disk = new SimulatedDisk();
        using (var host = new StoreHost(disk)) host.Write(1, StoreHost.Bytes(100));
        disk.Restart();
        using (var mounted = disk.Mount())
        {
            mounted.Delete("journal-0");
            mounted.Delete("journal-1");
        }

        disk.CapacityBytes = UsedBytes(disk) + 65_536;
        using var full = new StoreHost(disk);
        Assert.Equal(StoreHost.Bytes(100), full.Read(1));
        full.Write(1, StoreHost.Bytes(100, 2), 100);
        Assert.Equal(GofsError.NoSpace, StoreHost.ErrorOf(() => full.SetVersion(1, 2)));
        full.Delete(1);
        disk.CapacityBytes = long.MaxValue;
        full.Write(2, StoreHost.Bytes(100));
        // Asking makes the journal try for room again.
        _ = Record.Exception(() => full.SetVersion(2, 2));
        full.Settle();
        full.SetVersion(2, 2);
        Assert.Equal(StoreHost.Bytes(100), full.Read(2, version: 2));
    }

    [Fact]
    public void RottenBit_IsAnErrorAndNothingElseSuffers()
    {
        var disk = new SimulatedDisk();
        using var host = new StoreHost(disk);
        host.Write(1, StoreHost.Bytes(200_000));
        host.Write(2, StoreHost.Bytes(100));
        disk.FlipBit("chunks/01/0001020000000001.chunk", 4096 + 70_000, 3);
        Assert.Equal(GofsError.Corrupt, StoreHost.ErrorOf(() => host.Read(1)));
        Assert.Equal(StoreHost.Bytes(100), host.Read(2));
        Assert.Equal(GofsError.Corrupt, StoreHost.ErrorOf(() => host.Write(1, StoreHost.Bytes(10), 65_600)));
    }

    [Fact]
    public void RottenTail_AfterSmallAppends_IsAnErrorNotAShorterChunk()
    {
        var disk = new SimulatedDisk();
        using (var host = new StoreHost(disk))
        {
            host.Write(1, StoreHost.Bytes(1000));
            host.Write(1, StoreHost.Bytes(1000, 2), 1000);
        }

        disk.Restart();
        using (var again = new StoreHost(disk)) Assert.Equal(2000, again.Read(1).Length);
        disk.Restart();
        disk.FlipBit("chunks/01/0001020000000001.chunk", 4096 + 1500, 0);
        using var rotten = new StoreHost(disk);
        Assert.Equal(GofsError.Corrupt, StoreHost.ErrorOf(() => rotten.Read(1)));
    }

    [Fact]
    public void FileThatIsNoChunk_GoesToQuarantineAndStopsNothing()
    {
        var disk = new SimulatedDisk();
        using (var host = new StoreHost(disk)) host.Write(1, StoreHost.Bytes(100));
        disk.Restart();
        disk.Put("chunks/07/junk.chunk", StoreHost.Bytes(100));
        disk.Put("chunks/08/0001020000000008.chunk", []);
        using var again = new StoreHost(disk);
        Assert.Equal(StoreHost.Bytes(100), again.Read(1));
        Assert.Single(again.Store.GetAll());
        Assert.Contains("quarantine/junk.chunk", disk.Files);
        Assert.Contains("quarantine/0001020000000008.chunk", disk.Files);
    }

    [Fact]
    public void DamagedHead_OfAChunkInTheJournal_DoesNotStopTheOthers()
    {
        var disk = new SimulatedDisk();
        var host = new StoreHost(disk);
        host.Write(1, StoreHost.Bytes(200_000));
        host.Write(2, StoreHost.Bytes(200_000));
        host.Write(1, StoreHost.Bytes(50, 2), 10);
        host.Write(2, StoreHost.Bytes(50, 2), 10);
        disk.Restart();
        disk.FlipBit("chunks/01/0001020000000001.chunk", 20, 1);
        using var again = new StoreHost(disk);
        Assert.Equal(StoreHost.Bytes(50, 2), again.Read(2)[10..60]);
        Assert.Contains("quarantine/0001020000000001.chunk", disk.Files);
        Assert.Null(again.Store.GetDisks()[0].Fault);
    }

    [Theory, InlineData("other", "s"), InlineData("c", "other")]
    public void DiskOfAnother_IsRefused(string cluster, string server)
    {
        var disk = new SimulatedDisk();
        using (new StoreHost(disk))
        {
        }

        disk.Restart();
        Assert.Equal(GofsError.ForeignFolder, StoreHost.ErrorOf(() =>
            new StoreHost(disk, options => options with { ClusterId = cluster, ServerId = server }).Dispose()));
    }

    [Fact]
    public void DiskInUse_IsRefused()
    {
        var disk = new SimulatedDisk();
        using var host = new StoreHost(disk);
        Assert.Equal(GofsError.ForeignFolder, StoreHost.ErrorOf(() => new StoreHost(disk).Dispose()));
    }

    [Fact]
    public void FreeSpace_IsAskedForOnceASecond()
    {
        var disk = new SimulatedDisk { CapacityBytes = 100 << 20 };
        using var host = new StoreHost(disk);
        host.Write(1, StoreHost.Bytes(100));
        var free = host.Store.GetDisks()[0].FreeBytes;
        host.Write(2, StoreHost.Bytes(500_000));
        Assert.Equal(free, host.Store.GetDisks()[0].FreeBytes);
        host.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.InRange(host.Store.GetDisks()[0].FreeBytes, 1, free - 500_000);
    }

    internal static long UsedBytes(SimulatedDisk disk) => disk.Files.Sum(file => (disk.Content(file).Length + 4095L) / 4096 * 4096);
}
