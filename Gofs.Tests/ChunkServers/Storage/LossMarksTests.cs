using Gofs.Silo.ChunkServer.Storage;
using Gofs.Transport;
using Xunit;

namespace Gofs.Tests.ChunkServers.Storage;

/// <summary>A server's mark changes when writes that were acknowledged and not flushed may be gone, and only then.</summary>
public sealed class LossMarksTests
{
    private readonly SimulatedDisk disk = new();

    [Fact]
    public void AnotherStartOfTheProcess_LosesNothing_AndKeepsTheMark()
    {
        byte before;
        using (var host = Start()) before = host.Write(1, StoreHost.Bytes(70_000), durable: false);
        disk.Restart();
        using var again = Start();
        Assert.Equal(before, again.Write(1, StoreHost.Bytes(100), 70_000, durable: false));
        Assert.Equal(before, again.Flush(1));
        Assert.Equal([.. StoreHost.Bytes(70_000), .. StoreHost.Bytes(100)], again.Read(1));
    }

    [Fact]
    public void EveryStartOfTheMachine_ChangesIt()
    {
        HashSet<byte> marks = [];
        for (var i = 0; i < 10; i++)
        {
            using var host = Start();
            Assert.True(marks.Add(host.Write(1, StoreHost.Bytes(10))), $"start {i}");
            disk.Crash(i);
            disk.Restart();
        }

        Assert.All(marks, mark => Assert.InRange(mark, 1, LossMarks.Most));
    }

    [Fact]
    public void ProcessThatDies_AfterWritesOutOfOrder_LosesNone_AndKeepsTheMark()
    {
        byte before;
        using (var host = Start()) before = host.Write(1, StoreHost.Bytes(100), 5 * 65536, durable: false);
        disk.Restart();
        using var again = Start();
        Assert.Equal(before, again.Write(1, StoreHost.Bytes(5 * 65536, 2), 0, durable: false));
        Assert.Equal([.. StoreHost.Bytes(5 * 65536, 2), .. StoreHost.Bytes(100)], again.Read(1));
    }

    [Theory, InlineData(100), InlineData(65536)]
    public void ProcessThatDies_AfterALoggedWriteAndOthersBehindIt_LosesNone(int logged)
    {
        using (var host = Start())
        {
            host.Write(1, StoreHost.Bytes(logged));
            host.Write(1, StoreHost.Bytes(1000, 2), logged, durable: false);
            disk.Restart();
        }

        using var again = Start();
        Assert.Equal([.. StoreHost.Bytes(logged), .. StoreHost.Bytes(1000, 2)], again.Read(1));
    }

    [Fact]
    public void FlushAfterAnotherStartOfTheProcess_CoversWhatTheFormerOneWrote()
    {
        using (var host = Start())
        {
            host.Write(1, StoreHost.Bytes(100_000), durable: false);
            disk.Restart();
        }

        using (var again = Start())
        {
            again.Flush(1);
            disk.Crash(1);
        }

        disk.Restart();
        using var last = Start();
        Assert.Equal(StoreHost.Bytes(100_000), last.Read(1));
    }

    [Fact]
    public void FullDisk_StartsAndCounts()
    {
        byte before;
        using (var host = Start()) before = host.Write(1, StoreHost.Bytes(10));
        disk.Restart();
        disk.CapacityBytes = DiskFaultTests.UsedBytes(disk);
        disk.PowerCuts++;
        using var again = Start();
        Assert.NotEqual(before, again.Flush(1));
    }

    [Theory, InlineData(0), InlineData(128)]
    public void TornRecord_LeavesTheStartBefore(long torn)
    {
        for (var i = 0; i < 4; i++)
        {
            DiskStarts.CountOne(disk.Mount());
            disk.Restart();
        }

        disk.FlipBit("starts", torn + 9, 3);
        var (count, machines, name) = DiskStarts.CountOne(disk.Mount());
        Assert.Equal((torn == 0 ? 4 : 5, 1, disk.Mount().Start), (count, machines, name));
    }

    private StoreHost Start() => new(disk);
}
