using Gofs.Grains.ChunkServers;
using Xunit;

namespace Gofs.Tests.ChunkServers.Storage;

/// <summary>Bytes that have rotted: found, remembered, and repaired with what another replica has, never with what is older.</summary>
public sealed class RepairTests
{
    private const string File = "chunks/01/0001020000000001.chunk";
    private const int Block = 64 << 10;
    private readonly SimulatedDisk disk = new();
    private readonly byte[] data = StoreHost.Bytes(200_000);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void RottenBit_IsRemembered_AndRepaired_AlsoAfterAPowerCut(int index)
    {
        using (var store = new StoreHost(disk)) store.Write(1, data);
        disk.Restart();
        disk.FlipBit(File, 4096 + (index * Block) + 7, 3);
        using (var store = new StoreHost(disk))
        {
            Assert.Equal(GofsError.Corrupt, StoreHost.ErrorOf(() => store.Read(1)));
            Assert.Equal(GofsError.Corrupt, StoreHost.ErrorOf(() => store.Read(1)));
            var bad = Assert.Single(store.Store.GetBadChecksumBlocks());
            Assert.Equal((index * Block, Math.Min(Block, data.Length - (index * Block))), (bad.OffsetBytes, bad.LengthBytes));
            Assert.True(store.Repair(bad, Good(bad)));
            Assert.Equal(data, store.Read(1));
            Assert.Empty(store.Store.GetBadChecksumBlocks());
            var status = store.Store.GetDisks()[0];
            Assert.Equal((1, 1), (status.BadChecksumBlocks, status.RepairedChecksumBlocks));
        }

        disk.Crash(seed: 1);
        using var again = new StoreHost(disk);
        Assert.Equal(data, again.Read(1));
    }

    [Fact]
    public void WhatWasWrittenMeanwhile_IsNotReplacedByWhatIsOlder()
    {
        using var host = OpenRotten(out var bad);
        Assert.Equal(GofsError.Corrupt, StoreHost.ErrorOf(() => host.Write(1, [1, 2, 3]))); // a part of what is bad
        var newer = StoreHost.Bytes(Block, seed: 2);
        host.Write(1, newer);
        Assert.False(host.Repair(bad, Good(bad)));
        Assert.Equal([.. newer, .. data[Block..]], host.Read(1));
        Assert.Empty(host.Store.GetBadChecksumBlocks());
    }

    // Found by the simulation (seed 163589): a write was done here and under way to the replica that this one was repaired with; it was acknowledged
    // when it was done there, and not here any more.
    [Fact]
    public void BytesThatLackAWriteThatIsDoneHere_DoNotRepairAChecksumBlock()
    {
        using var host = new StoreHost(disk);
        host.Write(1, data);
        byte[] newer = [1, 2, 3];
        host.Write(1, newer, offset: 1000, durable: false);
        disk.FlipBit(File, 4096 + 7, 3);
        Assert.Equal(GofsError.Corrupt, StoreHost.ErrorOf(() => host.Read(1)));
        var bad = Assert.Single(host.Store.GetBadChecksumBlocks());
        Assert.False(host.Repair(bad, Good(bad)));
        Assert.Single(host.Store.GetBadChecksumBlocks());
        newer.CopyTo(data, 1000);
        Assert.True(host.Repair(bad, Good(bad)));
        Assert.Equal(data, host.Read(1));
    }

    // Found by the simulation (seed 368): writing had gone on with this replica alone, and what had rotted in it only those had that were left out.
    [Fact]
    public void BytesOfAnOlderReplica_RepairAChecksumBlock_WhenTheyHaveItsCrc_AndOnlyThen()
    {
        using var host = OpenRotten(out var bad);
        Assert.False(host.Repair(bad, StoreHost.Bytes(Block, seed: 2)));
        Assert.Single(host.Store.GetBadChecksumBlocks());
        Assert.True(host.Repair(bad, Good(bad)));
        Assert.Equal(data, host.Read(1));
        Assert.Empty(host.Store.GetBadChecksumBlocks());
    }

    // Found by the simulation (seed 50): likewise, and the checksum block had been appended to since.
    [Fact]
    public void FewerBytesOfAnOlderReplica_RepairAChecksumBlockThatWasAppendedTo()
    {
        const int Last = 3;
        using (var store = new StoreHost(disk)) store.Write(1, data);
        disk.Restart();
        disk.FlipBit(File, 4096 + (Last * Block) + 7, 3);
        using var host = new StoreHost(disk);
        Assert.Equal(GofsError.Corrupt, StoreHost.ErrorOf(() => host.Read(1)));
        var bad = Assert.Single(host.Store.GetBadChecksumBlocks());
        var more = StoreHost.Bytes(1000, seed: 2);
        host.Append(1, data.Length, more);
        Assert.False(host.Repair(bad, StoreHost.Bytes(bad.LengthBytes, seed: 3)));
        Assert.True(host.Repair(bad, data[(Last * Block)..]));
        Assert.Equal([.. data, .. more], host.Read(1));
    }

