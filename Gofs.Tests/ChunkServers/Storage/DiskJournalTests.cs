using System.Buffers.Binary;
using Gofs.Chunks;
using Gofs.Silo.ChunkServer.Storage;
using Gofs.Transport;
using Xunit;

namespace Gofs.Tests.ChunkServers.Storage;

/// <summary>The journal, case by case: what the property test finds by chance, told by name.</summary>
public sealed class DiskJournalTests
{
    private readonly SimulatedDisk disk = new();

    [Fact]
    public void WritesThatWaitTogether_ShareASync()
    {
        using var host = new StoreHost(disk);
        host.WriteAtOnce(Enumerable.Range(1, 40), StoreHost.Bytes(500));
        Assert.InRange(host.Store.JournalCounts.Syncs, 1, 20);
        for (var i = 1; i <= 40; i++) Assert.Equal(StoreHost.Bytes(500), host.Read(i));
    }

    [Fact]
    public void SmallWrite_ThenPowerCut_IsThere()
    {
        new StoreHost(disk).Write(1, StoreHost.Bytes(500));
        for (var seed = 0; seed < 20; seed++)
        {
            disk.Crash(seed);
            Assert.Equal(StoreHost.Bytes(500), new StoreHost(disk).Read(1));
        }
    }

    [Fact]
    public void LargeFlush_AfterSmallWrite_IsNotUndoneByItsRecord()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var some = new SimulatedDisk();
            var host = new StoreHost(some);
            host.Write(1, StoreHost.Bytes(500));
            host.Write(1, StoreHost.Bytes(400_000, 2), 500, durable: false);
            host.Flush(1);
            some.Crash(seed);
            Assert.Equal([.. StoreHost.Bytes(500), .. StoreHost.Bytes(400_000, 2)], new StoreHost(some).Read(1));
        }
    }

    [Fact]
    public void DeletedChunk_WithRecords_DoesNotRiseInPart()
    {
        for (var seed = 0; seed < 40; seed++)
        {
            var some = new SimulatedDisk();
            var host = new StoreHost(some);
            host.Write(1, StoreHost.Bytes(300_000));
            host.Write(1, StoreHost.Bytes(500, 2), 300_000);
            host.Delete(1);
            host.Write(2, StoreHost.Bytes(500));
            some.Crash(seed);
            Assert.Equal([StoreHost.Handle(2)], new StoreHost(some).Store.GetAll().Select(one => one.Handle));
        }
    }

    [Fact]
    public void ChunkMadeAnew_AfterItsDeletionWasLogged_Stays()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var some = new SimulatedDisk();
            var host = new StoreHost(some);
            host.Write(1, StoreHost.Bytes(500));
            host.Delete(1);
            host.Write(1, StoreHost.Bytes(300_000, 2));
            some.Crash(seed);
            Assert.Equal(StoreHost.Bytes(300_000, 2), new StoreHost(some).Read(1));
        }
    }

    [Fact]
    public void Truncate_ThenPowerCut_IsCut()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var some = new SimulatedDisk();
            var host = new StoreHost(some);
            host.Write(1, StoreHost.Bytes(500));
            host.Write(1, StoreHost.Bytes(500, 2), 500);
            host.Truncate(1, 700);
            some.Crash(seed);
            Assert.Equal([.. StoreHost.Bytes(500), .. StoreHost.Bytes(500, 2)[..200]], new StoreHost(some).Read(1));
        }
    }

    [Fact]
    public void FilesUsedInTurn_AreRetiredAndUsedAgain()
    {
        var host = new StoreHost(disk);
        for (var i = 1; i <= 200; i++) host.Write(i, StoreHost.Bytes(5000, i));
        Assert.InRange(host.Store.JournalCounts.Retired, 3, 100);
        disk.Crash(3);
        using var again = new StoreHost(disk);
        for (var i = 1; i <= 200; i++) Assert.Equal(StoreHost.Bytes(5000, i), again.Read(i));
    }

    [Fact]
    public void JournalFiles_GrowWithUse()
    {
        using var host = new StoreHost(disk, options => options with { JournalFileBytes = 1 << 20 });
        for (var i = 1; i <= 300; i++) host.Write(i, StoreHost.Bytes(5000, i));
        Assert.Equal(1 << 20, disk.Content("journal-0").Length);
    }

    [Fact]
    public void EarlierRelease_OverwriteUnderWay_IsRedoneOnce()
    {
        using (var host = new StoreHost(disk, options => options with { JournalLimitBytes = 0 })) host.Write(1, StoreHost.Bytes(70_000));
        disk.Restart();
        var image = StoreHost.Bytes(65_536, 9);
        var entry = new byte[32 + image.Length];
        "GOFSREDO"u8.CopyTo(entry);
        BinaryPrimitives.WriteUInt64LittleEndian(entry.AsSpan(8), StoreHost.Handle(1).Value);
        BinaryPrimitives.WriteInt32LittleEndian(entry.AsSpan(24), image.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(entry.AsSpan(28), Crc32C.Append(Crc32C.Compute(entry.AsSpan(0, 28)), image));
        image.CopyTo(entry, 32);
        disk.Put("journal", entry);
        using var again = new StoreHost(disk);
        Assert.Equal([.. image, .. StoreHost.Bytes(70_000)[65_536..]], again.Read(1));
        Assert.DoesNotContain("journal", disk.Files);
    }

    [Fact]
    public void EarlierRelease_EmptyJournal_IsRemoved()
    {
        disk.Put("journal", new byte[32]);
        using var host = new StoreHost(disk);
        Assert.DoesNotContain("journal", disk.Files);
    }

    [Fact]
    public void RecordThatIsTorn_EndsTheRun()
    {
        var host = new StoreHost(disk);
        host.Write(1, StoreHost.Bytes(100));
        host.Write(2, StoreHost.Bytes(100));
        host.Write(3, StoreHost.Bytes(100));
        disk.Restart();
        // The second record's data. The chunks' own files have all three: only the first is redone, and nothing is lost.
        disk.FlipBit("journal-0", (2 * 4096) + 80, 0);
        using var again = new StoreHost(disk);
        for (var i = 1; i <= 3; i++) Assert.Equal(StoreHost.Bytes(100), again.Read(i));
    }
}
