using CsCheck;
using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Grains.Chunks.Healing;
using Gofs.Grains.ChunkServers;
using Gofs.Grains.Placement;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gofs.Tests.Chunks.Healing;

/// <summary>Servers of different sizes and random fillings, chunk tables that each decide alone: they become even, and then there is rest.</summary>
public sealed class RebalancingTests
{
    private const int Tables = 4;
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan DeadTime = 10 * Second;

    [Fact]
    public void Servers_BecomeEven_ThenThereIsRest_AndNoChunkEverHasFewerGoodReplicas() =>
        Gen.Int.Sample(seed => Alone(() => new World(seed).RunToRest(calmSeconds: 900)), iter: Iterations);

    [Fact]
    public void WithServersThatDie_TheSame() => Gen.Int.Sample(seed => Alone(() =>
    {
        var world = new World(seed);
        world.Strike(seconds: 300);
        world.RunToRest(calmSeconds: 1500);
    }), iter: Iterations);

    [Fact]
    public void WhatMovesFirst_IsLongerThanMost() => Gen.Int.Sample(seed => Alone(() =>
    {
        var world = new World(seed);
        var mean = world.MeanBytes;
        for (var second = 0; second < 40; second++) world.Pass();
        if (world.Moved >= 10) Assert.True(world.MovedBytes > 1.2 * mean * world.Moved, $"{world.MovedBytes / world.Moved} bytes a move of {mean}");
    }), iter: 5);

    [Fact]
    public void SwitchedOff_NothingMoves() => Gen.Int.Sample(seed => Alone(() =>
    {
        var world = new World(seed, rebalances: false);
        for (var second = 0; second < 120; second++) world.Pass();
        Assert.Equal(0, world.Moved);
    }), iter: 5);

    [Fact]
    public void Pair_IsOfAFullerServerToAnEmptierOne_AndTheyComeNearer() =>
        Gen.Select(Gen.Select(Gen.Long[1, 500], Gen.Double[0, 1]).Array[2, 8], Gen.Double[0, 1], Gen.Double[0, 1]).Sample((servers, one, other) =>
        {
            var standings = new ServerStandings(DeadTime);
            standings.Update([.. servers.Select((server, i) => Server(i, server.Item1 << 20, (long)(server.Item2 * (server.Item1 << 20))))], Second);
            var plan = new RebalancePlan(standings);
            const int Chunk = 1 << 20;
            if (plan.ChoosePair(Chunk, one, other) is not var (from, to)) return;
            var (giver, taker) = (plan.Servers.Single(use => use.Server == from), plan.Servers.Single(use => use.Server == to));
            Assert.True(giver.Share > taker.Share);
            var after = ((giver.UsedBytes - Chunk) / (double)giver.TotalBytes) - ((taker.UsedBytes + Chunk) / (double)taker.TotalBytes);
            Assert.InRange(after, 0, giver.Share - taker.Share);
        });

    [Fact]
    public void Move_LeavesAChunkInAsManyRacks_AndTakesNoPartOnServersThatAreMarkedOrSilent()
    {
        var standings = new ServerStandings(DeadTime);
        standings.Update([Server(0, 9, 5, "a"), Server(1, 9, 5, "a"), Server(2, 9, 5, "b"), Server(3, 9, 5, "b"), Marked(4)], Second);
        ServerId[] holders = [Id(0), Id(2)];
        Assert.True(RebalancePlan.Fits(holders, 2, Id(0), Id(1), standings));
        Assert.False(RebalancePlan.Fits(holders, 2, Id(0), Id(3), standings));
        Assert.False(RebalancePlan.Fits(holders, 2, Id(0), Id(2), standings));
        Assert.False(RebalancePlan.Fits(holders, 3, Id(0), Id(1), standings));
        Assert.False(RebalancePlan.Fits([Id(0), Id(4)], 2, Id(0), Id(1), standings));
        Assert.DoesNotContain(new RebalancePlan(standings).Servers, use => use.Server == Id(4));

        static ChunkServerInfo Marked(int number) => Server(number, 9, 5) with { Mark = ServerMark.Drain };
    }

    private static long Iterations => Environment.GetEnvironmentVariable("CsCheck_Iter") is null ? 12 : -1;

    private static ServerId Id(int number) => new($"s{number}");

    private static ChunkServerInfo Server(int number, long total, long used, string? rack = null) =>
        new(Id(number), rack is null ? [] : new() { [ReplicaPlacement.RackLabel] = rack }, [new("/disk", total, total - used, 10, null)],
            DateTimeOffset.UnixEpoch, Live: true);

