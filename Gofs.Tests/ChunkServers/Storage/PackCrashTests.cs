using Xunit;

namespace Gofs.Tests.ChunkServers.Storage;

/// <summary>The power goes at any operation while a chunk in a pack is deleted, outgrows its cell, or is replaced.</summary>
public sealed class PackCrashTests
{
    private const int Small = 4000;
    private const int Seeds = 40;
    private readonly byte[] old = StoreHost.Bytes(Small, 3);
    private readonly byte[] grown = StoreHost.Bytes(9000, 4);

    [Theory, InlineData(true), InlineData(false)]
    public void Growth_KeepsWhatWasAcknowledged(bool durable)
    {
        var seen = EveryOperation(
            host =>
            {
                host.Write(1, old);
                host.Settle();
            },
            host => host.Write(1, grown, Small, durable),
            (host, hasEnded) =>
            {
                Assert.Single(host.Store.GetAll());
                var found = host.Read(1);
                Assert.Equal(old, found[..Small]);
                if (hasEnded && durable) Assert.Equal(grown, found[Small..]);
                else if (found.Length > Small) Assert.Equal(grown[..(found.Length - Small)], found[Small..]);
                return found.Length;
            });
        Assert.Contains(Small, seen);
        if (durable) Assert.Contains(Small + grown.Length, seen);
    }

    [Fact]
    public void CopyOverAChunkInAPack_LeavesTheOldOrTheNew()
    {
        var seen = EveryOperation(
            host => host.Write(1, old),
            host => host.Copy(1, grown, version: 2),
            (host, hasEnded) =>
            {
                var version = Assert.Single(host.Store.GetAll()).Version.Value;
                Assert.True(version == 2 || !hasEnded, "what was installed is not there");
                Assert.Equal(version == 2 ? grown : old, host.Read(1, version));
                return version;
            });
        Assert.Equal([1, 2], seen.Order());
    }

    [Fact]
    public void CopyOfAChunkDeletedJustBefore_IsNotTakenForTheDeletedOne()
    {
        var seen = EveryOperation(
            host =>
            {
                host.Write(1, old);
                host.Settle();
                host.Delete(1);
            },
            host => host.Copy(1, grown, version: 2),
            (host, hasEnded) =>
            {
                var version = host.Store.GetAll().SingleOrDefault().Version.Value;
                Assert.True(version == 2 || !hasEnded, "what was installed is not there");
                if (version > 0) Assert.Equal(version == 2 ? grown : old, host.Read(1, version));
                return version;
            });
        Assert.Contains(2, seen);
    }

    [Fact]
    public void DeletionThatAPowerCutUndoes_BringsTheChunkBackWhole()
    {
        var gone = 0;
        for (var seed = 1; seed <= Seeds; seed++)
        {
            var disk = new SimulatedDisk();
            var host = PackHost.WithAPack(disk, cells: 4);
            for (var i = 1; i <= 3; i++) host.Write(i, StoreHost.Bytes(Small, i), durable: false);
            for (var i = 1; i <= 3; i++) host.Flush(i);
            host.Delete(2);
            for (var i = 11; i <= 14; i++) host.Write(i, StoreHost.Bytes(Small, i), durable: false);
            disk.Crash(seed);
            host.Dispose();
            using var again = PackHost.Open(disk, cells: 4);
            foreach (var i in new[] { 1, 3 }) Assert.Equal(StoreHost.Bytes(Small, i), again.Read(i));
            if (again.Store.GetAll().Any(one => one.Handle == StoreHost.Handle(2))) Assert.Equal(StoreHost.Bytes(Small, 2), again.Read(2));
            else gone++;
        }

        var back = Seeds - gone;
        Assert.True(back > 3 && gone > 3, $"{back} came back, {gone} did not");
    }

    [Fact]
    public void ChunkMadeAnewAfterItsDeletion_IsNotTakenForTheFormer()
    {
        for (var seed = 1; seed <= Seeds; seed++)
        {
            var disk = new SimulatedDisk();
            var host = MadeAnew(disk);
            host.Flush(1);
            host.Write(2, old);
            disk.Crash(seed);
            host.Dispose();
            for (var start = 0; start < 2; start++)
            {
                using var again = PackHost.Open(disk, cells: 16);
                Assert.Equal(grown[..Small], again.Read(1));
                if (start == 1) again.Delete(1);
                disk.Restart();
            }

            using var last = PackHost.Open(disk, cells: 16);
            Assert.Equal(StoreHost.Handle(2), Assert.Single(last.Store.GetAll()).Handle);
        }
    }

    [Fact]
    public void TwoCellsOfOneChunk_AfterAPowerCut_OneCounts_AndTheOtherNeverComesBack()
    {
        var both = 0;
        for (var seed = 1; seed <= Seeds; seed++)
        {
            var disk = new SimulatedDisk();
            var host = MadeAnew(disk);
            disk.Crash(seed);
            host.Dispose();
            both += PackContent.CellsOf(disk.Content(PackHost.FirstPack)).Count(cell => cell.Entry.Handle == StoreHost.Handle(1)) > 1 ? 1 : 0;
            byte[]? first = null;
            using (var again = PackHost.Open(disk, cells: 16))
            {
                if (again.Store.GetAll().Count > 0)
                {
                    first = Assert.Single(again.Store.GetAll()).LengthBytes == 0 ? null : TryRead(again);
                    again.Delete(1);
                }
            }

            Assert.Contains(first ?? [], (byte[][])[[], old, grown[..Small]]);
            disk.Restart();
            using var last = PackHost.Open(disk, cells: 16);
            Assert.Empty(last.Store.GetAll());
        }

        Assert.True(both > 3, $"{both} times both were there");
    }

    private static byte[]? TryRead(StoreHost host)
    {
        try
        {
            return host.Read(1);
        }
        catch (GofsException torn) when (torn.Error == GofsError.Corrupt)
        {
            return null;
        }
    }

    // In a pack of 16 cells: a chunk that is flushed, deleted, and made anew, which nobody has flushed.
    private StoreHost MadeAnew(SimulatedDisk disk)
    {
        var host = PackHost.WithAPack(disk, cells: 16);
        host.Write(1, old, durable: false);
        host.Flush(1);
        host.Delete(1);
        host.Write(1, grown[..Small], durable: false);
        return host;
    }

    // What was found, for every operation the power can go at, with several outcomes of each.
    private static HashSet<int> EveryOperation(Action<StoreHost> prepare, Action<StoreHost> act, Func<StoreHost, bool, int> look)
    {
        const int outcomes = 4;
        HashSet<int> seen = [];
        for (var (at, hasEnded) = (1, false); !hasEnded; at++)
        {
            for (var seed = 0; seed < outcomes; seed++)
            {
                var disk = new SimulatedDisk();
                using (var host = PackHost.WithAPack(disk, cells: 16))
                {
                    prepare(host);
                    disk.PowerFailsAt = disk.Operations + at;
                    try
                    {
                        act(host);
                        hasEnded = !disk.IsOff;
                    }
                    catch (GofsException) when (disk.IsOff)
                    {
                        // As it should.
                    }
                }

                disk.Crash((at * outcomes) + seed);
                using var again = PackHost.Open(disk, cells: 16);
                seen.Add(look(again, hasEnded));
            }
        }

        return seen;
    }
}
