using Xunit;

namespace Gofs.Tests.ChunkServers.Storage;

/// <summary>Disks of one server: one that fails or is full takes nothing, the others go on; a chunk has one replica among them.</summary>
public sealed class TwoDisksTests
{
    private const string File = "chunks/01/0001020000000001.chunk";
    private readonly Dictionary<string, SimulatedDisk> disks = new() { ["a"] = new("/a"), ["b"] = new("/b") };
    private readonly byte[] old = StoreHost.Bytes(150_000, seed: 5);
    private readonly byte[] data = StoreHost.Bytes(200_000, seed: 6);

    [Theory, InlineData(false), InlineData(true)]
    public void DiskThatComesBack_WithAReplicaMadeAgainElsewhere_LosesIt(bool isMoreWritten)
    {
        using (var host = new StoreHost(disks)) host.Write(1, old);
        var has = disks["a"].Files.Contains(File) ? "a" : "b";
        var other = has == "a" ? "b" : "a";
        Restart();
        using (var host = new StoreHost(disks))
        {
            disks[has].IsBroken = true;
            Assert.Equal(GofsError.DiskFailed, StoreHost.ErrorOf(() => host.Read(1)));
            Assert.Equal(StoreHost.Handle(1), Assert.Single(host.Store.TakeChanges().Gone));
            Assert.Empty(host.Store.GetAll());
            Assert.Equal("broken", host.Store.GetDisks()[has == "a" ? 0 : 1].Fault);
            host.Copy(1, data, version: 2);
            Assert.Contains(File, disks[other].Files);
            if (isMoreWritten) host.Write(1, [7, 7], offset: data.Length, version: 2);
        }

        disks[has].IsBroken = false;
        Restart();
        using var again = new StoreHost(disks);
        Assert.Equal(2, Assert.Single(again.Store.GetAll()).Version.Value);
        Assert.Equal(isMoreWritten ? [.. data, 7, 7] : data, again.Read(1, version: 2));
        Assert.DoesNotContain(File, disks[has].Files);
        Assert.Equal(1, again.Store.GetDisks().Sum(disk => disk.Chunks));
    }

    [Fact]
    public void StaleReplicaOnAnotherDisk_GoesWhenTheNewOneIsInstalled()
    {
        using var host = new StoreHost(disks);
        host.Write(1, old);
        var has = disks["a"].Files.Contains(File) ? "a" : "b";
        disks[has].CapacityBytes = 30 << 20; // the other has more room
        host.Time.Advance(TimeSpan.FromMinutes(1));
        host.Copy(1, data, version: 2);
        Assert.DoesNotContain(File, disks[has].Files);
        Assert.Contains(File, disks[has == "a" ? "b" : "a"].Files);
        Assert.Equal(data, host.Read(1, version: 2));
        Assert.Equal(1, host.Store.GetDisks().Sum(disk => disk.Chunks));
    }

    [Fact]
    public void PowerThatGoesWhileAStaleReplicaMoves_LeavesOneReplica()
    {
        for (var at = 1; ; at++)
        {
            var (a, b) = (new SimulatedDisk("/a"), new SimulatedDisk("/b"));
            var pair = new Dictionary<string, SimulatedDisk> { ["a"] = a, ["b"] = b };
            var hasEnded = false;
            using (var host = new StoreHost(pair))
            {
                host.Write(1, old);
                var (has, other) = a.Files.Contains(File) ? (a, b) : (b, a);
                has.CapacityBytes = 30 << 20;
                host.Time.Advance(TimeSpan.FromMinutes(1));
                host.Settle();
                var victim = at % 2 == 0 ? has : other;
                victim.PowerFailsAt = victim.Operations + (at / 2) + 1;
                try
                {
                    host.Copy(1, data, version: 2);
                    hasEnded = !victim.IsOff;
                }
                catch (GofsException) when (victim.IsOff)
                {
                    // As it should.
                }

                has.CapacityBytes = long.MaxValue;
            }

            a.Crash(at);
            b.Crash(at);
            using var again = new StoreHost(pair);
            var found = Assert.Single(again.Store.GetAll());
            Assert.True(!hasEnded || found.Version.Value == 2);
            Assert.Equal(found.Version.Value == 2 ? data : old, again.Read(1, found.Version.Value));
            Assert.Equal(1, (a.Files.Contains(File) ? 1 : 0) + (b.Files.Contains(File) ? 1 : 0));
            if (hasEnded && at > 30) break;
        }
    }

    // What whoever writes on does not send again would be zeros there.
    [Fact]
    public void ChunkOfADiskThatFailed_IsNotMadeAnewOnAnother_ByWhoeverWritesOn()
    {
        using var host = new StoreHost(disks);
        host.Write(1, old);
        disks[disks["a"].Files.Contains(File) ? "a" : "b"].IsBroken = true;
        Assert.Equal(GofsError.DiskFailed, StoreHost.ErrorOf(() => host.Read(1)));
        Assert.Equal(GofsError.ChunkNotFound, StoreHost.ErrorOf(() => host.Write(1, data, offset: old.Length, least: old.Length)));
        Assert.Empty(host.Store.GetAll());
    }

    [Fact]
    public void ReplicaThatIsShorterThanWhatWasAcknowledged_IsNeitherWrittenToNorFlushed()
    {
        using var host = new StoreHost(disks);
        host.Write(1, old);
        Assert.Equal(GofsError.ReplicasDiffer, StoreHost.ErrorOf(() => host.Write(1, data, offset: old.Length + 1, least: old.Length + 1)));
        Assert.Equal(GofsError.ReplicasDiffer, StoreHost.ErrorOf(() => host.Flush(1, least: old.Length + 1)));
        Assert.Equal(old, host.Read(1));
        host.Write(1, data, offset: old.Length, least: old.Length);
        host.Flush(1, least: old.Length + data.Length);
        Assert.Equal([.. old, .. data], host.Read(1));
    }

    [Fact]
    public void FullDisk_TakesNoChunk_AndAnotherDoes()
    {
        using var host = new StoreHost(disks, options => options with { ReserveBytes = 1 << 20 });
        disks["a"].CapacityBytes = DiskFaultTests.UsedBytes(disks["a"]) + (1 << 20) - 4096;
        host.Time.Advance(TimeSpan.FromMinutes(1));
        for (var chunk = 1; chunk <= 4; chunk++) host.Write(chunk, data);
        host.Copy(5, data, version: 2);
        Assert.Equal((0, 5), (host.Store.GetDisks()[0].Chunks, host.Store.GetDisks()[1].Chunks));
    }

    [Fact]
    public void DiskThatCantSayHowMuchRoomItHas_IsOutOfService_AndAnotherTakesTheChunk()
    {
        using var host = new StoreHost(disks);
        disks["a"].IsBroken = true;
        host.Time.Advance(TimeSpan.FromMinutes(1));
        host.Write(1, data);
        host.Write(2, data);
        Assert.Equal(["broken", null], host.Store.GetDisks().Select(disk => disk.Fault));
        Assert.Equal(2, host.Store.GetAll().Count);
    }

    private void Restart()
    {
        foreach (var disk in disks.Values) disk.Restart();
    }
}
