using System.Net;
using CsCheck;
using Gofs.Silo.Hosting.Pulses;
using Orleans.Runtime;
using Xunit;

namespace Gofs.Tests.Cluster.Pulses;

/// <summary>
/// Who is declared dead by pulses, and above all who never is: for any number of silos, whatever of the network is cut, whoever is stopped and for how long.
/// </summary>
public sealed class PulseJudgementTests
{
    private const int Calm = 1000;

    // A pulse that was under way, the next look, what it tells on its way, the look of whoever counts it; each waits for a step of the world besides.
    private static readonly TimeSpan Soon = PulseJudgement.Silence + TimeSpan.FromMilliseconds((2 * (150 + 30)) + (4 * 10));
    private static readonly Gen<(int Silos, uint Seed)> Clusters = Gen.Select(Gen.Int[3, 9], Gen.UInt);

    [Fact]
    public void SiloThatIsSilent_IsDeclaredByTheOthers_AfterTheTimeAndSoon_AndNobodyElse() => Clusters.Sample(one =>
    {
        var world = Begin(one, out var random);
        var (victim, at) = (random.Next(one.Silos), world.Now);
        world.IsStopped = silo => silo == victim;
        world.Run(5000);
        var first = Assert.Single(world.Declared);
        Assert.Equal(victim, first.Dead);
        Assert.InRange(first.At, at + PulseJudgement.Silence - TimeSpan.FromMilliseconds(150), at + Soon);
    });

    [Fact]
    public void SiloThatIsSilent_IsDeclaredByEachOfTheOthers_AndAgain_WhileTheMembershipKeepsIt() => Clusters.Sample(one =>
    {
        var world = Begin(one, out var random);
        var victim = random.Next(one.Silos);
        world.IsStopped = silo => silo == victim;
        world.Removes = false;
        world.Run(4000);
        Assert.Equal(Enumerable.Range(0, one.Silos).Where(silo => silo != victim), world.Declared.Select(declared => declared.By).Order());
        world.Run(5000);
        Assert.Equal(2 * (one.Silos - 1), world.Declared.Count);
        Assert.All(world.Declared, declared => Assert.Equal(victim, declared.Dead));
    });

    [Fact]
    public void SiloThatHalfOfThemHear_ItselfCounted_IsNeverDeclared() => Clusters.Sample(one =>
    {
        var world = Begin(one, out var random);
        var order = Shuffled(one.Silos, random);
        var victim = order[0];
        var deaf = order.Skip(1).Take(random.Next(one.Silos / 2) + 1).ToHashSet();
        world.Reaches = (from, to) => from != victim || !deaf.Contains(to);
        world.Run(10_000);
        Assert.Empty(world.Declared);
    });

    [Fact]
    public void SiloThatNoMajorityHears_IsDeclared_ThoughItHearsAll() => Clusters.Sample(one =>
    {
        var world = Begin(one, out var random);
        var order = Shuffled(one.Silos, random);
        var victim = order[0];
        var deaf = order.Skip(1).Take((one.Silos / 2) + 1).ToHashSet();
        world.Reaches = (from, to) => from != victim || !deaf.Contains(to);
        world.Run(3000);
        Assert.Equal(victim, Assert.Single(world.Declared).Dead);
    });

    [Fact]
    public void PartThatIsNoMajority_DeclaresNobody_TheOtherDeclaresAllOfIt() => Clusters.Sample(one =>
    {
        var world = Begin(one, out var random);
        var order = Shuffled(one.Silos, random);
        var part = order.Take(random.Next(1, (one.Silos / 2) + 1)).ToHashSet();
        world.Removes = random.Next(2) == 0;
        world.Reaches = (from, to) => part.Contains(from) == part.Contains(to);
        world.Run(4000);
        Assert.All(world.Declared, declared => Assert.DoesNotContain(declared.By, part));
        var isMajority = (one.Silos - part.Count) * 2 > one.Silos;
        Assert.Equal(isMajority ? part.Order() : [], world.Declared.Select(declared => declared.Dead).Distinct().Order());
    });

