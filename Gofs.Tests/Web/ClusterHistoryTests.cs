using Gofs.ChunkServers;
using Gofs.Namespaces;
using Gofs.Web.Live;
using Xunit;

namespace Gofs.Tests.Web;

/// <summary>The last hour: rates from totals, gaps as gaps, and no more kept than is bounded.</summary>
public sealed class ClusterHistoryTests
{
    private readonly ClusterHistory history = new();
    private DateTimeOffset at = Views.At;

    [Fact]
    public void Totals_BecomeRates()
    {
        Sample(("silo-1", 0), ("silo-2", 0));
        Sample(("silo-1", 10 << 20), ("silo-2", 0));
        var chart = history.Chart(HistoryKind.Received);
        Assert.Equal(["silo-1", "silo-2"], chart.Lines.Select(line => line.Name));
        Assert.Equal(1 << 20, chart.Lines[0].Now);
        Assert.Equal(1 << 20, chart.Top);
        Assert.Equal("30,0 30,0", Assert.Single(chart.Lines[0].Strokes));
        Assert.Equal("30,100 30,100", Assert.Single(chart.Lines[1].Strokes));
    }

    [Fact]
    public void TotalThatFalls_BeganAnew_AndIsNotNegative()
    {
        Sample(("silo-1", 1000));
        Sample(("silo-1", 20));
        Assert.Equal(2, history.Chart(HistoryKind.Received).Lines[0].Now);
    }

    [Theory]
    [InlineData(2, 30)]
    [InlineData(30, 30)]
    [InlineData(31, 60)]
    [InlineData(61, 180)]
    [InlineData(181, ClusterHistory.Samples)]
    [InlineData(400, ClusterHistory.Samples)]
    public void Chart_IsAsLongAsWhatWasSeen_AnHourAtMost(int samples, int width)
    {
        for (var i = 0; i < samples; i++) Sample(("silo-1", i * (10L << 20)));
        var chart = history.Chart(HistoryKind.Received);
        Assert.Equal((width, width * ClusterHistory.Every), (chart.Samples, chart.Length));
        Assert.EndsWith($" {width},0", Assert.Single(chart.Lines[0].Strokes), StringComparison.Ordinal);
    }

    [Fact]
    public void NothingSent_HasAScaleInKiB()
    {
        Sample(("silo-1", 0));
        Sample(("silo-1", 0));
        Assert.Equal(1024, history.Chart(HistoryKind.Received).Top);
    }

    [Fact]
    public void SilentTime_IsAGap()
    {
        Sample(("silo-1", 0));
        Sample(("silo-1", 100));
        at += TimeSpan.FromMinutes(5);
        Sample(("silo-1", 200));
        Sample(("silo-1", 300));
        Assert.Equal(2, history.Chart(HistoryKind.Received).Lines[0].Strokes.Count);
    }

    [Fact]
    public void WhatIsNotSeenForAnHour_IsForgotten()
    {
        Sample(("silo-1", 0), ("silo-2", 0));
        at += TimeSpan.FromMinutes(61);
        Sample(("silo-2", 0));
        Assert.Equal(["silo-2"], history.Chart(HistoryKind.Received).Lines.Select(line => line.Name));
    }

    [Fact]
    public void OfManyServers_TheBusiestAreDrawn_AndNoMoreThanTheBoundKept()
    {
        (string, long)[] Totals(long each) => [.. Enumerable.Range(0, ClusterHistory.MostSeries + 50).Select(i => ($"silo-{i}", each * i))];
        Sample(Totals(0));
        Sample(Totals(1000));
        var chart = history.Chart(HistoryKind.Received);
        Assert.Equal($"silo-{ClusterHistory.MostSeries - 1}", chart.Lines[0].Name);
        Assert.Equal(ClusterHistory.MostSeries, chart.Lines.Count + chart.Others);
    }

    [Fact]
    public void Lag_IsThatOfTheStandbyFurthestBehind_AsItIs()
    {
        Lag(new("silo-2", 7, TimeSpan.FromMilliseconds(5)), new("silo-3", 3, TimeSpan.FromMilliseconds(40)), new("silo-4", -1, TimeSpan.FromHours(1)));
        Assert.Equal(40, history.Now(HistoryKind.Lag, "projects"));
        Lag(new StandbyStatus("silo-2", 9, TimeSpan.Zero));
        Assert.Equal(0, history.Now(HistoryKind.Lag, "projects"));
        var chart = history.Chart(HistoryKind.Lag);
        Assert.Equal((50, "29,20 30,100"), (chart.Top, Assert.Single(Assert.Single(chart.Lines).Strokes)));
    }

    [Fact]
    public void NamespaceWithoutAStandby_HasNoLag()
    {
        Lag();
        Assert.Empty(history.Chart(HistoryKind.Lag).Lines);
        Assert.Null(history.Now(HistoryKind.Lag, "projects"));
    }

    [Fact]
    public void BeforeAnySample_ThereIsNoLine() => Assert.Empty(history.Chart(HistoryKind.Operations).Lines);

    private void Lag(params StandbyStatus[] standbys)
    {
        history.Add(Views.Healthy with { At = at, Namespaces = [Views.Space("projects", one => one with { Standbys = standbys })] });
        at += ClusterHistory.Every;
    }

    private void Sample(params (string Server, long Received)[] totals)
    {
        history.Add(Views.Healthy with
        {
            At = at, Servers = [.. totals.Select(one => Views.Server(one.Server) with { Traffic = new ServerTraffic(0, one.Received, 0) })],
        });
        at += ClusterHistory.Every;
    }
}
