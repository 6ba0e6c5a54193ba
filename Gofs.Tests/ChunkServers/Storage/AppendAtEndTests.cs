using Gofs.Chunks;
using Xunit;

namespace Gofs.Tests.ChunkServers.Storage;

/// <summary>Appends that are taken only where the chunk ends, and chunks without bytes.</summary>
public sealed class AppendAtEndTests
{
    private readonly SimulatedDisk disk = new();

    [Fact]
    public void Append_IsTakenAtTheEnd_AndNowhereElse()
    {
        using var store = new StoreHost(disk);
        store.Append(1, 0, StoreHost.Bytes(100));
        foreach (var elsewhere in (long[])[0, 99, 101]) Assert.Equal(GofsError.ReplicasDiffer, StoreHost.ErrorOf(() => store.Append(1, elsewhere, [1])));
        store.Append(1, 100, StoreHost.Bytes(50, seed: 2));
        Assert.Equal(150, store.Length(1));
        Assert.Equal([.. StoreHost.Bytes(100), .. StoreHost.Bytes(50, seed: 2)], store.Read(1));
    }

    // Found by the simulation (seed 3048): its former life may have sent others what it never wrote itself.
    [Fact]
    public void VersionOfAFormerLife_IsAppendedToByNoPrimary_UntilThereIsANewOne()
    {
        using (var store = new StoreHost(disk)) store.Append(1, 0, StoreHost.Bytes(100));
        disk.Restart();
        using var again = new StoreHost(disk);
        Assert.Equal(GofsError.ReplicasDiffer, StoreHost.ErrorOf(() => again.BeginAppend(1)));
        again.Append(1, 100, StoreHost.Bytes(10));
        Assert.Equal(GofsError.ReplicasDiffer, StoreHost.ErrorOf(() => again.BeginAppend(1)));
        again.SetVersion(1, 2);
        Assert.Equal(110, again.BeginAppend(1, version: 2));
    }

    [Fact]
    public void AfterEndAppends_NoneBegins_UntilThereIsANewVersion()
    {
        using var store = new StoreHost(disk);
        store.Append(1, 0, StoreHost.Bytes(100));
        Assert.Equal(100, store.BeginAppend(1));
        store.Store.EndAppends(StoreHost.Handle(1), ChunkVersion.First);
        store.Append(1, 100, StoreHost.Bytes(10));
        Assert.Equal(GofsError.ReplicasDiffer, StoreHost.ErrorOf(() => store.BeginAppend(1)));
        store.SetVersion(1, 2);
        store.Store.EndAppends(StoreHost.Handle(1), ChunkVersion.First);
        Assert.Equal(110, store.BeginAppend(1, version: 2));
    }

    [Fact]
    public void VersionOffered_IsTakenByAReplicaThatCounts_AndByNoOther()
    {
        using var store = new StoreHost(disk);
        store.Append(1, 0, StoreHost.Bytes(100));
        store.OfferVersion(1, version: 18, counts: 1);
        Assert.Equal(GofsError.ReplicasDiffer, StoreHost.ErrorOf(() => store.OfferVersion(1, version: 33, counts: 1)));
        Assert.Equal(GofsError.StaleVersion, StoreHost.ErrorOf(() => store.OfferVersion(1, version: 17, counts: 1)));
        Assert.Equal(100, store.BeginAppend(1, version: 18));
        store.OfferVersion(1, version: 34, counts: 18);
        Assert.Equal(100, store.BeginAppend(1, version: 34));
    }

    [Fact]
    public void EmptyChunk_OutlivesAPowerCut_AndIsAppendedTo()
    {
        using (var store = new StoreHost(disk)) store.Create(1);
        disk.Crash(seed: 1);
        using var again = new StoreHost(disk);
        Assert.Equal(0, again.Length(1));
        again.Create(1);
        again.SetVersion(1, 1);
        again.Append(1, 0, [1, 2, 3]);
        Assert.Equal([1, 2, 3], again.Read(1));
    }

    [Fact]
    public void DurableAppends_OutliveAPowerCut_OneAfterTheOther()
    {
        var all = StoreHost.Bytes(150_000);
        using (var store = new StoreHost(disk))
        {
            for (var at = 0; at < all.Length; at += 30_000) store.Append(1, at, all[at..(at + 30_000)]);
        }

        disk.Crash(seed: 1);
        using var again = new StoreHost(disk);
        Assert.Equal(all, again.Read(1));
    }

    // Found by the simulation of files (seed 101476): a disk failed under appends, and their bytes were in the length that the file logged.
    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public void LengthThatIsTold_OutlivesAPowerCut(int seed)
    {
        using (var store = new StoreHost(disk))
        {
            store.Append(1, 0, StoreHost.Bytes(100));
            store.Write(1, StoreHost.Bytes(70_000, seed: 2), offset: 100, durable: false);
            Assert.Equal(70_100, store.Length(1));
        }

        disk.Crash(seed);
        using var again = new StoreHost(disk);
        Assert.Equal(70_100, again.Length(1));
        Assert.Equal([.. StoreHost.Bytes(100), .. StoreHost.Bytes(70_000, seed: 2)], again.Read(1));
    }
}