    [Fact]
    public void PartThatWasCutOff_DeclaresNobody_WhenItIsBack() => Clusters.Sample(one =>
    {
        var world = Begin(one, out var random);
        var part = Shuffled(one.Silos, random).Take(1).ToHashSet();
        world.Removes = false;
        world.Reaches = (from, to) => part.Contains(from) == part.Contains(to);
        world.Run(random.Next(100, 8000));
        world.Reaches = (_, _) => true;
        world.Run(4000);
        Assert.All(world.Declared, declared => Assert.DoesNotContain(declared.By, part));
    });

    [Fact]
    public void WholeNetworkGoneForAnyTime_NobodyIsDeclared() => Clusters.Sample(one =>
    {
        var world = Begin(one, out var random);
        world.Reaches = (_, _) => false;
        world.Run(random.Next(10, 4000));
        world.Reaches = (_, _) => true;
        world.Run(3000);
        Assert.Empty(world.Declared);
    });

    [Fact]
    public void SiloThatWasStoppedForAnyTime_DeclaresNobody() => Clusters.Sample(one =>
    {
        var world = Begin(one, out var random);
        var victim = random.Next(one.Silos);
        world.Removes = false;
        world.IsStopped = silo => silo == victim;
        world.Run(random.Next(10, 10_000));
        world.IsStopped = _ => false;
        world.Run(4000);
        Assert.All(world.Declared, declared => Assert.NotEqual(victim, declared.By));
    });

    [Fact]
    public void AllStoppedTogether_AndContinuedOneAfterTheOther_NobodyIsDeclared() => Clusters.Sample(one =>
    {
        var world = Begin(one, out var random);
        var until = new TimeSpan[one.Silos];
        var all = world.Now + TimeSpan.FromMilliseconds(random.Next(600, 8000));
        for (var silo = 0; silo < one.Silos; silo++) until[silo] = all + TimeSpan.FromMilliseconds(random.Next(0, 900));
        world.IsStopped = silo => world.Now < until[silo];
        world.Run(12_000);
        Assert.Empty(world.Declared);
    });

    /// <summary>A collection of garbage, a machine that is short of time.</summary>
    [Fact]
    public void PausesBelowASecond_OfAnyNumberOfSilos_KillNobody() => Clusters.Sample(one =>
    {
        var world = Begin(one, out var random);
        var pauses = Enumerable.Range(0, one.Silos).Select(_ => (From: world.Now, Until: world.Now)).ToArray();
        world.IsStopped = silo =>
        {
            if (world.Now >= pauses[silo].Until + TimeSpan.FromMilliseconds(400))
            {
                var from = world.Now + TimeSpan.FromMilliseconds(random.Next(0, 1500));
                pauses[silo] = (from, from + TimeSpan.FromMilliseconds(random.Next(10, 990)));
            }

            return world.Now >= pauses[silo].From && world.Now < pauses[silo].Until;
        };
        world.Run(15_000);
        Assert.Empty(world.Declared);
    });

    [Fact]
    public void TwoSilos_NoMajorityWithoutTheSuspect_NobodyIsDeclared() => Gen.UInt.Sample(seed =>
    {
        var world = Begin((2, seed), out var random);
        var victim = random.Next(2);
        world.IsStopped = silo => silo == victim;
        world.Run(8000);
        Assert.Empty(world.Declared);
    });

    [Fact]
    public void SiloThatNeverPulsed_IsNeverDeclared() => Clusters.Sample(one =>
    {
        var world = new PulseWorld(one.Silos, one.Seed);
        var quiet = (int)(one.Seed % (uint)one.Silos);
        world.Sends = silo => silo != quiet;
        world.Run(6000);
        Assert.Empty(world.Declared);
    });

    [Fact]
    public void ManySilentAtOnce_MoreThanAPulseTells_AreAllDeclared()
    {
        const int Silos = 41;
        var world = new PulseWorld(Silos, seed: 1);
        world.Run(Calm);
        world.IsStopped = silo => silo < 20;
        world.Run(4000);
        Assert.Equal(Enumerable.Range(0, 20), world.Declared.Select(declared => declared.Dead).Order());
    }

