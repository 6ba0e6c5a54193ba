using Gofs.Silo.ChunkServer.Storage;
using Gofs.Transport;
using Xunit;

namespace Gofs.Tests.ChunkServers.Storage;

/// <summary>A server's mark changes when writes that were acknowledged and not flushed may be gone, and only then.</summary>
public sealed class LossMarksTests
{
    private readonly SimulatedDisk disk = new();
    private string machine = "first";

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
            machine = $"start {i}";
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

    [Fact]
    public void FullDisk_StartsAndCounts()
    {
        byte before;
        using (var host = Start()) before = host.Write(1, StoreHost.Bytes(10));
        disk.Restart();
        disk.CapacityBytes = DiskFaultTests.UsedBytes(disk);
        machine = "second";
        using var again = Start();
        Assert.NotEqual(before, again.Flush(1));
    }

    [Theory, InlineData(0), InlineData(128)]
    public void TornRecord_LeavesTheStartBefore(long torn)
    {
        for (var i = 0; i < 4; i++)
        {
            DiskStarts.CountOne(disk.Mount(), "m");
            disk.Restart();
        }

        disk.FlipBit("starts", torn + 9, 3);
        Assert.Equal(new DiskStarts(torn == 0 ? 4 : 5, 1, "m"), DiskStarts.CountOne(disk.Mount(), "m"));
    }

    private StoreHost Start() => new(disk, options => options with { MachineStart = () => machine });
}
