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
/// A chunk that is written all the while, on servers that die, come back and lose calls; a seed decides. Whatever happens, every replica of the version that
/// counts has every acknowledged write; and when the faults end, the chunk has its goal.
/// </summary>
public sealed class HealingSimulationTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan DeadTime = 10 * Second;

    [Fact]
    public void AcknowledgedWrites_AreOnEveryReplicaThatCounts_AndTheGoalIsReachedWhenFaultsEnd() => Gen.Int.Sample(RunOne);

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
        private bool hasFaults;

        public World(int seed)
        {
            random = new(seed);
            startedAt = time.GetTimestamp();
            registry = new(DeadTime, time.GetUtcNow());
            Servers = new(random) { Meanwhile = Meanwhile };
            Table = new(Servers);
            Healing = new(Table, Servers, DeadTime, random, time, NullLogger.Instance);
            Table.IsUnsettled = () => Healing.IsUnsettled(SimulatedTable.Handle);
            Table.Moved = () => Healing.Moved(SimulatedTable.Handle);
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

        public SimulatedTable Table { get; }

        public ChunkHealing Healing { get; }

        public void Run()
        {
            hasFaults = true;
            Servers.FaultRate = random.NextDouble() * 0.4;
            for (var second = 0; second < 60; second++)
            {
                if (random.Next(8) == 0) Strike();
                Pass();
            }

            hasFaults = false;
            Servers.FaultRate = 0;
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
            Healing.Step(registry.List([], silos, now, time.GetUtcNow()), _ => true, 1 << 20);
            CheckReplicas();
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

        private void Meanwhile()
        {
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

                if (Table.IsOffered) return; // it would wait for the join to end
                var hasNewer = Table.Counts > placement.Version && Table.HasAllWritable;
                if (!hasNewer && !Table.Recover([.. placement.Servers.Where(server => Servers.All[server].IsAlive)])) return;
                placement = (Table.Counts, Table.Holders);
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
