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
    public void FirstLookFails_TheReasonIsOneSentence()
    {
        var page = Open<OverviewPage>();
        Watch.Tell(ClusterNews.None with { Failure = "no silo can be reached" });
        Assert.Equal("The cluster can't be looked at: no silo can be reached.", page.Find("[role=alert]").TextContent.Trim());
        Assert.Empty(page.FindAll(".loading"));
    }

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
