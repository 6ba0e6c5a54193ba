using Bunit;
using Gofs.Web.Live;
using Gofs.Web.Overview;
using Xunit;

namespace Gofs.Tests.Web;

/// <summary>The overview in each of its states.</summary>
public sealed class OverviewPageTests : PageTest
{
    [Fact]
    public void BeforeTheFirstLook_ItIsLoading()
    {
        var page = Open<OverviewPage>();
        Assert.Single(page.FindAll(".loading"));
        Assert.Empty(page.FindAll(".tile"));
    }

    [Fact]
    public void FirstLookFails_TheReasonIsOneSentence() => FirstLookFails<OverviewPage>("");

    [Fact]
    public void HealthyCluster_IsHealthyInOneSentence()
    {
        var page = Open<OverviewPage>();
        Watch.Tell(Views.Healthy);
        Assert.Equal("Everything is healthy.", page.Find(".health h2").TextContent);
        Assert.Equal("good", page.Find(".health").GetAttribute("data-health"));
        Assert.Contains("2 of 2 live", page.Markup, StringComparison.Ordinal);
        Assert.Empty(page.FindAll(".notice"));
    }

    [Fact]
    public void SilentChunkServer_IsSaid_WithSinceWhen()
    {
        var page = Open<OverviewPage>();
        var silent = Views.Server("silo-2") with { Live = false, LastHeartbeatAt = Views.At - TimeSpan.FromSeconds(42) };
        Watch.Tell(Views.Healthy with { Servers = [Views.Server("silo-1"), silent] });
        Assert.Equal("bad", page.Find(".health").GetAttribute("data-health"));
        Assert.Contains("Chunk server silo-2 has been silent for 42 s", page.Find(".health").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void NoNamespace_LeadsToMakingOne()
    {
        var page = Open<OverviewPage>();
        Watch.Tell(Views.Healthy with { Namespaces = [] });
        Assert.Equal("namespaces?new=1", page.Find(".empty a").GetAttribute("href"));
    }

    [Fact]
    public void OldLook_IsShownWithItsAge()
    {
        var page = Open<OverviewPage>();
        Watch.Tell(new ClusterNews(Views.At + TimeSpan.FromSeconds(17), Views.Healthy, "no silo can be reached", [], []));
        Assert.Equal("This is 17 s old: no silo can be reached.", page.Find(".notice").TextContent.Trim());
        Assert.NotEmpty(page.FindAll(".tile"));
    }

    [Fact]
    public void WhatChanged_IsListed()
    {
        var page = Open<OverviewPage>();
        Watch.Tell(new ClusterNews(Views.At, Views.Healthy, null, [new(Views.At, true, "Chunk server silo-2 is silent.")], [1, 2]));
        Assert.Contains("12:00:00", page.Find(".events").TextContent, StringComparison.Ordinal);
        Assert.Contains("Chunk server silo-2 is silent.", page.Find(".events").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void ChunksByGoal_AreAMatrix_ThatShowsWhatLacks()
    {
        var page = Open<OverviewPage>();
        Watch.Tell(Views.Healthy with { Healing = new() { Chunks = 60, ByGoal = [new(2, 2, 7), new(3, 1, 2), new(3, 2, 11), new(3, 3, 40)] } });
        Assert.Equal(["7"], page.FindAll(".matrix tbody tr")[0].QuerySelectorAll("td.good").Select(cell => cell.TextContent));
        var row = page.FindAll(".matrix tbody tr")[1];
        Assert.Equal(["2", "11", "40"], new[] { "bad", "warn", "good" }.Select(kind => row.QuerySelector($"td.{kind}")!.TextContent));
    }

    [Fact]
    public void ChunksThatAreNotKnownYet_AreLoading()
    {
        var page = Open<OverviewPage>();
        Watch.Tell(Views.Healthy);
        Assert.Single(page.FindAll(".loading"));
    }

    [Fact]
    public void NothingUnderWay_IsSaid_AndADutyHasItsProgress()
    {
        var page = Open<OverviewPage>();
        Watch.Tell(Views.Healthy with { Healing = new() });
        Assert.Contains("Nothing: no re-replication", page.Find("[data-duties]").TextContent, StringComparison.Ordinal);
        var view = Views.Healthy with { Healing = new() { UnderGoal = 3 } };
        Watch.Tell(new ClusterNews(Views.At, view, null, [], []) { Healing = new(Views.At - TimeSpan.FromMinutes(1), 0, 1, 3) });
        var duties = page.Find("[data-duties]");
        Assert.Equal("25", duties.QuerySelector("[role=progressbar]")!.GetAttribute("aria-valuenow"));
        Assert.Contains("about 3 min left", duties.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Charts_HaveALineForEachServer_AndTheAddressSaysWhichIsShown()
    {
        foreach (var (second, total) in new[] { (0, 0L), (10, 5L << 20) })
        {
            History.Add(Views.Healthy with
            {
                At = Views.At + TimeSpan.FromSeconds(second),
                Servers = [Views.Server("silo-1") with { Traffic = new(0, total, 0) }, Views.Server("silo-2") with { Traffic = new(0, 0, 2 * total) }],
            });
        }

        var page = Open<OverviewPage>();
        Watch.Tell(Views.Healthy);
        Assert.Contains("silo-1 512 KiB/s", page.Find(".chart svg").GetAttribute("aria-label"), StringComparison.Ordinal);
        Assert.Contains("servers=sent", page.FindAll(".choice a").Select(link => link.GetAttribute("href")!).ElementAt(1), StringComparison.Ordinal);
        var read = Open<OverviewPage>("?servers=sent");
        Watch.Tell(Views.Healthy);
        Assert.Contains("silo-2 1.00 MiB/s", read.Find(".chart svg").GetAttribute("aria-label"), StringComparison.Ordinal);
    }

    [Fact]
    public void LookThatShowsTheSame_IsNotDrawnAgain_UntilItIsOld()
    {
        var page = Open<OverviewPage>();
        var news = new ClusterNews(Views.At, Views.Healthy with { Healing = new() }, null, [], []);
        Watch.Tell(news);
        Watch.Tell(news with { Now = Views.At + TimeSpan.FromSeconds(1) });
        var drawn = page.RenderCount;
        Watch.Tell(news with { Now = Views.At + TimeSpan.FromSeconds(2) });
        Assert.Equal(drawn, page.RenderCount);
        Watch.Tell(news with { Now = Views.At + TimeSpan.FromSeconds(9) });
        Assert.Equal("This is 9 s old.", page.Find(".notice").TextContent.Trim());
    }

    [Fact]
    public async Task PageWhoseBrowserIsAway_WatchesNothing_UntilItIsBack()
    {
        Open<OverviewPage>();
        await Visibility.OnConnectionDownAsync(null!, CancellationToken.None);
        Assert.Equal(0, Watch.Watchers);
        Visibility.Set(false);
        await Visibility.OnConnectionUpAsync(null!, CancellationToken.None);
        Assert.Equal(0, Watch.Watchers);
        Visibility.Set(true);
        Assert.Equal(1, Watch.Watchers);
    }

    [Fact]
    public void HiddenPage_WatchesNothing()
    {
        var page = Open<OverviewPage>();
        Assert.Equal(1, Watch.Watchers);
        Visibility.Set(false);
        Assert.Equal(0, Watch.Watchers);
        Visibility.Set(true);
        Assert.Equal(1, Watch.Watchers);
        page.Instance.Dispose();
        Assert.Equal(0, Watch.Watchers);
    }
}
