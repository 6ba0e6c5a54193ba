using CsCheck;
using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Transport;
using Xunit;

namespace Gofs.Tests.ChunkServers.Storage;

/// <summary>Several writes at once are those writes: the same bytes, the same refusals, and fewer syncs.</summary>
public sealed class WriteEachTests
{
    private static readonly Gen<ChunkWrite> Writes = Gen.Select(
        Gen.Int[1, 9], Gen.Int[1, 2], Gen.OneOf(Gen.Const(0), Gen.Int[0, 100_000]), Gen.Int[1, 70_000], Gen.Int[0, 100], Gen.Bool).Select(
        (chunk, version, offset, length, seed, durable) => Write(
            chunk, StoreHost.Bytes(length, seed), seed == 0 ? 1u : null, version, offset, durable));

    [Fact]
    public void NewChunks_ShareASync()
    {
        using var host = new StoreHost(new SimulatedDisk());
        var before = host.Store.JournalCounts.Syncs;
        var (mark, outcomes) = host.WriteEach(Enumerable.Range(1, 16).Select(i => Write(i, StoreHost.Bytes(4096, i))));
        Assert.All(outcomes, Assert.Null);
        Assert.Equal(1, host.Store.JournalCounts.Syncs - before);
        Assert.Equal(host.Write(20, [1]), mark);
        for (var i = 1; i <= 16; i++) Assert.Equal(StoreHost.Bytes(4096, i), host.Read(i));
    }

    [Fact]
    public void AnyWritesAtOnce_AreAsOneAfterTheOther() =>
        Writes.Array[1, 8].Array[1, 4].Sample(rounds =>
        {
            using StoreHost one = new(new SimulatedDisk()), each = new(new SimulatedDisk());
            foreach (var round in rounds)
            {
                // Each of another chunk: two writes of one chunk at once may go in either order.
                var writes = round.DistinctBy(write => write.Handle).ToArray();
                var single = writes.Select(write => ErrorOf(Record.Exception(() => one.Write(write)) as GofsException)).ToArray();
                Assert.Equal(single, each.WriteEach(writes).Outcomes.Select(ErrorOf));
            }

            Assert.Equal(one.Store.GetAll().OrderBy(replica => replica.Handle.Value), each.Store.GetAll().OrderBy(replica => replica.Handle.Value));
            foreach (var replica in one.Store.GetAll())
            {
                var chunk = (int)replica.Handle.Counter;
                Assert.True(one.Read(chunk).AsSpan().SequenceEqual(each.Read(chunk)), $"chunk {chunk} differs");
            }
        }, iter: 60);

    [Fact]
    public void OneRefusedAmongSeveral_LeavesTheOthersRight_AfterAPowerCutToo()
    {
        var disk = new SimulatedDisk();
        using (var host = new StoreHost(disk))
        {
            host.Write(3, StoreHost.Bytes(10));
            host.SetVersion(3, 2);
            var (_, outcomes) = host.WriteEach(
                [Write(1, StoreHost.Bytes(100, 1)), Write(2, [1], crc: 7), Write(3, [1]), Write(4, [1], version: 2), Write(5, StoreHost.Bytes(100, 5))]);
            Assert.Equal([null, GofsError.Corrupt, GofsError.StaleVersion, GofsError.ChunkNotFound, null], outcomes.Select(ErrorOf));
        }

        disk.Crash(seed: 1);
        using var again = new StoreHost(disk);
        Assert.Equal(StoreHost.Bytes(100, 1), again.Read(1));
        Assert.Equal(StoreHost.Bytes(100, 5), again.Read(5));
        Assert.Equal(StoreHost.Bytes(10), again.Read(3, version: 2));
        Assert.Equal(3, again.Store.GetAll().Count);
    }

    [Fact]
    public void PowerCutAtAnyOperation_KeepsWhatWasAcknowledged_AndNothingHalf()
    {
        const int Chunks = 8;
        for (var operation = 1; ; operation++)
        {
            var disk = new SimulatedDisk();
            var outcomes = new GofsException?[Chunks];
            using (var host = new StoreHost(disk))
            {
                disk.PowerFailsAt = disk.Operations + operation;
                outcomes = host.WriteEach(Enumerable.Range(1, Chunks).Select(i => Write(i, StoreHost.Bytes(2000, i)))).Outcomes;
            }

            var wasCut = disk.IsOff;
            disk.Crash(seed: operation);
            using var again = new StoreHost(disk);
            for (var i = 1; i <= Chunks; i++)
            {
                var isThere = again.Store.GetAll().Any(one => one.Handle == StoreHost.Handle(i));
                Assert.True(isThere || outcomes[i - 1] is not null, $"chunk {i} is gone, cut at {operation}");
                if (isThere) Assert.True(Wholly(again, i) is 0 or 2000, $"chunk {i} is there in part, cut at {operation}");
                if (outcomes[i - 1] is null) Assert.Equal(StoreHost.Bytes(2000, i), again.Read(i));
            }

            if (!wasCut) return;
        }
    }

    [Fact]
    public void MoreThanTheJournalHolds_IsWrittenAllTheSame()
    {
        using var host = new StoreHost(new SimulatedDisk());
        var (_, outcomes) = host.WriteEach(Enumerable.Range(1, 64).Select(i => Write(i, StoreHost.Bytes(15_000, i))));
        Assert.All(outcomes, Assert.Null);
        for (var i = 1; i <= 64; i++) Assert.Equal(StoreHost.Bytes(15_000, i), host.Read(i));
    }

    [Fact]
    public void BrokenDisk_OfTwo_RefusesItsChunksAlone()
    {
        var (one, two) = (new SimulatedDisk("one"), new SimulatedDisk("two"));
        using var host = new StoreHost(new Dictionary<string, SimulatedDisk> { ["1"] = one, ["2"] = two });
        for (var i = 11; i <= 12; i++) host.Write(i, StoreHost.Bytes(100, i));
        one.IsBroken = true;
        var (_, outcomes) = host.WriteEach(Enumerable.Range(1, 8).Select(i => Write(i, StoreHost.Bytes(100, i))));
        Assert.InRange(outcomes.Count(outcome => outcome is null), 1, 7);
        Assert.All(outcomes.OfType<GofsException>(), refused => Assert.Equal(GofsError.DiskFailed, refused.Error));
        Assert.Single(host.Store.GetDisks(), disk => disk.Fault is not null);
        for (var i = 1; i <= 8; i++)
        {
            if (outcomes[i - 1] is null) Assert.Equal(StoreHost.Bytes(100, i), host.Read(i));
        }
    }

    private static int Wholly(StoreHost host, int chunk)
    {
        try
        {
            return host.Read(chunk).Length;
        }
        catch (GofsException damaged) when (damaged.Error == GofsError.Corrupt)
        {
            // It was not acknowledged: its bytes are not to be had, and so nobody takes them for anything.
            return 0;
        }
    }

    private static GofsError? ErrorOf(GofsException? outcome) => outcome?.Error;

    private static ChunkWrite Write(int chunk, byte[] data, uint? crc = null, int version = 1, long offset = 0, bool durable = true) =>
        new(StoreHost.Handle(chunk), new(version), offset, data, crc ?? Crc32C.Compute(data), StoreHost.ChunkBytes, durable);
}
