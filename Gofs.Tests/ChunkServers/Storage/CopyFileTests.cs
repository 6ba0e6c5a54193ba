using Gofs.Chunks;
using Gofs.Grains.ChunkServers;
using Gofs.Silo.ChunkServer.Storage;
using Xunit;

namespace Gofs.Tests.ChunkServers.Storage;

/// <summary>A copy from another server is no replica until it is installed; then it is, whole, whatever was there before and whenever the power goes.</summary>
public sealed class CopyFileTests
{
    private const string File = "chunks/01/0001020000000001.chunk";
    private readonly SimulatedDisk disk = new();
    private readonly byte[] old = StoreHost.Bytes(150_000, seed: 5);
    private readonly byte[] data = StoreHost.Bytes(200_000, seed: 6);

    [Theory, InlineData(0), InlineData(1), InlineData(65536), InlineData(200_000)]
    public void InstalledCopy_IsAReplica_AlsoAfterAPowerCut(int length)
    {
        using (var host = new StoreHost(disk))
        {
            host.Copy(1, data[..length], version: 4);
            Assert.Equal(data[..length], host.Read(1, version: 4));
            var report = Assert.Single(host.Store.TakeChanges().Present);
            Assert.Equal((StoreHost.Handle(1), 4, length), (report.Handle, report.Version.Value, report.LengthBytes));
            Assert.Equal(1, host.Store.GetDisks()[0].Chunks);
        }

        disk.Crash(seed: 1);
        using var again = new StoreHost(disk);
        Assert.Equal(data[..length], again.Read(1, version: 4));
        again.Write(1, [1, 2, 3], offset: length, version: 4);
        Assert.Equal([.. data[..length], 1, 2, 3], again.Read(1, version: 4));
    }

    [Fact]
    public void CopyThatIsNotInstalled_IsNeverSeen_AndGone()
    {
        using (var host = new StoreHost(disk))
        {
            var copy = host.OpenCopy(1, data.Length);
            host.Put(copy, data);
            Assert.Empty(host.Store.TakeChanges().Present);
            Assert.Empty(host.Store.GetAll());
            Assert.Equal(GofsError.ChunkNotFound, StoreHost.ErrorOf(() => host.Read(1)));
            host.End(host.OpenCopy(2, 10));
            Assert.Single(disk.Files, file => file.StartsWith("copies/", StringComparison.Ordinal));
        }

        disk.Restart();
        using var again = new StoreHost(disk);
        Assert.DoesNotContain(disk.Files, file => file.StartsWith("copies/", StringComparison.Ordinal));
        Assert.Empty(again.Store.GetAll());
    }

    // The file was there already when it was made, and the disk was taken out of service for it.
    [Fact]
    public void WriteThatComesLate_WhileACopyGetsItsName_HarmsNothing()
    {
        HashSet<GofsError?> outcomes = [];
        for (var seed = 1; seed <= 40; seed++)
        {
            using var host = new StoreHost(new SimulatedDisk(), threadsSeed: seed);
            var copy = host.OpenCopy(1, data.Length);
            host.Put(copy, data);
            outcomes.Add(host.InstallBesideWrite(copy, version: 2, data.Length, 1, old, isWriteFirst: seed % 2 == 0));
            host.End(copy);
            Assert.Null(host.Store.GetDisks()[0].Fault);
            Assert.Equal(data, host.Read(1, version: 2));
            Assert.Equal(1, host.Store.GetDisks()[0].Chunks);
        }

        Assert.Equal([null, GofsError.ChunkNotFound], outcomes.Order());
    }

    [Fact]
    public void CopyWithAHole_IsRefused()
    {
        using var host = new StoreHost(disk);
        var copy = host.OpenCopy(1, data.Length);
        host.Put(copy, data[..65536]);
        Assert.Equal(GofsError.ReplicasDiffer, StoreHost.ErrorOf(() => host.Install(copy, 2, data.Length)));
        Assert.Equal(GofsError.ReplicasDiffer, StoreHost.ErrorOf(() => host.Install(copy, 2, 65535)));
        Assert.Empty(host.Store.GetAll());
    }

    [Fact]
    public void SameVersion_IsFine_AndANewerOneStays()
    {
        using var host = new StoreHost(disk);
        host.Copy(1, data, version: 3);
        host.Copy(1, old, version: 3);
        Assert.Equal(data, host.Read(1, version: 3));
        Assert.Equal(GofsError.StaleVersion, StoreHost.ErrorOf(() => host.Copy(1, old, version: 2)));
        Assert.Equal(data, host.Read(1, version: 3));
    }

