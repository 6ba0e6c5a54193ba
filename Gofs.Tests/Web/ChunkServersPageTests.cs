using Bunit;
using Gofs.Web.ChunkServers;
using Gofs.Web.Live;
using Xunit;

namespace Gofs.Tests.Web;

/// <summary>The chunk servers in each of their states.</summary>
public sealed class ChunkServersPageTests : PageTest
{
    [Fact]
    public void BeforeTheFirstLook_ItIsLoading() => Assert.Single(Open<ChunkServersPage>("chunkservers").FindAll(".loading"));

    [Fact]
    public void LookThatFails_IsOneSentence()
    {
        var page = Open<ChunkServersPage>("chunkservers");
        Watch.Tell(ClusterNews.None with { Failure = "no silo can be reached" });
        Assert.Equal("The cluster can't be looked at: no silo can be reached.", page.Find("[role=alert]").TextContent.Trim());
    }

    [Fact]
    public void None_SaysSo()
    {
        var page = Open<ChunkServersPage>("chunkservers");
        Watch.Tell(Views.Empty);
        Assert.Single(page.FindAll(".empty"));
    }

    [Fact]
    public void LiveServer_ShowsItsDisksAndHowOldItsHeartbeatIs()
    {
        var page = Open<ChunkServersPage>("chunkservers");
        Watch.Tell(new ClusterNews(Views.At + TimeSpan.FromSeconds(1), Views.Healthy, null, [], []));
        Assert.Contains("live, heartbeat 1 s ago", page.Find("section[aria-label='Chunk server silo-1']").TextContent, StringComparison.Ordinal);
        Assert.Contains("512 GiB free of 1.00 TiB", page.Markup, StringComparison.Ordinal);
        Assert.Equal("50", page.Find("[role=meter]").GetAttribute("aria-valuenow"));
    }

    [Fact]
    public void SilentServer_IsSaid()
    {
        var page = Open<ChunkServersPage>("chunkservers");
        Watch.Tell(Views.Healthy with { Servers = [Views.Server("silo-1") with { Live = false, LastHeartbeatAt = Views.At - TimeSpan.FromMinutes(4) }] });
        Assert.Contains("silent for 4 min", page.Find(".badge.bad").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void DiskOutOfService_SaysWhy()
    {
        var page = Open<ChunkServersPage>("chunkservers");
        Watch.Tell(Views.Healthy with { Servers = [Views.Server("silo-1", Views.Disk() with { Fault = "EIO" })] });
        Assert.Contains("out of service: EIO", page.Find("td.state").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void OldLook_IsShownWithItsAge()
    {
        var page = Open<ChunkServersPage>("chunkservers");
        Watch.Tell(new ClusterNews(Views.At + TimeSpan.FromSeconds(6), Views.Healthy, null, [], []));
        Assert.Equal("This is 6 s old.", page.Find(".notice").TextContent.Trim());
    }
}
