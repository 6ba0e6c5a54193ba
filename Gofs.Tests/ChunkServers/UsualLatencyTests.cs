using Gofs.Grains.ChunkServers;
using Xunit;

namespace Gofs.Tests.ChunkServers;

/// <summary>What requests usually take, within a step of the histogram.</summary>
public sealed class UsualLatencyTests
{
    private readonly UsualLatency usual = new();

    [Fact]
    public void NothingSeen_IsZero() => Assert.Equal(TimeSpan.Zero, usual.Percentile(99));

    [Theory]
    [InlineData(50), InlineData(99), InlineData(100)]
    public void Percentile_IsNotBelowTheRealOne_AndAStepAboveAtMost(double percent)
    {
        var random = new Random(7);
        var took = new TimeSpan[1000];
        for (var i = 0; i < took.Length; i++) took[i] = TimeSpan.FromMicroseconds(20 * Math.Exp(8 * random.NextDouble()));
        foreach (var one in took) usual.Add(one);
        Array.Sort(took);
        var real = took[(int)(took.Length * percent / 100) - 1];
        Assert.InRange(usual.Percentile(percent), real - TimeSpan.FromMicroseconds(1), real * Math.Pow(2, 0.25) + TimeSpan.FromMicroseconds(1));
    }

    [Fact]
    public void Ends_AreTheFirstAndLastStep()
    {
        usual.Add(TimeSpan.FromMicroseconds(1));
        Assert.Equal(TimeSpan.FromMicroseconds(16), usual.Percentile(50));
        usual.Add(TimeSpan.FromDays(1));
        Assert.InRange(usual.Percentile(100), TimeSpan.FromSeconds(30), TimeSpan.FromDays(1));
    }

    [Fact]
    public void WhatIsOld_CountsEverLess()
    {
        for (var i = 0; i < 4000; i++) usual.Add(TimeSpan.FromSeconds(1));
        for (var i = 0; i < 20_000; i++) usual.Add(TimeSpan.FromMilliseconds(1));
        Assert.InRange(usual.Percentile(95), TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(2));
        Assert.InRange(usual.Samples, 1, 4096);
    }
}