    // Found by the simulation of files (seed 103852): an owner of the chunk table that did not know yet that it was none healed the chunk, over the only
    // replica that its successor counted. Versions say whose they are: 146 is of owner 2, 161 of owner 1.
    [Fact]
    public void CopyOfAFormerOwner_OverAReplicaOfItsSuccessor_IsRefused()
    {
        using var host = new StoreHost(disk);
        host.Copy(1, data, version: 146);
        Assert.Equal(GofsError.ReplicasDiffer, StoreHost.ErrorOf(() => host.Copy(1, old, version: 161)));
        Assert.Equal(data, host.Read(1, version: 146));
        host.Copy(1, old, version: 162);
        Assert.Equal(old, host.Read(1, version: 162));
    }

    /// <summary>What the chunk was before has bytes and a version in the journal, or was deleted, or there is nothing.</summary>
    [Theory, InlineData("logged"), InlineData("dirty"), InlineData("deleted"), InlineData("nothing")]
    public void PowerThatGoesAtAnyOperation_LeavesTheOldOrTheNew(string before)
    {
        var (seenOld, seenNew) = (0, 0);
        for (var at = 1; ; at++)
        {
            var crashed = new SimulatedDisk();
            var hasEnded = false;
            using (var host = new StoreHost(crashed))
            {
                if (before != "nothing") host.Write(1, old[..100_000]);
                if (before != "nothing") host.Write(1, old[100_000..], offset: 100_000, durable: before != "dirty");
                if (before is "logged" or "deleted") host.Write(1, old[50..5000], offset: 50);
                if (before == "deleted") host.Delete(1);
                host.Settle();
                crashed.PowerFailsAt = crashed.Operations + at;
                try
                {
                    host.Copy(1, data, version: 2);
                    hasEnded = !crashed.IsOff;
                }
                catch (GofsException) when (crashed.IsOff)
                {
                    // As it should.
                }
            }

            crashed.Crash(seed: at);
            using var again = new StoreHost(crashed);
            var found = again.Store.GetAll();
            if (found is [{ Version.Value: 2 }])
            {
                Assert.Equal(data, again.Read(1, version: 2));
                seenNew++;
            }
            else
            {
                Assert.False(hasEnded, $"operation {at}: what was installed is not there");
                if (found.Count == 0) Assert.Contains(before, new[] { "deleted", "nothing" });
                else if (before != "dirty") Assert.Equal(old, again.Read(1));
                else Assert.Equal(old[..100_000], again.Read(1)[..100_000]);
                seenOld++;
            }

            if (hasEnded) break;
        }

        Assert.True(seenOld > 3 && seenNew > 1, $"{seenOld} old, {seenNew} new");
    }

    [Fact]
    public void ReaderOfTheReplacedReplica_IsToldThatItIsStale()
    {
        using var host = new StoreHost(disk);
        host.Write(1, old);
        Assert.Equal(old, host.Read(1));
        host.Copy(1, data, version: 2);
        Assert.Equal(GofsError.StaleVersion, StoreHost.ErrorOf(() => host.Read(1)));
        Assert.Equal(GofsError.StaleVersion, StoreHost.ErrorOf(() => host.Write(1, [1])));
        Assert.Equal(data, host.Read(1, version: 2));
        Assert.Equal(1, host.Store.GetDisks()[0].Chunks);
        Assert.Single(host.Store.GetAll());
    }

    [Fact]
    public void FailureAfterTheName_LeavesNoReplicaOfThatVersion()
    {
        for (var at = 1; ; at++)
        {
            var failing = new SimulatedDisk();
            using (var host = new StoreHost(failing))
            {
                failing.FailAt[failing.Operations + at] = LibC.InputOutputError;
                try
                {
                    host.Copy(1, data, version: 2);
                    Assert.True(at > 5);
                    return;
                }
                catch (GofsException refused)
                {
                    Assert.Equal(GofsError.DiskFailed, refused.Error);
                }

                Assert.DoesNotContain(File, failing.Files);
                Assert.Empty(host.Store.GetAll());
                Assert.NotNull(host.Store.GetDisks()[0].Fault);
            }
        }
    }

    [Fact]
    public void DiskWithoutRoomBesideReserveAndOtherCopies_TakesNone()
    {
        disk.CapacityBytes = 4 << 20;
        using var host = new StoreHost(disk, options => options with { ReserveBytes = 1 << 20 });
        var room = host.Store.GetDisks()[0].FreeBytes - (1 << 20);
        Assert.Equal(GofsError.NoSpace, StoreHost.ErrorOf(() => host.OpenCopy(1, room + 1)));
        var copy = host.OpenCopy(1, room - 100);
        Assert.Equal(GofsError.NoSpace, StoreHost.ErrorOf(() => host.OpenCopy(2, 101)));
        host.End(copy);
        host.Time.Advance(TimeSpan.FromMinutes(1));
        host.End(host.OpenCopy(2, room));
    }
}