    // Found by the simulation (seed 334): the others were cut, this one could not be, and no part of theirs fitted any more.
    [Fact]
    public void ReplicaWithABadChecksumBlockThatNoOthersFits_IsGivenUp_AndOneThatIsRightIsNot()
    {
        using var host = OpenRotten(out var bad);
        Assert.Equal(GofsError.Corrupt, StoreHost.ErrorOf(() => host.Truncate(1, 1000)));
        Assert.False(host.Repair(bad, data[..5])); // what has rotted is behind that
        Assert.False(host.GiveUp(bad with { OffsetBytes = Block }));
        Assert.True(host.GiveUp(bad));
        Assert.Equal(GofsError.ChunkNotFound, StoreHost.ErrorOf(() => host.Read(1)));
        Assert.Empty(host.Store.GetBadChecksumBlocks());
        // Seed 465: a writer went on, and its next write made the chunk anew, with zeros where the rest had been.
        Assert.Equal(GofsError.ChunkNotFound, StoreHost.ErrorOf(() => host.Write(1, [1], data.Length)));
        disk.Restart();
        using var again = new StoreHost(disk);
        Assert.Equal(GofsError.ChunkNotFound, StoreHost.ErrorOf(() => again.Write(1, [1], data.Length)));
    }

    // Found by the simulation (seed 207): after a power cut the checksum block still had the slot of its first flush too, which the bytes before the rot
    // matched: the replica was taken for one that had never had more, and writes behind that filled the gap with zeros.
    [Fact]
    public void RottenBitOfASecondFlush_AfterAPowerCut_IsDamage_AndNotAnEarlierEnd()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var some = new SimulatedDisk();
            using (var host = new StoreHost(some, options => options with { JournalLimitBytes = 5000 }))
            {
                host.Write(1, data[..10_000]);
                host.Write(1, data[10_000..40_000], 10_000);
                some.Crash(seed);
            }

            some.FlipBit(File, 4096 + 20_000, 3);
            using var again = new StoreHost(some);
            Assert.Equal(GofsError.Corrupt, StoreHost.ErrorOf(() => again.Read(1)));
        }
    }

    // Seed 1179: likewise after the process had died before the flush, whether or not the next one flushed.
    [Theory, InlineData(true), InlineData(false)]
    public void RottenBitOfWhatAFormerProcessWrote_IsDamage_AndNotAnEarlierEnd(bool flushes)
    {
        using (var host = new StoreHost(disk))
        {
            host.Write(1, data[..10_000]);
            host.Write(1, data[10_000..40_000], 10_000, durable: false);
            disk.Restart();
        }

        if (flushes)
        {
            using var host = new StoreHost(disk);
            host.Flush(1);
            disk.Restart();
        }

        disk.FlipBit(File, 4096 + 20_000, 3);
        using var again = new StoreHost(disk);
        Assert.Equal(GofsError.Corrupt, StoreHost.ErrorOf(() => again.Read(1)));
    }

    // Found by the simulation (seed 22): what was not flushed yet was written again, and the checksum block got a CRC of all there was.
    // Seed 17: likewise before it was flushed, but written back.
    [Fact]
    public void RottenBitOfWhatIsNotFlushed_IsNotGivenACrcByAWrite()
    {
        using var host = new StoreHost(disk);
        host.Write(1, data[..30_000], durable: false);
        disk.FlipBit(File, 4096 + 20_000, 3);
        Assert.Equal(GofsError.Corrupt, StoreHost.ErrorOf(() => host.Write(1, [1, 2, 3], 1000, durable: false)));
        Assert.Equal(GofsError.Corrupt, StoreHost.ErrorOf(() => host.Read(1)));
        host.Write(1, data[..40_000], durable: false);
        Assert.Equal(data[..40_000], host.Read(1));
    }

    [Fact]
    public void RottenBitBeforeWhatIsNotFlushed_IsNotGivenACrcByAWrite()
    {
        using var store = new StoreHost(disk);
        store.Write(1, data[..1000]);
        store.Write(1, data[..500], offset: 1000, durable: false);
        disk.FlipBit(File, 4096 + 7, 3);
        Assert.Equal(GofsError.Corrupt, StoreHost.ErrorOf(() => store.Write(1, data[..200], offset: 1100, durable: false)));
        Assert.Equal(GofsError.Corrupt, StoreHost.ErrorOf(() => store.Read(1)));
    }

    [Fact]
    public void ReplicaOfAnotherVersion_IsLeftAlone()
    {
        using var host = OpenRotten(out var bad);
        host.SetVersion(1, 2);
        Assert.False(host.Repair(bad, Good(bad)));
        Assert.Equal(GofsError.Corrupt, StoreHost.ErrorOf(() => host.Read(1, version: 2)));
        Assert.Equal(2, Assert.Single(host.Store.GetBadChecksumBlocks()).Version.Value);
    }

    // A chunk whose first checksum block has rotted, and was read.
    private StoreHost OpenRotten(out BadChecksumBlock bad)
    {
        using (var store = new StoreHost(disk)) store.Write(1, data);
        disk.Restart();
        disk.FlipBit(File, 4096 + 7, 3);
        var host = new StoreHost(disk);
        Assert.Equal(GofsError.Corrupt, StoreHost.ErrorOf(() => host.Read(1)));
        bad = Assert.Single(host.Store.GetBadChecksumBlocks());
        return host;
    }

    private byte[] Good(BadChecksumBlock bad) => data[(int)bad.OffsetBytes..((int)bad.OffsetBytes + bad.LengthBytes)];
}
