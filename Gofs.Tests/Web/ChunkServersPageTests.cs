using Bunit;
using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Web.ChunkServers;
using Gofs.Web.Live;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Gofs.Tests.Web;

/// <summary>The chunk servers in each of their states.</summary>
public sealed class ChunkServersPageTests : PageTest
{
    private readonly FakeChunkServers servers = new();

    [Fact]
    public void BeforeTheFirstLook_ItIsLoading() => Assert.Single(Open<ChunkServersPage>("chunkservers").FindAll(".loading"));

    [Fact]
    public void FirstLookFails_TheReasonIsOneSentence() => FirstLookFails<ChunkServersPage>("chunkservers");

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
        Assert.Equal("not heard from", page.Find("td.state").TextContent.Trim());
    }

    [Fact]
    public void ServerThatOnlyTheListKnows_SaysSo_InPlaceOfDisks()
    {
        var page = Open<ChunkServersPage>("chunkservers");
        Watch.Tell(Views.Healthy with { Servers = [Views.Server("silo-1") with { Live = false, Disks = [] }] });
        Assert.Contains("Nothing is known of its disks", page.Find("[aria-label='Chunk server silo-1']").TextContent, StringComparison.Ordinal);
        Assert.Empty(page.FindAll("table"));
    }

    [Theory]
    [InlineData(ServerStanding.Suspect, "its replicas still count")]
    [InlineData(ServerStanding.Dead, "its replicas do not count")]
    public void SilentServer_SaysWhetherItsReplicasCount(ServerStanding standing, string says)
    {
        var page = Open<ChunkServersPage>("chunkservers");
        Watch.Tell(Views.Healthy with { Servers = [Views.Server("silo-1") with { Live = false, Standing = standing }] });
        Assert.Contains(says, page.Find(".badge.bad").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_IsThatOfTheLastSample()
    {
        ServerTraffic Traffic(int times) => new(Requests: 200 * times, ReceivedBytes: times * 30L << 20, SentBytes: times * 10L << 20);
        for (var i = 0; i < 2; i++)
        {
            var server = Views.Server("silo-1") with { Traffic = Traffic(i) };
            History.Add(Views.Healthy with { At = Views.At + (i * ClusterHistory.Every), Servers = [server] });
        }

        var page = Open<ChunkServersPage>("chunkservers");
        Watch.Tell(Views.Healthy);
        Assert.Contains("3.00 MiB/s written, 1.00 MiB/s read, 20 requests/s", page.Find(".labels").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Drain_SaysWhatComesOfIt_AndIsDoneWhenThatIsConfirmed()
    {
        var page = Open<ChunkServersPage>("chunkservers");
        Watch.Tell(Views.Healthy);
        Press(page, "Drain silo-2");
        Dialogs.WaitForAssertion(
            () => Assert.Contains("It holds 12 chunks. 5 chunks are copied elsewhere first", Dialogs.Markup, StringComparison.Ordinal), Patience);
        Assert.Empty(servers.Done);
        Press(Dialogs, "Drain");
        Said.WaitForAssertion(() => Assert.Contains("silo-2 is being drained.", Said.Markup, StringComparison.Ordinal), Patience);
        Assert.Equal(["drain silo-2"], servers.Done);
    }

    [Theory]
    [InlineData("30 min", "maintain silo-2 00:30:00", "silo-2 may be silent for 30 min.")]
    [InlineData("8 d", null, "a maintenance lasts 1 s to 7 d")]
    [InlineData("soon", null, "a maintenance lasts 1 s to 7 d")]
    public void Maintenance_LastsAsLongAsWasTyped_AWeekAtMost(string typed, string? done, string says)
    {
        var page = Open<ChunkServersPage>("chunkservers");
        Watch.Tell(Views.Healthy);
        Press(page, "Maintenance of silo-2");
        Dialogs.WaitForElement("input.text", Patience).Input(typed);
        Assert.Contains("2 chunks have no other replica", Dialogs.Markup, StringComparison.Ordinal);
        Press(Dialogs, "Begin");
        Said.WaitForAssertion(() => Assert.Contains(says, Said.Markup, StringComparison.OrdinalIgnoreCase), Patience);
        Assert.Equal(done is null ? [] : [done], servers.Done);
    }

    [Fact]
    public void DrainedServer_SaysHowFarItIs_AndMayRejoin()
    {
        var page = Open<ChunkServersPage>("chunkservers");
        Watch.Tell(Views.Healthy with
        {
            Servers = [Views.Server("silo-1"), Views.Server("silo-2") with { Mark = ServerMark.Drain }],
            Drains = new Dictionary<ServerId, ServerReplicas> { [new("silo-2")] = new() { Held = 12, Needed = 5, Moved = 15 } },
        });
        var card = page.Find("section[aria-label='Chunk server silo-2']");
        Assert.Contains("being drained", card.TextContent, StringComparison.Ordinal);
        Assert.Equal("75", card.QuerySelector("[role=progressbar]")!.GetAttribute("aria-valuenow"));
        Assert.DoesNotContain(page.FindAll("button"), button => button.GetAttribute("aria-label") is "Drain silo-2" or "Remove silo-2");
        Press(page, "Rejoin silo-2");
        Said.WaitForAssertion(() => Assert.Contains("silo-2 is a chunk server like the others.", Said.Markup, StringComparison.Ordinal), Patience);
        Assert.Equal(["rejoin silo-2"], servers.Done);
    }

    [Fact]
    public void Removal_WantsTheNameTyped_AndARefusalIsSaid()
    {
        servers.Refusal = new(GofsError.InvalidArgument, "5 chunks have fewer replicas than wanted without it", "silo-2");
        var page = Open<ChunkServersPage>("chunkservers");
        Watch.Tell(Views.Healthy with { Servers = [Views.Server("silo-1"), Views.Server("silo-2") with { Live = false, Standing = ServerStanding.Dead }] });
        Press(page, "Remove silo-2");
        Dialogs.WaitForElement("input.text", Patience).Input("silo-2");
        Press(Dialogs, "Remove");
        Said.WaitForAssertion(() => Assert.Contains("5 chunks have fewer replicas than wanted without it", Said.Markup, StringComparison.Ordinal), Patience);
        Assert.Equal(["remove silo-2"], servers.Done);
    }

    [Fact]
    public void WhatItHoldsIsNotKnown_NothingIsAsked_AndThatIsSaid()
    {
        servers.Unread = new(GofsError.Timeout, "a chunk table does not answer");
        var page = Open<ChunkServersPage>("chunkservers");
        Watch.Tell(Views.Healthy);
        Press(page, "Drain silo-2");
        Said.WaitForAssertion(() => Assert.Contains("A chunk table does not answer.", Said.Markup, StringComparison.Ordinal), Patience);
        Assert.Empty(Dialogs.FindAll(".mud-dialog"));
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

    /// <inheritdoc/>
    protected override void Add(IServiceCollection services) => services.AddSingleton<IChunkServers>(servers);

    private sealed class FakeChunkServers : IChunkServers
    {
        public List<string> Done { get; } = [];

        public GofsException? Refusal { get; set; }

        public GofsException? Unread { get; set; }

        public Task<ServerReplicas> ReplicasAsync(ServerId server, CancellationToken cancellation) =>
            Unread is null ? Task.FromResult(new ServerReplicas { Held = 12, Needed = 5, Only = 2 }) : throw Unread;

        public Task DrainAsync(ServerId server, CancellationToken cancellation) => DoAsync($"drain {server}");

        public Task MaintainAsync(ServerId server, TimeSpan length, CancellationToken cancellation) => DoAsync($"maintain {server} {length}");

        public Task RejoinAsync(ServerId server, CancellationToken cancellation) => DoAsync($"rejoin {server}");

        public Task RemoveAsync(ServerId server, CancellationToken cancellation) => DoAsync($"remove {server}");

        private Task DoAsync(string what)
        {
            Done.Add(what);
            return Refusal is null ? Task.CompletedTask : throw Refusal;
        }
    }
}
