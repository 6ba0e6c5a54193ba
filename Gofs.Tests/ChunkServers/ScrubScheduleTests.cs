using CsCheck;
using Gofs.Grains.ChunkServers;
using Xunit;

namespace Gofs.Tests.ChunkServers;

/// <summary>When scrub reads and how fast, on clocks that are numbers.</summary>
public sealed class ScrubScheduleTests
{
    private const long Most = 32 << 20;
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddYears(50);
    private static readonly TimeSpan Within = TimeSpan.FromDays(14);
    private readonly ScrubSchedule schedule = new(Within, Most);

    [Fact]
    public void FirstPass_IsDueAtOnce_AndTheNextHalfTheTimeAfterItBegan()
    {
        Assert.Equal(Now, schedule.NextAt(null, Now));
        var pass = ScrubPass.After(null, Now, isHurried: false) with { EndedAt = Now.AddDays(5) };
        Assert.Equal(Now.AddDays(7), schedule.NextAt(pass, Now.AddDays(6)));
        Assert.Equal((2, Now.AddDays(5)), (ScrubPass.After(pass, Now.AddDays(7), false).Number, ScrubPass.After(pass, Now.AddDays(7), false).EarlierEndedAt));
    }

    [Fact]
    public void WithoutATime_NoPassBeginsByItself_AndNoneIsOverdue()
    {
        var never = new ScrubSchedule(TimeSpan.Zero, Most);
        var asked = ScrubPass.After(null, Now, isHurried: true);
        Assert.Null(never.NextAt(null, Now));
        Assert.Null(never.NextAt(asked, Now.AddDays(1000)));
        Assert.False(never.IsOverdue(asked, Now.AddDays(1000)));
        Assert.Equal(Most, never.BytesPerSecond(asked, 1L << 40, Now));
    }

    [Fact]
    public void Pass_IsSpread_AndHurriesWhenItIsLateOrAskedFor()
    {
        var pass = ScrubPass.After(null, Now, isHurried: false);
        Assert.Equal(1 << 20, schedule.BytesPerSecond(pass, 1 << 30, Now));
        Assert.Equal(14_543_804, schedule.BytesPerSecond(pass, 8L << 40, Now)); // 8 TiB in seven days
        Assert.Equal(Most, schedule.BytesPerSecond(pass, 1L << 50, Now));
        Assert.Equal(Most, schedule.BytesPerSecond(pass, 1, Now.AddDays(8)));
        Assert.Equal(Most, schedule.BytesPerSecond(pass with { IsHurried = true }, 1, Now));
    }

    [Fact]
    public void Overdue_IsAPassThatBeganTooLongAgo()
    {
        var pass = ScrubPass.After(null, Now, isHurried: false);
        Assert.False(schedule.IsOverdue(null, Now));
        Assert.False(schedule.IsOverdue(pass, Now + Within));
        Assert.True(schedule.IsOverdue(pass, Now + Within + TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void WhatFitsTheRate_IsReadInTime_HoweverMuchThereIs() =>
        Gen.Select(Gen.Int[1, 60], Gen.Long[1, 1L << 20], Gen.Int[1, 1000]).Sample((days, mebibytes, steps) =>
    {
        var within = TimeSpan.FromDays(days);
        var bytes = Math.Min(mebibytes << 20, (long)(Most * (within / 2).TotalSeconds * 0.9));
        var plan = new ScrubSchedule(within, Most);
        var pass = ScrubPass.After(null, Now, isHurried: false);
        var (at, left) = (Now, bytes);
        while (left > 0)
        {
            var take = Math.Min(left, Math.Max(1 << 20, bytes / steps));
            at += TimeSpan.FromSeconds((double)take / plan.BytesPerSecond(pass, left, at));
            left -= take;
        }

        Assert.True(at <= Now + (within / 2) + TimeSpan.FromMinutes(1), $"{at - Now} for {bytes} bytes within {within}");
    });

    [Fact]
    public void Pace_NeverPassesTheRate_AndSavesNothingUp() => Gen.Select(Gen.Int[0, 1 << 20], Gen.Int[0, 50]).Array[1, 200].Sample(reads =>
    {
        const long rate = 1 << 20;
        var pace = new ScrubPace();
        var (now, read, from) = (TimeSpan.FromHours(1), 0L, TimeSpan.FromHours(1));
        foreach (var (bytes, idle) in reads)
        {
            now += TimeSpan.FromMilliseconds(idle);
            now += pace.Take(bytes, rate, now);
            // All but this read, and what 10 ms are worth, has been paid for.
            Assert.True(read <= (rate * (now - from + TimeSpan.FromMilliseconds(11)).TotalSeconds) + 1, $"{read} bytes in {now - from}");
            read += bytes;
        }
    });
}
