using Gofs.Grains.ChunkServers;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gofs.Tests.ChunkServers;

/// <summary>How copying gives way to clients: by how long their requests take.</summary>
public sealed class CopyPaceTests
{
    private static readonly TimeSpan Usual = TimeSpan.FromMilliseconds(4);
    private static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(10);
    private readonly FakeTimeProvider time = new();
    private readonly CopyPace pace;

    public CopyPaceTests()
    {
        pace = new(time);
        for (var i = 0; i < 100; i++) pace.OnAnswered(isWrite: true, 4096, Usual);
    }

    [Fact]
    public void ClientsThatNoticeNothing_ItGrowsToAll()
    {
        Assert.Equal(CopyPace.First, pace.Take());
        Run(seconds: 30, _ => Usual);
        Assert.Equal(1, pace.Take(), precision: 6);
    }

    [Fact]
    public void ClientsThatAreSlowed_ItFallsToItsFloor_AndNotBelow()
    {
        pace.Take();
        Run(seconds: 10, _ => Slow);
        Assert.InRange(pace.Take(), CopyPace.Least, CopyPace.Least * 1.1);
    }

    [Fact]
    public void FewerSlowRequestsThanOneOfFourHundred_AreAllowed()
    {
        pace.Take();
        Run(seconds: 60, i => i % 500 == 499 ? Slow : Usual);
        Assert.InRange(pace.Take(), CopyPace.First, 1);
    }

    [Fact]
    public void WhatTakesLongByItsKind_IsNotSlow()
    {
        for (var i = 0; i < 100; i++) pace.OnAnswered(isWrite: false, 1 << 20, Slow);
        pace.Take();
        for (var second = 0; second < 30; second++)
        {
            for (var i = 0; i < 60; i++) pace.OnAnswered(isWrite: false, 1 << 20, Slow);
            time.Advance(TimeSpan.FromSeconds(1));
            pace.Take();
        }

        Assert.Equal(1, pace.Take(), precision: 6);
    }

    [Fact]
    public void SlowTimesWithoutCopies_BecomeUsual()
    {
        for (var i = 0; i < 100; i++) pace.OnAnswered(isWrite: true, 4096, Slow);
        pace.Take();
        Run(seconds: 30, _ => Slow);
        Assert.Equal(1, pace.Take(), precision: 6);
    }

    [Fact]
    public void NothingKnownOfAKind_FiftyMillisecondsAreSlow()
    {
        pace.Take();
        for (var i = 0; i < 200; i++)
        {
            pace.OnAnswered(isWrite: false, 4096, TimeSpan.FromMilliseconds(51));
            time.Advance(TimeSpan.FromMilliseconds(50));
            pace.Take();
        }

        Assert.InRange(pace.Take(), CopyPace.Least, CopyPace.Least * 1.1);
    }

    [Fact]
    public void AfterALongPause_ItBeginsAgain()
    {
        pace.Take();
        Run(seconds: 10, _ => Slow);
        time.Advance(CopyPace.LongPause + TimeSpan.FromSeconds(1));
        Assert.Equal(CopyPace.First, pace.Take());
    }

    [Fact]
    public void ManyRequestsASecond_GiveNoMoreThanAnOctave()
    {
        pace.Take();
        for (var i = 0; i < 1000; i++) pace.OnAnswered(isWrite: true, 4096, Usual);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(2 * CopyPace.First, pace.Take(), precision: 6);
    }

    // A disk on which the part of requests that are slow grows with the square of what copies take of it.
    [Theory]
    [InlineData(1), InlineData(2), InlineData(3)]
    public void SharedDisk_OneRequestOfFourHundredIsSlow_AndCopiesGoOn(int seed)
    {
        var random = new Random(seed);
        var (all, slow, sum) = (0, 0, 0.0);
        pace.Take();
        for (var i = 0; i < 40_000; i++)
        {
            var share = pace.Take();
            var took = random.NextDouble() < share * share / 4 ? Slow : Usual;
            pace.OnAnswered(isWrite: true, 4096, took);
            time.Advance(TimeSpan.FromMilliseconds(20));
            if (i < 2000) continue;
            (all, slow, sum) = (all + 1, slow + (took == Slow ? 1 : 0), sum + share);
        }

        Assert.InRange((double)slow / all, 0.00125, 0.005);
        Assert.InRange(sum / all, CopyPace.Least, 0.5);
    }

    private void Run(int seconds, Func<int, TimeSpan> took)
    {
        for (var i = 0; i < seconds * 50; i++)
        {
            pace.OnAnswered(isWrite: true, 4096, took(i));
            time.Advance(TimeSpan.FromMilliseconds(20));
            if (i % 10 == 0) pace.Take();
        }
    }
}
