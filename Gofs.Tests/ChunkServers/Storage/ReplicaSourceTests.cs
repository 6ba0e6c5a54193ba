using CsCheck;
using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Silo.ChunkServer.Storage;
using Xunit;

namespace Gofs.Tests.ChunkServers.Storage;

/// <summary>What is touched of a chunk while another server copies it: all of it, however it was touched, and for a bounded time.</summary>
public sealed class ReplicaSourceTests
{
    private const int ChecksumBlock = 64 << 10;

    [Fact]
    public void WhoeverFetchesWhatIsTouched_AlwaysHasTheSameBytes() => Gen.Int.Select(Gen.Int[1, 60]).Sample((seed, operations) =>
    {
        var dice = new Random(seed);
        using var host = new StoreHost(new SimulatedDisk());
        using var target = new StoreHost(new SimulatedDisk());
        var version = 1;
        host.Write(1, StoreHost.Bytes(dice.Next(1, 300_000), seed), durable: dice.Next(2) == 0);
        var begun = host.BeginCopy(1);
        var file = target.OpenCopy(1, begun.LengthBytes);
        target.Put(file, host.Read(1));
        var length = begun.LengthBytes;
        for (var i = 0; i < operations; i++)
        {
            Change(host, dice, ref version);
            if (dice.Next(4) == 0) length = Fetch(host, target, file, begun.SourceId, version);
        }

        host.SetVersion(1, ++version);
        length = Fetch(host, target, file, begun.SourceId, version);
        target.Install(file, version, length);
        Assert.Equal(host.Read(1, version), target.Read(1, version));
    }, iter: 150);

    [Fact]
    public void WhatWasTaken_IsNotToldAgain()
    {
        using var host = new StoreHost(new SimulatedDisk());
        host.Write(1, StoreHost.Bytes(5 * ChecksumBlock));
        var (first, second) = (host.BeginCopy(1), host.BeginCopy(1));
        host.Write(1, [1, 2], offset: ChecksumBlock - 1);
        host.Write(1, [1, 2], offset: 7 * ChecksumBlock);
        Assert.Equal([0, 1, 5, 6, 7], host.Touched(1, first.SourceId).ChecksumBlocks);
        Assert.Empty(host.Touched(1, first.SourceId).ChecksumBlocks);
        host.Truncate(1, 3 * ChecksumBlock);
        Assert.Equal([3, 4, 5, 6, 7], host.Touched(1, first.SourceId).ChecksumBlocks);
        Assert.Equal([0, 1, 3, 4, 5, 6, 7], host.Touched(1, second.SourceId).ChecksumBlocks);
        Assert.Equal(3 * ChecksumBlock, host.Touched(1, second.SourceId).LengthBytes);
    }

    [Fact]
    public void SourceNobodyAsks_EndsAfterTwoMinutes_AndOneThatIsAskedDoesNot()
    {
        using var host = new StoreHost(new SimulatedDisk());
        host.Write(1, [1, 2, 3]);
        var (asked, unasked) = (host.BeginCopy(1), host.BeginCopy(1));
        for (var i = 0; i < 3; i++)
        {
            host.Time.Advance(TimeSpan.FromSeconds(100));
            host.Touched(1, asked.SourceId);
        }

        Assert.Equal(GofsError.ChunkNotFound, StoreHost.ErrorOf(() => host.Touched(1, unasked.SourceId)));
        host.Store.EndCopy(asked.SourceId);
        host.Store.EndCopy(asked.SourceId);
        Assert.Equal(GofsError.ChunkNotFound, StoreHost.ErrorOf(() => host.Touched(1, asked.SourceId)));
    }

    [Fact]
    public void TooManySources_AreRefused_UntilSomeEnd()
    {
        using var host = new StoreHost(new SimulatedDisk());
        host.Write(1, [1, 2, 3]);
        var all = Enumerable.Range(0, ReplicaSources.Most).Select(_ => host.BeginCopy(1)).ToList();
        Assert.Equal(GofsError.Busy, StoreHost.ErrorOf(() => host.BeginCopy(1)));
        host.Store.EndCopy(all[7].SourceId);
        host.BeginCopy(1);
    }

    [Fact]
    public void DeletedChunk_OrAnotherVersion_IsNoSource()
    {
        using var host = new StoreHost(new SimulatedDisk());
        host.Write(1, [1, 2, 3]);
        var begun = host.BeginCopy(1);
        host.SetVersion(1, 2);
        Assert.Equal(GofsError.StaleVersion, StoreHost.ErrorOf(() => host.BeginCopy(1)));
        Assert.Equal(GofsError.ChunkNotFound, StoreHost.ErrorOf(() => host.Touched(2, begun.SourceId)));
        Assert.Empty(host.Touched(1, begun.SourceId).ChecksumBlocks);
        host.Delete(1);
        Assert.Equal(GofsError.ChunkNotFound, StoreHost.ErrorOf(() => host.Touched(1, begun.SourceId)));
        Assert.Equal(GofsError.ChunkNotFound, StoreHost.ErrorOf(() => host.BeginCopy(1)));
    }

    private static void Change(StoreHost host, Random dice, ref int version)
    {
        var now = host.Read(1, version).Length;
        switch (dice.Next(10))
        {
            case 0:
                host.SetVersion(1, ++version);
                return;
            case 1 or 2:
                host.Truncate(1, dice.Next(now + 1), version);
                return;
            default:
                var offset = dice.Next(4) switch { 0 => now + dice.Next(100_000), 1 => dice.Next(now + 1), _ => now };
                var data = StoreHost.Bytes(dice.Next(1, dice.Next(3) == 0 ? 150_000 : 3000), dice.Next());
                if (offset + data.Length <= StoreHost.ChunkBytes) host.Write(1, data, offset, durable: dice.Next(2) == 0, version);
                return;
        }
    }

    private static long Fetch(StoreHost host, StoreHost target, Gofs.Grains.ChunkServers.ICopyFile file, long sourceId, int version)
    {
        var touched = host.Touched(1, sourceId);
        var all = host.Read(1, version);
        Assert.Equal(all.Length, touched.LengthBytes);
        foreach (var index in touched.ChecksumBlocks.Where(index => (long)index * ChecksumBlock < all.Length))
            target.Put(file, all[(index * ChecksumBlock)..Math.Min(all.Length, (index + 1) * ChecksumBlock)], (long)index * ChecksumBlock);
        return touched.LengthBytes;
    }
}
