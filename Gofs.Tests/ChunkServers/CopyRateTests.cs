using CsCheck;
using Gofs.Grains.ChunkServers;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gofs.Tests.ChunkServers;

/// <summary>Copies together are never faster than they may be, and as fast as that when they want.</summary>
public sealed class CopyRateTests
{
    private const int Rate = 8 << 20;

    [Fact]
    public void WhoAlwaysWaits_GetsTheRate_AndAnEighthOfASecondAtMostAtOnce() =>
        Gen.Select(Gen.Int[1, 1 << 20], Gen.Int[0, 400]).List[1, 200].Sample(asked =>
        {
            var time = new FakeTimeProvider();
            var rate = new CopyRate(Rate, time);
            var start = time.GetTimestamp();
            long sum = 0;
            var idle = TimeSpan.Zero;
            foreach (var (bytes, pauseMilliseconds) in asked)
            {
                var wait = rate.Take(bytes);
                time.Advance(wait);
                // The one just asked for is on its way: all before it has come.
                Assert.True(sum <= (time.GetElapsedTime(start).TotalSeconds + 0.126) * Rate, "faster than it may be");
                Assert.True(wait <= TimeSpan.FromSeconds((1 << 20) / (double)Rate), "it waited longer than for the one before");
                sum += bytes;
                time.Advance(TimeSpan.FromMilliseconds(pauseMilliseconds));
                idle += TimeSpan.FromMilliseconds(pauseMilliseconds);
            }

            Assert.True((time.GetElapsedTime(start) - idle).TotalSeconds <= (sum / (double)Rate) + 0.001, "slower than it may be");
        });

    [Fact]
    public void RateThatIsSetToSomethingElse_HoldsFromTheNextOn()
    {
        var now = 1L << 20;
        var rate = new CopyRate(() => now, new FakeTimeProvider());
        rate.Take(1 << 20);
        now = 4L << 20;
        Assert.Equal([0.875, 1.125], ((int[])[1 << 20, 1 << 20]).Select(bytes => Math.Round(rate.Take(bytes).TotalSeconds, 3)));
    }

    [Fact]
    public void WhileClientsAreQuiet_ItIsEightTimesAsFast()
    {
        var (time, rate) = (new FakeTimeProvider(), new CopyRate(Rate, new FakeTimeProvider()));
        var clients = new ClientUse(time);
        var busy = clients.TakeShare();
        time.Advance(ClientUse.QuietTime);
        var quiet = clients.TakeShare();
        Assert.Equal((CopyPace.First, 8), (busy, quiet));
        Assert.InRange(clients.TakeShare(hasOthers: true), CopyPace.First, 1);
        rate.Take(1 << 20);
        double[] waits = [0, 0.015625, 0.03125, 0.03125 + (0.125 / CopyPace.First)];
        Assert.Equal(waits, ((double[])[quiet, quiet, busy, busy]).Select(share => rate.Take(1 << 20, share).TotalSeconds));
    }

    [Fact]
    public void WhatIsUrgent_WaitsForNothingElse_AndTheOthersThatMuchLonger()
    {
        var rate = new CopyRate(Rate, new FakeTimeProvider());
        for (var i = 0; i < 9; i++) rate.Take(1 << 20);
        Assert.Equal([0.0, 0.0, 0.125], Enumerable.Range(0, 3).Select(_ => rate.Take(1 << 20, isUrgent: true).TotalSeconds));
        Assert.Equal(8 * 0.125 + 3 * 0.125, rate.Take(1 << 20).TotalSeconds);
    }

    [Fact]
    public void ClientsAreQuiet_SomeTimeAfterTheirLastRequest()
    {
        var time = new FakeTimeProvider();
        var use = new ClientUse(time);
        time.Advance(ClientUse.QuietTime);
        Assert.True(use.IsQuiet);
        use.Note();
        time.Advance(ClientUse.QuietTime / 2);
        Assert.False(use.IsQuiet);
        time.Advance(ClientUse.QuietTime / 2);
        Assert.True(use.IsQuiet);
    }

    [Fact]
    public void ManyAtOnce_WaitInTheirOrder()
    {
        var rate = new CopyRate(Rate, new FakeTimeProvider());
        var waits = Enumerable.Range(0, 20).Select(_ => rate.Take(1 << 20)).ToList();
        Assert.Equal([0.0, 0.0, 0.125, 0.25], waits.Take(4).Select(wait => Math.Round(wait.TotalSeconds, 3)));
        Assert.Equal(waits.Order(), waits);
    }
}
