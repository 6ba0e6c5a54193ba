using CsCheck;
using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Grains.Chunks.Healing;
using Gofs.Grains.ChunkServers;
using Gofs.Grains.Placement;
using Xunit;

namespace Gofs.Tests.Chunks.Healing;

public sealed class HealingPlanTests
{
    private const long Gigabyte = 1L << 30;
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly Gen<ChunkServerInfo[]> Servers =
        Gen.Select(Gen.Int[0, 2], Gen.Int[0, 2], Gen.Int[0, 3], Gen.Long[0, 3]).Array[1, 9].Select(all => all.Select((one, index) =>
            Server($"s{index}", (ServerStanding)one.Item1, (ServerMark)one.Item2, one.Item3 == 0 ? null : $"r{one.Item3}", one.Item4 * Gigabyte)).ToArray());

    [Fact]
    public void Step_IsFromALiveHolder_ToALiveServerWithRoomThatIsNone_OrSaysWhyNot() =>
        Gen.Select(Servers, Gen.Int[0, 511], Gen.Int[0, 5], Gen.ULong).Sample((servers, held, tries, seed) =>
        {
            var standings = Standings(servers);
            var holders = servers.Where((_, index) => (held >> index & 1) != 0).Select(server => server.Server).ToArray();
            var step = HealingPlan.Choose(holders, standings, new(), Gigabyte, tries, seed, Second);
            if (step.Stall != HealingStall.None) return;
            Assert.False(standings.IsMassSilence);
            Assert.Contains(step.Source, holders);
            Assert.Equal(ServerStanding.Live, standings.Of(step.Source));
            var target = servers.Single(server => server.Server == step.Target);
            Assert.DoesNotContain(step.Target, holders);
            Assert.True(target.Live && target.Mark != ServerMark.Drain && target.Disks[0].FreeBytes > 0);
            Assert.DoesNotContain(
                holders, server => servers.Any(one => one.Server == server && one.Standing == ServerStanding.Suspect && one.Mark == ServerMark.None));
        });

    [Fact]
    public void TargetInARackWithoutAReplica_IsPreferred() => Gen.ULong.Sample(seed =>
    {
        var standings = Standings([Live("a", "r1"), Live("b", "r1"), Live("c", "r2"), Live("d", "r1")]);
        Assert.Equal(new("c"), HealingPlan.Choose([new("a"), new("b")], standings, new(), 1, 0, seed, Second).Target);
    });

    [Fact]
    public void TriesInTurn_UseEverySource()
    {
        var standings = Standings([Live("a"), Live("b"), Live("c"), Live("d")]);
        var sources = Enumerable.Range(0, 3).Select(tries => HealingPlan.Choose([new("a"), new("b"), new("c")], standings, new(), 1, tries, 5, Second).Source);
        Assert.Equal(3, sources.Distinct().Count());
    }

    [Fact]
    public void TargetThatRefused_IsLeftInPeaceForMinutes()
    {
        var standings = Standings([Live("a"), Live("b")]);
        var load = new CopyLoad();
        load.Refuse(new("b"), Second);
        Assert.Equal(HealingStall.NoRoom, HealingPlan.Choose([new("a")], standings, load, 1, 0, 5, 2 * Second).Stall);
        Assert.Equal(new("b"), HealingPlan.Choose([new("a")], standings, load, 1, 0, 5, Second + CopyLoad.RefusalTime).Target);
    }

    [Fact]
    public void CopiesUnderWay_TakeTheirRoom_AndNoServerGetsMoreThanItsShare()
    {
        var standings = Standings([Live("a"), Server("b", ServerStanding.Live, ServerMark.None, null, 2 * Gigabyte)]);
        var load = new CopyLoad();
        load.Begin(new("a"), new("b"));
        Assert.Equal(HealingStall.NoRoom, HealingPlan.Choose([new("a")], standings, load, 3 * Gigabyte, 0, 5, Second).Stall);
        Assert.Equal(HealingStall.None, HealingPlan.Choose([new("a")], standings, load, Gigabyte, 0, 5, Second).Stall);
        load.Begin(new("a"), new("b"));
        Assert.Equal(HealingStall.TriedAgain, HealingPlan.Choose([new("a")], standings, load, 1, 0, 5, Second).Stall);
    }

    [Fact]
    public void GoalAboveTheNumberOfServers_IsNoReasonToTry()
    {
        var standings = Standings([Live("a"), Live("b"), Server("c", ServerStanding.Dead, ServerMark.None, null, 1)]);
        Assert.False(HealingPlan.HasServerFor([new("a"), new("b")], standings));
        Assert.True(HealingPlan.HasServerFor([new("a")], standings));
    }

    [Fact]
    public void ServerExpectedBack_IsWaitedFor_ButNotOneInMaintenance()
    {
        ChunkServerInfo[] others = [Live("a"), Live("c"), Live("d")];
        var silent = Standings([.. others, Server("b", ServerStanding.Suspect, ServerMark.None, null, 1)]);
        Assert.Equal(HealingStall.SuspectServer, HealingPlan.Choose([new("a"), new("b")], silent, new(), 1, 0, 5, Second).Stall);
        var maintained = Standings([.. others, Server("b", ServerStanding.Suspect, ServerMark.Maintenance, null, 1)]);
        Assert.Equal(HealingStall.None, HealingPlan.Choose([new("a"), new("b")], maintained, new(), 1, 0, 5, Second).Stall);
    }

