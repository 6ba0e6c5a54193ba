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
}
