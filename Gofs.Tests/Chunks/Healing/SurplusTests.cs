using CsCheck;
using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Grains.Chunks.Healing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gofs.Tests.Chunks.Healing;

/// <summary>Which replica goes when a goal is lowered: never one of which bytes are not on as many others as are wanted.</summary>
public sealed class SurplusTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private static readonly Gen<ReplicaState?> AnyState = Gen.Select(Gen.Int[0, 9], Gen.Long[0, 9], (kind, length) => kind switch
    {
        < 4 => new ReplicaState(9, null, ""),
        < 6 => new ReplicaState(length, null, ""),
        < 8 => new ReplicaState(length, null, "") { Damages = 1 },
        8 => new ReplicaState(0, GofsError.Corrupt, "bad"),
        _ => null,
    });

    [Fact]
    public void WhateverGoes_AsManyAsAreWantedStay_ThatAreSoundAndNotShorter() =>
        Gen.Select(AnyState.Array[0, 6], Gen.Int[1, 5], Gen.Int[0, 5]).Sample((states, goal, preferred) =>
        {
            var replicas = Replicas(states);
            if (SurplusChoice.Choose(replicas, goal, Id(preferred)) is not { } gone) return;
            var (_, its) = replicas.Single(one => one.Server == gone);
            Assert.True(replicas.Count(one => one.Server != gone && one.State!.Error is null && one.State.Damages == 0
                && one.State.LengthBytes >= its!.LengthBytes) >= goal);
            Assert.DoesNotContain(replicas, one => one.State is null);
        });

    [Fact]
    public void WithEnoughSoundOnesOfOneLength_OneGoes_AndThatADamagedOneWhereThereIsOne() =>
        Gen.Select(Gen.Int[1, 5], Gen.Int[0, 3], Gen.Int[0, 5]).Sample((sound, damaged, preferred) =>
        {
            var replicas = Replicas([.. Enumerable.Repeat(new ReplicaState(9, null, ""), sound),
                .. Enumerable.Repeat(new ReplicaState(9, null, "") { Damages = 2 }, damaged)]);
            var gone = SurplusChoice.Choose(replicas, Math.Max(1, damaged > 0 ? sound : sound - 1), Id(preferred));
            if (sound + damaged == 1) Assert.Null(gone);
            else if (damaged == 0) Assert.Equal(preferred < sound ? Id(preferred) : Id(0), gone);
            else Assert.Contains(replicas.Single(one => one.Server == gone), replicas.Skip(sound));
        });

    [Theory]
    [InlineData(false, false, true)]
    [InlineData(false, true, false)]
    [InlineData(true, false, false)]
    public void GoalIsLowered_WhatIsDamagedGoes_AndTheGoodOneStays(bool first, bool second, bool third)
    {
        var world = new World(first, second, third);
        world.Lower(to: 1);
        Assert.Equal([Id(first ? 0 : second ? 1 : 2)], world.Table.Holders);
    }

    [Fact]
    public void GoalIsLowered_WhileAllAreDamaged_NoneGoes_UntilOneIsRepaired()
    {
        var world = new World(false, false, false);
        world.Lower(to: 1);
        Assert.Equal(3, world.Table.Holders.Length);
        world.Servers.All[Id(1)].Damages = 0;
        world.Pass(seconds: 300);
        Assert.Equal([Id(1)], world.Table.Holders);
    }

    private static ServerId Id(int number) => new($"s{number}");

    private static (ServerId Server, ReplicaState? State)[] Replicas(ReplicaState?[] states) => [.. states.Select((state, i) => (Id(i), state))];

    /// <summary>A chunk with three replicas on three servers, of which some are damaged.</summary>
    private sealed class World
    {
        private readonly FakeTimeProvider time = new();
        private readonly List<ChunkServerInfo> known = [];
        private readonly ChunkHealing healing;

        public World(params bool[] isSound)
        {
            Servers = new(new Random(1));
            Table = new(Servers);
            healing = new(Table, Servers, 10 * Second, new(1), time, NullLogger.Instance);
            Table.IsUnsettled = () => healing.IsUnsettled(SimulatedTable.Handle);
            Table.Moved = () => healing.Moved(SimulatedTable.Handle);
            for (var i = 0; i < isSound.Length; i++)
            {
                var server = Servers.Add(Id(i).Value);
                server.Take(ChunkVersion.First);
                server.Damages = isSound[i] ? 0 : 1;
                Table.Report(server.Id);
                known.Add(new(server.Id, [], [new("/disk", 1L << 40, 1L << 39, 0, null)], DateTimeOffset.UnixEpoch, Live: true));
            }

            Pass(seconds: 5);
        }

        public SimulatedServers Servers { get; }

        public SimulatedTable Table { get; }

        public void Lower(byte to)
        {
            Table.Wanted = to;
            healing.Want(SimulatedTable.Handle);
            Pass(seconds: 300);
        }

        public void Pass(int seconds)
        {
            for (var second = 0; second < seconds; second++)
            {
                time.Advance(Second);
                healing.Step(known, _ => true, 1 << 20);
                var good = Table.Holders.Count(server => Servers.All[server].Damages == 0);
                Assert.True(good >= 1 || Servers.All.Values.All(server => server.Damages > 0), "no good replica is left");
            }
        }
    }
}
