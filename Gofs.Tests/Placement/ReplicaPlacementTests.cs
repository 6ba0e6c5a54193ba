using CsCheck;
using Gofs.ChunkServers;
using Gofs.Grains.Placement;
using Xunit;

namespace Gofs.Tests.Placement;

public sealed class ReplicaPlacementTests
{
    private const long Gigabyte = 1L << 30;

    private static readonly Gen<ChunkServerInfo[]> Servers =
        Gen.Select(Gen.Long[0, 20], Gen.Int[0, 3], Gen.Bool, Gen.Bool).Array[1, 12].Select(all =>
            all.Select((one, index) =>
                Server($"s{index}", one.Item1 * 16 << 20, one.Item2 == 0 ? null : $"r{one.Item2}", one.Item3, one.Item4 ? "EIO" : null)).ToArray());

    [Fact]
    public void Choice_IsOfLiveServersWithRoom_EachOnce_AsManyAsTheGoalAsks() =>
        Gen.Select(Servers, Gen.Int[1, 9], Gen.ULong).Sample((servers, goal, seed) =>
        {
            var able = servers.Where(Able).Select(server => server.Server).ToHashSet();
            if (able.Count == 0)
            {
                Assert.Throws<GofsException>(() => ReplicaPlacement.Choose(servers, goal, seed));
                return;
            }

            var chosen = ReplicaPlacement.Choose(servers, goal, seed);
            Assert.Equal(Math.Min(goal, able.Count), chosen.Length);
            Assert.Equal(chosen.Length, chosen.Distinct().Count());
            Assert.All(chosen, one => Assert.Contains(one, able));
        });

    [Fact]
    public void TwoReplicas_AreNeverInOneRack_WhileAnotherHasRoom() =>
        Gen.ULong.Sample(seed =>
        {
            var servers = new[] { Server("a", Gigabyte, "r1"), Server("b", 100 * Gigabyte, "r1"), Server("c", Gigabyte, "r2") };
            var chosen = ReplicaPlacement.Choose(servers, 2, seed);
            Assert.Contains(new ServerId("c"), chosen);
        });

    [Fact]
    public void ServerWithMoreRoom_IsChosenMoreOften()
    {
        var servers = new[] { Server("small", Gigabyte), Server("large", 9 * Gigabyte) };
        var large = Enumerable.Range(0, 1000).Count(seed => ReplicaPlacement.Choose(servers, 1, (ulong)seed)[0].Value == "large");
        Assert.InRange(large, 850, 950);
    }

    [Fact]
    public void NewServer_IsFavoured_ButDoesNotGetEveryNewChunk()
    {
        var servers = Enumerable.Range(0, 9).Select(i => Full($"s{i}")).Append(Server("new", 10 * Gigabyte)).ToArray();
        var chosen = Enumerable.Range(0, 2000).Count(seed => ReplicaPlacement.Choose(servers, 1, (ulong)seed)[0].Value == "new");
        // Nine tenths of the others' disks are full: by its room alone it would get more than half.
        Assert.InRange(chosen, 0.2 * 2000, 0.36 * 2000);

        static ChunkServerInfo Full(string name) => Server(name, Gigabyte) with { Disks = [new DiskStatus("/d", 10 * Gigabyte, Gigabyte, 0, null)] };
    }

    [Fact]
    public void NoLiveServer_AndNoRoom_AreToldApart()
    {
        Assert.Equal(GofsError.Unavailable, Assert.Throws<GofsException>(() => ReplicaPlacement.Choose([Server("a", Gigabyte, live: false)], 1, 0)).Error);
        Assert.Equal(GofsError.NoSpace, Assert.Throws<GofsException>(() => ReplicaPlacement.Choose([Server("a", 1 << 20)], 1, 0)).Error);
    }

    [Fact]
    public void Runs_HaveTheSameServersInTheSameOrder_EachChosenAsOneChunkWouldBe() =>
        Gen.Select(Servers.Where(all => all.Any(Able)), Gen.Int[1, 9], Gen.Int[1, 100], Gen.ULong).Sample((servers, goal, chunks, seed) =>
        {
            var placed = ReplicaPlacement.ChooseRuns(servers, goal, chunks, seed);
            Assert.Equal(chunks, placed.Length);
            for (var i = 0; i < chunks; i++)
            {
                var first = i - (i % ReplicaPlacement.RunLength);
                Assert.Equal(ReplicaPlacement.Choose(servers, goal, seed + (ulong)first), placed[i]);
            }
        });

    [Fact]
    public void Runs_UseServersAlike()
    {
        var servers = Enumerable.Range(0, 5).Select(i => Server($"s{i}", Gigabyte)).ToArray();
        var counts = new Dictionary<ServerId, int>();
        for (var asked = 0; asked < 500; asked++)
        {
            foreach (var server in ReplicaPlacement.ChooseRuns(servers, 3, 64, (ulong)asked * 64).SelectMany(one => one))
                counts[server] = counts.GetValueOrDefault(server) + 1;
        }

        Assert.All(servers, server => Assert.InRange(counts[server.Server], 0.9 * 500 * 64 * 3 / 5, 1.1 * 500 * 64 * 3 / 5));
    }

    private static bool Able(ChunkServerInfo server) =>
        server.Live && server.Disks.Any(disk => disk.Fault is null && disk.FreeBytes >= ReplicaPlacement.LeastFreeBytes);

    private static ChunkServerInfo Server(string name, long free, string? rack = null, bool live = true, string? fault = null) => new(
        new(name), rack is null ? [] : new() { ["rack"] = rack }, [new DiskStatus("/d", free, free, 0, fault)], DateTimeOffset.UnixEpoch, live);
}