    [Fact]
    public void SurplusReplica_GoesFromTheRackThatHasTwo_NeverBelowTheGoal() =>
        Gen.Select(Servers, Gen.Int[0, 511], Gen.Int[1, 4]).Sample((servers, held, goal) =>
        {
            var standings = Standings(servers);
            var holders = servers.Where((_, index) => (held >> index & 1) != 0).Select(server => server.Server).ToArray();
            var live = servers.Where(server => holders.Contains(server.Server) && server.Live && server.Mark != ServerMark.Drain).ToArray();
            if (HealingPlan.ChooseSurplus(holders, goal, standings) is not { } surplus) return;
            Assert.True(live.Length > goal);
            var racks = live.GroupBy(server => ReplicaPlacement.RackOf(server)).ToDictionary(same => same.Key ?? "", same => same.Count());
            Assert.Equal(racks.Values.Max(), racks[ReplicaPlacement.RackOf(live.Single(server => server.Server == surplus)) ?? ""]);
        });

    [Theory]
    [InlineData("LLL", 3, ChunkDanger.None)]
    [InlineData("LLS", 3, ChunkDanger.None)]
    [InlineData("LLD", 3, ChunkDanger.UnderGoal)]
    [InlineData("LSD", 3, ChunkDanger.Endangered)]
    [InlineData("LDD", 3, ChunkDanger.Endangered)]
    [InlineData("SDD", 3, ChunkDanger.Endangered)]
    [InlineData("DDD", 3, ChunkDanger.Missing)]
    [InlineData("", 3, ChunkDanger.Missing)]
    [InlineData("LLLL", 3, ChunkDanger.Surplus)]
    [InlineData("LLLS", 3, ChunkDanger.None)]
    [InlineData("LLLX", 3, ChunkDanger.None)]
    [InlineData("LLX", 3, ChunkDanger.Draining)]
    [InlineData("LXX", 3, ChunkDanger.Draining)]
    [InlineData("LXD", 3, ChunkDanger.UnderGoal)]
    [InlineData("XDD", 3, ChunkDanger.Endangered)]
    [InlineData("X", 1, ChunkDanger.Draining)]
    [InlineData("LLM", 3, ChunkDanger.None)]
    [InlineData("LMM", 3, ChunkDanger.Endangered)]
    [InlineData("L", 1, ChunkDanger.None)]
    public void Danger_IsByWhatIsAtHandAndWhatIsExpectedBack(string replicas, int goal, ChunkDanger danger)
    {
        var servers = replicas.Select((kind, index) => Server($"s{index}",
            kind switch { 'L' or 'X' => ServerStanding.Live, 'D' => ServerStanding.Dead, _ => ServerStanding.Suspect },
            kind switch { 'X' => ServerMark.Drain, 'M' => ServerMark.Maintenance, _ => ServerMark.None }, null, 1)).ToArray();
        Assert.Equal(danger, ChunkHealth.Of(servers.Select(server => server.Server).ToArray(), goal, Standings(servers)).Danger);
    }

    [Fact]
    public void Sweep_LooksAtEachChunkOnce_ThenWaitsForAChangeOrForItsTime()
    {
        var sweep = new GoalSweep();
        var all = Enumerable.Range(1, 25).Select(counter => ChunkHandle.Create(1, 0, counter)).ToArray();
        Assert.True(sweep.IsDue(Second, changes: 0));
        sweep.Begin(all, Second, changes: 0);
        List<ChunkHandle> seen = [];
        while (sweep.Rounds == 0) seen.AddRange(sweep.Take(10));
        Assert.Equal(all, seen);
        Assert.False(sweep.IsDue(2 * Second, changes: 0));
        Assert.True(sweep.IsDue(2 * Second, changes: 1));
        Assert.True(sweep.IsDue(Second + GoalSweep.Every, changes: 0));
    }

    [Fact]
    public void VersionRound_EndsWithAVersionThatAllWhoWereAskedHave_OrGivesUp() =>
        Gen.Select(Gen.Int[1, 5], Gen.Int[0, 5], Gen.Int[0, 3].Array[200]).Sample((count, least, said) =>
        {
            ServerId[] holders = [.. Enumerable.Range(0, count).Select(index => new ServerId($"s{index}"))];
            var round = new VersionRound(holders, least);
            var next = 0;
            for (var rounds = 0; rounds < VersionRound.Patience + count + 1; rounds++)
            {
                var asked = round.Asked;
                OfferAnswer[] answers = [.. asked.Select(_ => (OfferAnswer)said[next++])];
                var end = round.Hear(answers);
                if (end == RoundEnd.Again) continue;
                if (end == RoundEnd.GivenUp) return;
                Assert.True(round.Asked.Length >= Math.Max(1, least));
                Assert.DoesNotContain(OfferAnswer.Unknown, answers);
                Assert.DoesNotContain(OfferAnswer.Newer, answers);
                Assert.Equal(asked.Where((_, index) => answers[index] == OfferAnswer.Taken), round.Asked);
                return;
            }

            Assert.Fail("it goes on for ever");
        });

    private static ChunkServerInfo Live(string name, string? rack = null) => Server(name, ServerStanding.Live, ServerMark.None, rack, Gigabyte);

    private static ChunkServerInfo Server(string name, ServerStanding standing, ServerMark mark, string? rack, long free) =>
        new(new(name), rack is null ? [] : new() { [ReplicaPlacement.RackLabel] = rack }, [new("/disk", 9 * Gigabyte, free, 0, null)], Noon,
            standing == ServerStanding.Live)
        {
            Standing = standing,
            Mark = mark,
        };

    private static ServerStandings Standings(ChunkServerInfo[] servers)
    {
        var standings = new ServerStandings(60 * Second);
        standings.Update(servers, Second);
        return standings;
    }
}