    [Fact]
    public void PulseHeardBefore_OrOlder_OrOfAnUnknownSilo_DoesNotCount()
    {
        SiloAddress self = At(1), other = At(2);
        var judgement = new PulseJudgement(self);
        Assert.False(judgement.Hear(new(other, 1, []), TimeSpan.Zero));
        judgement.Judge([self, other], TimeSpan.Zero);
        Assert.True(judgement.Hear(new(other, 7, []), TimeSpan.Zero));
        Assert.False(judgement.Hear(new(other, 7, []), TimeSpan.Zero));
        Assert.False(judgement.Hear(new(other, 6, []), TimeSpan.Zero));
        Assert.False(judgement.Hear(new(At(2, generation: 2), 8, []), TimeSpan.Zero));
        Assert.False(judgement.Hear(new(self, 8, []), TimeSpan.Zero));
        Assert.True(judgement.Hear(new(other, 8, []), TimeSpan.Zero));
    }

    [Fact]
    public void PlayedAgainPulses_DoNotKeepASiloAlive_NorItsVotes()
    {
        SiloAddress self = At(1), victim = At(2), third = At(3);
        SiloAddress[] active = [self, victim, third];
        var judgement = new PulseJudgement(self);
        judgement.Judge(active, TimeSpan.Zero);
        var (last, vote) = (new Pulse(victim, 5, []), new Pulse(third, 1, [victim]));
        IReadOnlyList<SiloAddress> dead = [];
        judgement.Hear(last, TimeSpan.Zero);
        for (var tick = 1; tick <= 11; tick++)
        {
            var now = tick * PulseJudgement.Period;
            judgement.Hear(last, now);
            judgement.Hear(vote with { Sequence = (ulong)tick }, now);
            Assert.Empty(judgement.Judge(active, now));
        }

        // The third falls silent: its last vote is played again, and counts for half a second after it was heard, no longer.
        for (var tick = 12; tick <= 40; tick++)
        {
            var now = tick * PulseJudgement.Period;
            judgement.Hear(vote with { Sequence = 11 }, now);
            dead = [.. dead, .. judgement.Judge(active, now)];
            if (tick >= 16) Assert.Empty(judgement.Silent);
        }

        Assert.Equal([victim], dead);
    }

    [Fact]
    public void VoteOfASiloThatFellSilentItself_CountsNoLonger()
    {
        SiloAddress self = At(1), victim = At(2), third = At(3), fourth = At(4);
        SiloAddress[] active = [self, victim, third, fourth];
        var judgement = new PulseJudgement(self);
        judgement.Judge(active, TimeSpan.Zero);
        judgement.Hear(new(victim, 1, []), TimeSpan.Zero);
        for (var tick = 1; tick <= 40; tick++)
        {
            var now = tick * PulseJudgement.Period;
            if (tick <= 13) judgement.Hear(new(third, (ulong)tick, tick < 13 ? [] : [victim]), now);
            judgement.Hear(new(fourth, (ulong)tick, tick < 20 ? [] : [victim]), now);
            Assert.Empty(judgement.Judge(active, now));
        }
    }

    [Fact]
    public void SiloThatIsNotActiveItself_DeclaresNobody()
    {
        SiloAddress self = At(1), victim = At(2), third = At(3);
        var judgement = new PulseJudgement(self);
        judgement.Judge([victim, third], TimeSpan.Zero);
        judgement.Hear(new(victim, 1, []), TimeSpan.Zero);
        for (var tick = 1; tick <= 30; tick++)
        {
            var now = tick * PulseJudgement.Period;
            judgement.Hear(new(third, (ulong)tick, [victim]), now);
            Assert.Empty(judgement.Judge([victim, third], now));
            Assert.Empty(judgement.Silent);
        }
    }

    private static SiloAddress At(int number, int generation = 1) => SiloAddress.New(new IPEndPoint(IPAddress.Loopback, 1000 + number), generation);

    private static PulseWorld Begin((int Silos, uint Seed) one, out Random random)
    {
        random = new Random((int)one.Seed);
        var world = new PulseWorld(one.Silos, one.Seed);
        world.Run(Calm + random.Next(200));
        Assert.Empty(world.Declared);
        return world;
    }

    private static int[] Shuffled(int count, Random random)
    {
        var order = Enumerable.Range(0, count).ToArray();
        random.Shuffle(order);
        return order;
    }
}
