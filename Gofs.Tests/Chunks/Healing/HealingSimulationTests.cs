using CsCheck;
using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Grains.Chunks;
using Gofs.Grains.Chunks.Healing;
using Gofs.Grains.ChunkServers;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gofs.Tests.Chunks.Healing;

/// <summary>
/// A chunk that is written all the while, on servers that die, come back and lose calls, of a table whose owner is succeeded by another, at any moment; a seed
/// decides. Whatever happens, every replica of the version that counts has every acknowledged write; and when the faults end, the chunk has its goal.
/// </summary>
public sealed class HealingSimulationTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan DeadTime = 10 * Second;

    [Fact]
    public void AcknowledgedWrites_AreOnEveryReplicaThatCounts_AndTheGoalIsReachedWhenFaultsEnd() => Gen.Int.Sample(RunOne);

    [Fact]
    public void OwnerOfTheTable_ThatDiesBetweenItsOffers_LosesNoReplica() => Gen.Int.Sample(seed =>
    {
        var world = new World(seed) { MostOwners = 12, DeathRate = 0.2, IsOpenedAgain = true, HasZombies = false };
        for (var second = 0; second < 60; second++) world.Pass();
        Assert.All(world.Servers.All.Values.Take(SimulatedTable.Goal), server => Assert.Equal(world.Table.Counts, server.Version));
        Assert.Equal(0, world.Healing.Status(1).Copied);
        world.CheckReplicas();
    });

    [Fact]
    public void WithoutFaults_ALostReplicaIsMadeAgain_AndNoWriteFails()
    {
        var world = new World(seed: 7);
        world.Servers.All[new("s0")].IsAlive = false;
        for (var second = 0; second < 20; second++) world.Pass();
        Assert.Equal(3, world.Table.Holders.Length);
        Assert.DoesNotContain(new ServerId("s0"), world.Table.Holders);
        world.CheckReplicas();
        Assert.Equal(1, world.Healing.Status(1).Copied);
        Assert.True(world.Healing.Status(1).IsHealthy);
    }

    internal static void RunOne(int seed) => new World(seed).Run();

    private sealed class World
    {
        private readonly Random random;
        private readonly FakeTimeProvider time = new();
        private readonly ServerRegistry registry;
        private readonly long startedAt;
        private readonly HashSet<int> acknowledged = [];
        private (ChunkVersion Version, ServerId[] Servers) placement;
        private int lastWrite;
        private int owners;
        private bool hasFaults;

        public World(int seed)
        {
            random = new(seed);
            startedAt = time.GetTimestamp();
            registry = new(DeadTime, time.GetUtcNow());
            Servers = new(random) { Meanwhile = Meanwhile };
            Succeed();
            for (var i = 0; i < 6; i++) Servers.Add($"s{i}");
            ServerId[] first = [new("s0"), new("s1"), new("s2")];
            foreach (var server in first)
            {
                Servers.All[server].Take(ChunkVersion.First);
                Table.Report(server);
            }

            placement = (ChunkVersion.First, first);
        }

        public SimulatedServers Servers { get; }

        public SimulatedTable Table { get; private set; } = null!;

        public ChunkHealing Healing { get; private set; } = null!;

        /// <summary>So many owners the table may have: none offers what one of the fifteen before it did.</summary>
        public int MostOwners { get; init; } = 8;

        /// <summary>How likely it is that the table's owner dies, or is taken for dead, between two offers or calls.</summary>
        public double DeathRate { get; set; }

        /// <summary>Whether an owner that has a successor goes on.</summary>
        public bool HasZombies { get; init; } = true;

        /// <summary>Whether the file that has the chunk is opened for writing all the while.</summary>
        public bool IsOpenedAgain { get; init; }

        public void Run()
        {
            hasFaults = true;
            Servers.FaultRate = random.NextDouble() * 0.4;
            DeathRate = random.Next(2) * 0.02;
            for (var second = 0; second < 60; second++)
            {
                if (random.Next(8) == 0) Strike();
                Pass();
            }

            hasFaults = false;
            (Servers.FaultRate, DeathRate) = (0, 0);
            foreach (var server in Servers.All.Values) server.IsAlive = true;
            // A target that refused is left in peace for minutes, what failed comes again within one, and a replica too many stays two.
            for (var second = 0; second < 600; second++) Pass();
            Assert.Equal(SimulatedTable.Goal, Table.Holders.Length);
            Assert.True(Healing.Status(1).IsHealthy);
            Write();
            Assert.Contains(lastWrite, acknowledged);
            CheckReplicas();
        }

        /// <summary>A second passes.</summary>
        public void Pass()
        {
            time.Advance(Second);
            var now = time.GetElapsedTime(startedAt);
            registry.Listen(now);
            foreach (var server in Servers.All.Values.Where(server => server.IsAlive))
            {
                registry.Hear(new(server.Id, [], [new("/disk", 1L << 40, 1L << 39, 0, null)], time.GetUtcNow()), now, time.GetUtcNow());
                if (!hasFaults || random.Next(3) > 0) Table.Report(server.Id);
                CheckReplicas();
            }

            var silos = Servers.All.Values.Where(server => server.IsAlive).Select(server => server.Id.Value).ToHashSet();
            var (table, healing) = (Table, Healing);
            healing.Step(registry.List([], silos, now, time.GetUtcNow()), table.HasHeard, 1 << 20);
            CheckReplicas();
            if (IsOpenedAgain && !Table.IsOffered && Table.Recover(Table.Holders)) CheckReplicas();
            Write();
        }

        public void CheckReplicas()
        {
            foreach (var server in Servers.All.Values.Where(server => server.Version == Table.Counts))
                Assert.True(acknowledged.IsSubsetOf(server.Writes), $"{server.Id} has version {server.Version}, which counts, and misses writes");
        }

        // At most two are away at once, and one good replica is always left: nobody promises more.
        private void Strike()
        {
            var server = Servers.All.Values.ElementAt(random.Next(Servers.All.Count));
            if (!server.IsAlive)
            {
                server.IsAlive = true;
                return;
            }

            if (Servers.All.Values.Count(one => !one.IsAlive) >= 2 || Servers.All.Values.Count(IsGood) < 2 + (IsGood(server) ? 1 : 0)) return;
            server.IsAlive = false;
        }

        private bool IsGood(SimulatedServer server) => server.IsAlive && server.Version >= Table.Counts;

        // What the one before still does comes to nothing but at the servers.
        private void Succeed()
        {
            owners++;
            if (Table is not null) (Table.IsSucceeded, Table.IsDead) = (true, !HasZombies);
            var table = new SimulatedTable(Servers, Table);
            var healing = new ChunkHealing(table, Servers, DeadTime, random, time, NullLogger.Instance);
            table.IsUnsettled = () => healing.IsUnsettled(SimulatedTable.Handle);
            table.Unsettle = () => healing.Unsettle(SimulatedTable.Handle);
            table.Moved = () => healing.Moved(SimulatedTable.Handle);
            table.Between = MayDie;
            (Table, Healing) = (table, healing);
        }

        private void MayDie()
        {
            if (owners >= MostOwners || random.NextDouble() >= DeathRate) return;
            Succeed();
            if (random.Next(2) == 0) Write();
        }

        private void Meanwhile()
        {
            if (HasZombies) MayDie();
            if (hasFaults && random.Next(4) == 0) Servers.RunLate();
            if (hasFaults && random.Next(6) == 0) Table.Report(Servers.All.Values.ElementAt(random.Next(Servers.All.Count)).Id);
            if (random.Next(2) == 0) Write();
            CheckReplicas();
        }

        // As the SDK does it: to all servers of the placement; where one refuses, a new version on the others, and again.
        private void Write()
        {
            var write = ++lastWrite;
            for (var tries = 0; tries < 3; tries++)
            {
                var refused = placement.Servers.Where(server => !TryWrite(server, write)).ToArray();
                if (refused.Length == 0)
                {
                    acknowledged.Add(write);
                    return;
                }

                var table = Table;
                if (table.IsOffered) return; // it would wait for the join to end
                var hasNewer = table.Counts > placement.Version && table.HasAllWritable;
                if (!hasNewer && !table.Recover([.. placement.Servers.Where(server => Servers.All[server].IsAlive)])) return;
                placement = (table.Counts, table.Holders);
            }
        }

        private bool TryWrite(ServerId server, int write)
        {
            var at = Servers.All[server];
            if (!at.IsAlive || at.Version != placement.Version) return false;
            at.Writes.Add(write);
            return true;
        }
    }
}