    // What waits for a copy goes on where the copy ends, so that a seed says all.
    private static void Alone(Action run)
    {
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            run();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    private sealed class World
    {
        private readonly Random random;
        private readonly FakeTimeProvider time = new();
        private readonly ServerRegistry registry;
        private readonly long startedAt;
        private readonly SimulatedCluster cluster;
        private readonly List<ChunkHealing> healing = [];
        private readonly Queue<ChunkServerInfo[]> lists = [];
        private readonly Dictionary<string, string> racks = [];

        public World(int seed, bool rebalances = true)
        {
            random = new(seed);
            cluster = new(random);
            startedAt = time.GetTimestamp();
            registry = new(DeadTime, time.GetUtcNow());
            var count = random.Next(6, 10);
            for (var i = 0; i < count; i++)
            {
                cluster.Disks.Add(Id(i), new((300L + (100 * random.Next(3))) << 20));
                racks.Add(Id(i).Value, $"r{i % 3}");
            }

            if (count < 9) racks.Clear();
            for (var i = 0; i < Tables; i++) AddTable(i, rebalances);
            Fill();
            cluster.NoteGood();
        }

        public long Moved => healing.Sum(one => one.Status(1).Moved);

        public long MovedBytes => healing.Sum(one => one.Status(1).MovedBytes);

        public double MeanBytes => cluster.Disks.Values.SelectMany(disk => disk.Replicas.Values).Average(one => one.LengthBytes);

        public void RunToRest(int calmSeconds)
        {
            foreach (var disk in cluster.Disks.Values) disk.IsAlive = true;
            for (var second = 0; second < calmSeconds; second++) Pass();
            var moved = Moved;
            for (var second = 0; second < 200; second++) Pass();
            var shares = cluster.Disks.Values.Select(disk => (double)disk.UsedBytes / disk.TotalBytes).ToArray();
            Assert.True(shares.Max() - shares.Min() <= RebalancePlan.BeginSpread, $"from {shares.Min():P2} to {shares.Max():P2} after {moved} moves");
            Assert.Equal(moved, Moved);
            Assert.All(healing, one => Assert.True(one.Status(1).IsHealthy));
            foreach (var (table, handle) in cluster.All()) Assert.Equal(table.Rows[handle].Goal, cluster.Good(table, handle));
        }

        /// <summary>Servers die and come back, one at a time.</summary>
        public void Strike(int seconds)
        {
            for (var second = 0; second < seconds; second++)
            {
                if (random.Next(15) == 0)
                {
                    var dead = cluster.Disks.Values.FirstOrDefault(disk => !disk.IsAlive);
                    var isSafe = cluster.All().All(one => cluster.Good(one.Table, one.Handle) >= one.Table.Rows[one.Handle].Goal);
                    if (dead is not null) dead.IsAlive = true;
                    else if (isSafe) cluster.Disks.Values.ElementAt(random.Next(cluster.Disks.Count)).IsAlive = false;
                    cluster.NoteGood();
                }

                Pass();
            }
        }

        public void Pass()
        {
            time.Advance(Second);
            var now = time.GetElapsedTime(startedAt);
            registry.Listen(now);
            cluster.Pass();
            foreach (var (server, disk) in cluster.Disks.Where(one => one.Value.IsAlive))
            {
                var labels = racks.TryGetValue(server.Value, out var rack) ? new Dictionary<string, string> { [ReplicaPlacement.RackLabel] = rack } : [];
                registry.Hear(
                    new(server, labels, [new("/disk", disk.TotalBytes, disk.TotalBytes - disk.UsedBytes, disk.Replicas.Count, null)], time.GetUtcNow()),
                    now, time.GetUtcNow());
                if (random.Next(5) == 0) foreach (var table in cluster.Tables) table.Report(server, disk);
            }

            var silos = cluster.Disks.Where(one => one.Value.IsAlive).Select(one => one.Key.Value).ToHashSet();
            lists.Enqueue(registry.List([], silos, now, time.GetUtcNow()));
            // A table's list is about two seconds old.
            var list = lists.Count > 2 ? lists.Dequeue() : lists.Peek();
            foreach (var one in healing) one.Step(list, _ => true, SimulatedCluster.ChunkBytes);
            cluster.Check();
        }

        private void AddTable(int shard, bool rebalances)
        {
            var table = new SimulatedCluster.Table();
            var one = new ChunkHealing(table, cluster, DeadTime, new(random.Next()), time, NullLogger.Instance) { Rebalances = rebalances };
            table.Moved = one.Moved;
            cluster.Tables.Add(table);
            healing.Add(one);
            for (var counter = 1; counter <= 120; counter++) table.Rows.Add(ChunkHandle.Create(1, shard, counter), new(ChunkVersion.First, 2));
        }

        // Each server as likely as chance has it, within its room; in two racks where there are racks.
        private void Fill()
        {
            var likes = cluster.Disks.Keys.ToDictionary(server => server, _ => 0.1 + random.NextDouble());
            foreach (var (table, handle) in cluster.All())
            {
                var length = random.Next(SimulatedCluster.ChunkBytes / 4, SimulatedCluster.ChunkBytes + 1);
                var chosen = cluster.Disks.Where(one => one.Value.UsedBytes < one.Value.TotalBytes * 0.8)
                    .OrderBy(one => -Math.Log(1 - random.NextDouble()) / likes[one.Key])
                    .DistinctBy(one => racks.GetValueOrDefault(one.Key.Value, one.Key.Value)).Take(2).ToArray();
                foreach (var (_, disk) in chosen) disk.Replicas.Add(handle, (ChunkVersion.First, length));
            }

            foreach (var table in cluster.Tables)
            {
                foreach (var (server, disk) in cluster.Disks) table.Report(server, disk);
            }
        }
    }
}
