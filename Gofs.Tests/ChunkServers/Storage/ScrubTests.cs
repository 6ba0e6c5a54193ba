using Gofs.Grains.ChunkServers;
using Gofs.Transport;
using Xunit;

namespace Gofs.Tests.ChunkServers.Storage;

/// <summary>Scrub finds what is wrong with a replica on the disk, whatever memory has of it, and takes nothing away that is right.</summary>
public sealed class ScrubTests
{
    private const string File = "chunks/01/0001020000000001.chunk";
    private const int Block = 64 << 10;
    private const int DataAt = 4096;
    private readonly SimulatedDisk disk = new();
    private readonly byte[] data = StoreHost.Bytes(200_000);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void SoundReplica_HasNothing(bool isOpen)
    {
        using var store = Written(isOpen);
        Assert.Equal(new ReplicaScrub(data.Length, 0, 0), store.Scrub(1));
        Assert.Equal(default, store.Scrub(2));
        Assert.Equal(0, store.Store.KnownDamages);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void FlippedBit_OfDataNobodyReads_IsFound_AndRepaired(bool isOpen)
    {
        using var store = Written(isOpen);
        disk.FlipBit(File, DataAt + Block + 5, 2);
        Assert.Equal(new ReplicaScrub(data.Length, 1, 0), store.Scrub(1));
        RepairAll(store, expected: 1);
    }

    [Theory]
    [InlineData(true, 10)]
    [InlineData(true, 63_000)]
    [InlineData(true, Block)]
    [InlineData(true, 190_000)]
    [InlineData(false, 10)]
    [InlineData(false, Block)]
    [InlineData(false, 190_000)]
    public void CutFile_IsFound_KeepsWhatIsRight_AndIsRepaired(bool isOpen, int left)
    {
        using (var store = Written(isOpen))
        {
            disk.Cut(File, DataAt + left);
            var bad = 4 - (left / Block);
            Assert.Equal(new ReplicaScrub(data.Length, bad, 0), store.Scrub(1));
            Assert.Equal(data.Length, store.Length(1));
            RepairAll(store, bad);
        }

        disk.Crash(seed: 3);
        using var again = new StoreHost(disk);
        Assert.Equal(data, again.Read(1));
    }

    [Fact]
    public void CutFile_IsNeverReadAsAShorterChunk_NorWrittenBehind()
    {
        using var store = Written(isOpen: false);
        disk.Cut(File, DataAt + Block);
        Assert.Equal(GofsError.Corrupt, StoreHost.ErrorOf(() => store.Read(1)));
        Assert.Equal(data.Length, store.Length(1));
        store.Append(1, data.Length, [1, 2, 3]);
        store.Scrub(1);
        RepairAll(store, expected: 3, [.. data, 1, 2, 3]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void MissingFile_IsGivenUp(bool isOpen)
    {
        using var store = Written(isOpen);
        disk.TakeAway(File);
        Assert.Equal(new ReplicaScrub(0, 1, 0), store.Scrub(1));
        GiveUp(store, ReplicaDamage.Missing);
        Assert.DoesNotContain(disk.Files, file => file.StartsWith("quarantine/", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true, 17)]
    [InlineData(true, 26)]
    [InlineData(false, 2)]
    [InlineData(false, 33)]
    public void WrongHead_IsGivenUp_IntoQuarantine(bool isOpen, int at)
    {
        using var store = Written(isOpen);
        disk.FlipBit(File, at, 5);
        Assert.Equal(new ReplicaScrub(0, 1, 0), store.Scrub(1));
        GiveUp(store, ReplicaDamage.WrongHead);
        Assert.Contains("quarantine/0001020000000001.lost", disk.Files);
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(true, 100)]
    [InlineData(false, 0)]
    [InlineData(false, 140)]
    public void FileWithoutHeadOrSlots_IsGivenUp(bool isOpen, int left)
    {
        using var store = Written(isOpen);
        disk.Cut(File, left);
        Assert.Equal(1, store.Scrub(1).Found);
        GiveUp(store, ReplicaDamage.WrongHead);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(17)]
    public void FlippedSlot_OfAnOpenFile_IsWrittenAgain(int at)
    {
        using var store = Written(isOpen: true);
        disk.FlipBit(File, 128 + at, 1);
        Assert.Equal(new ReplicaScrub(data.Length, 1, 1), store.Scrub(1));
        Assert.Equal(new ReplicaScrub(data.Length, 0, 0), store.Scrub(1));
        Assert.Equal(0, store.Store.KnownDamages);
    }

    [Fact]
    public void FlippedSlot_OfAClosedFile_NeverMakesTheChunkShorter()
    {
        using var store = Written(isOpen: false);
        disk.FlipBit(File, 128 + (16 * 3) + 1, 0); // the last checksum block's length
        Assert.Equal(GofsError.Corrupt, StoreHost.ErrorOf(() => store.Read(1)));
        Assert.Equal(1, store.Scrub(1).Found);
        GiveUp(store, ReplicaDamage.WrongHead);
    }

    [Fact]
    public void JournalledSmallChunk_IsFound_AndStaysAway_WhenTheJournalIsRedone()
    {
        using (var store = new StoreHost(disk))
        {
            store.Write(1, data[..500]);
            disk.FlipBit(File, DataAt + 3, 0);
            Assert.Equal(new ReplicaScrub(500, 1, 0), store.Scrub(1));
            RepairAll(store, expected: 1, data[..500]);
            disk.Cut(File, 20);
            Assert.Equal(1, store.Scrub(1).Found);
            GiveUp(store, ReplicaDamage.WrongHead);
            store.Write(2, [1]); // what follows the deletion is durable, and so is it
        }

        disk.Crash(seed: 2);
        using var again = new StoreHost(disk);
        Assert.Equal(GofsError.ChunkNotFound, StoreHost.ErrorOf(() => again.Read(1)));
    }

    [Fact]
    public void WhatIsWrittenMeanwhile_IsNoDamage()
    {
        using var store = Written(isOpen: true);
        var newer = StoreHost.Bytes(data.Length, seed: 9);
        var read = store.Scrub(1, async (bytes, cancellation) =>
        {
            if (bytes == 0) return;
            await store.Store.WriteAsync(
                StoreHost.Handle(1), new(1), 0, newer, Crc32C.Compute(newer), StoreHost.ChunkBytes, durable: false, leastLengthBytes: 0, cancellation);
        });
        Assert.Equal(new ReplicaScrub(data.Length, 0, 0), read);
        Assert.Equal(newer, store.Read(1));
    }

    [Fact]
    public void ChunkDeletedOrNeverFlushed_IsNoDamage()
    {
        using var store = Written(isOpen: true);
        Assert.Equal(0, store.Scrub(1, async (bytes, cancellation) =>
        {
            if (bytes > 0) await store.Store.DeleteAsync([StoreHost.Handle(1)], cancellation);
        }).Found);
        store.Write(2, data, durable: false);
        Assert.Equal(default, store.Scrub(2));
        Assert.Equal(0, store.Store.KnownDamages);
    }

    [Fact]
    public void ReplicaThatIsRightAgain_IsNotGivenUp()
    {
        using var store = Written(isOpen: true);
        disk.FlipBit(File, 17, 5);
        store.Scrub(1);
        var damaged = Assert.Single(store.Store.GetDamagedReplicas());
        store.SetVersion(1, 2); // writes the head again
        Assert.False(store.GiveUp(damaged));
        Assert.Equal(0, store.Store.KnownDamages);
        Assert.Equal(data, store.Read(1, version: 2));
    }

    [Fact]
    public void HowFarAPassIs_IsKeptOverARestart()
    {
        var pass = new ScrubPass(7, DateTimeOffset.UnixEpoch) { Position = ulong.MaxValue, Replicas = 3, Bytes = 1L << 60, IsHurried = true };
        using (var store = new StoreHost(disk))
        {
            Assert.Null(store.Store.LoadPass());
            store.Store.KeepPass(pass with { Position = 1 });
            store.Store.KeepPass(pass);
        }

        disk.Restart();
        using var again = new StoreHost(disk);
        Assert.Equal(pass, again.Store.LoadPass());
        disk.Cut("gofs-scrub.json", 7);
        Assert.Null(again.Store.LoadPass());
    }

    /// <summary>A store with a chunk whose file is open, or was closed since it was written.</summary>
    private StoreHost Written(bool isOpen)
    {
        var store = new StoreHost(disk, isOpen ? null : options => options with { OpenFiles = 1 });
        store.Write(1, data);
        if (isOpen) return store;
        store.Write(100, [1]);
        store.Write(101, [1]);
        return store;
    }

    private void RepairAll(StoreHost store, int expected, byte[]? all = null)
    {
        all ??= data;
        Assert.Equal(expected, store.Store.GetBadChecksumBlocks().Count);
        foreach (var bad in store.Store.GetBadChecksumBlocks())
            Assert.True(store.Repair(bad, all[(int)bad.OffsetBytes..((int)bad.OffsetBytes + bad.LengthBytes)]));
        Assert.Equal(new ReplicaScrub(all.Length, 0, 0), store.Scrub(1));
        Assert.Equal(0, store.Store.KnownDamages);
        Assert.Equal(all, store.Read(1));
    }

    private static void GiveUp(StoreHost store, ReplicaDamage damage)
    {
        store.Store.TakeChanges();
        var damaged = Assert.Single(store.Store.GetDamagedReplicas());
        Assert.Equal(damage, damaged.Damage);
        Assert.True(store.GiveUp(damaged));
        Assert.Equal([StoreHost.Handle(1)], store.Store.TakeChanges().Gone);
        Assert.False(store.GiveUp(damaged));
        Assert.Equal(GofsError.ChunkNotFound, StoreHost.ErrorOf(() => store.Read(1)));
        Assert.Equal(0, store.Store.KnownDamages);
    }
}
