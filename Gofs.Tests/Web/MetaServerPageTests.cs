using Bunit;
using Gofs.Namespaces;
using Gofs.Web.Live;
using Gofs.Web.MetaServer;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Gofs.Tests.Web;

/// <summary>Masters and standbys in each of their states.</summary>
public sealed class MetaServerPageTests : PageTest
{
    private readonly FakeMetaServer metaServer = new();

    [Fact]
    public void BeforeTheFirstLook_ItIsLoading() => Assert.Single(Open<MetaServerPage>("metaserver").FindAll(".loading"));

    [Fact]
    public void FirstLookFails_TheReasonIsOneSentence() => FirstLookFails<MetaServerPage>("metaserver");

    [Fact]
    public void MasterAndStandby_AreShown()
    {
        var page = Open<MetaServerPage>("metaserver");
        Watch.Tell(Views.Healthy);
        var text = page.Find("article").TextContent;
        Assert.Contains("98,765", text, StringComparison.Ordinal);
        Assert.Contains("90,000, 1 h ago", text, StringComparison.Ordinal);
        Assert.Contains("warm", page.Find(".standbys").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Lag_IsDrawn()
    {
        for (var i = 0; i < 2; i++)
        {
            History.Add(Views.Healthy with
            {
                At = Views.At + (i * ClusterHistory.Every),
                Namespaces = [Views.Space("projects", one => one with { Standbys = [new("silo-2", 98_000, TimeSpan.FromMilliseconds(35))] })],
            });
        }

        var page = Open<MetaServerPage>("metaserver");
        Watch.Tell(Views.Healthy);
        Assert.Contains("projects 35 ms", page.Find("svg[role=img]").GetAttribute("aria-label"), StringComparison.Ordinal);
    }

    [Fact]
    public void StandbyWithoutState_CannotTakeOver()
    {
        var page = Open<MetaServerPage>("metaserver");
        Watch.Tell(Views.Healthy with { Namespaces = [Views.Space("projects", one => one with { Standbys = [new("silo-2", -1, TimeSpan.Zero)] })] });
        Assert.Contains("has no state yet", page.Find(".standbys").TextContent, StringComparison.Ordinal);
        Assert.True(page.FindAll("button").Single(button => button.TextContent.Trim() == "Fail over").HasAttribute("disabled"));
    }

    [Fact]
    public void MasterThatDoesNotAnswer_IsSaid_AndTheOthersAreShown()
    {
        var page = Open<MetaServerPage>("metaserver");
        Watch.Tell(Views.Healthy with { Namespaces = [Views.Mute("media"), Views.Space("projects")] });
        Assert.Equal("Its master does not answer: it has been silent for 2 s.", page.Find("[role=alert]").TextContent.Trim());
        Assert.Equal(2, page.FindAll("article").Count);
    }

    [Fact]
    public void Failover_WantsTheNameTyped_AndSaysWhereTheMasterIs()
    {
        var page = Open<MetaServerPage>("metaserver");
        Watch.Tell(Views.Healthy);
        Press(page, "Fail over");
        Dialogs.WaitForElement("input.text", Patience).Input("projects");
        Press(Dialogs, "Fail over");
        Said.WaitForAssertion(() => Assert.Contains("moved from silo-1 to silo-2 in 40 ms", Said.Markup, StringComparison.Ordinal), Patience);
        Assert.Equal(["failover projects"], metaServer.Done);
    }

    [Fact]
    public void RefusedSnapshot_IsSaid()
    {
        metaServer.Refusal = new(GofsError.Busy, "one is being written", "projects");
        var page = Open<MetaServerPage>("metaserver");
        Watch.Tell(Views.Healthy);
        Press(page, "Write a Snapshot");
        Said.WaitForAssertion(() => Assert.Contains("projects: one is being written.", Said.Markup, StringComparison.Ordinal), Patience);
    }

    [Fact]
    public void NoNamespace_LeadsToMakingOne()
    {
        var page = Open<MetaServerPage>("metaserver");
        Watch.Tell(Views.Healthy with { Namespaces = [] });
        Assert.Single(page.FindAll(".empty a"));
    }

    [Fact]
    public void OldLook_IsShownWithItsAge()
    {
        var page = Open<MetaServerPage>("metaserver");
        Watch.Tell(new ClusterNews(Views.At + TimeSpan.FromMinutes(2), Views.Healthy, null, [], []));
        Assert.Equal("This is 2 min old.", page.Find(".notice").TextContent.Trim());
    }

    /// <inheritdoc/>
    protected override void Add(IServiceCollection services) => services.AddSingleton<IMetaServer>(metaServer);

    private sealed class FakeMetaServer : IMetaServer
    {
        public List<string> Done { get; } = [];

        public GofsException? Refusal { get; set; }

        public Task<MasterMove> FailoverAsync(string space, CancellationToken cancellation)
        {
            Done.Add($"failover {space}");
            return Refusal is null ? Task.FromResult(new MasterMove(space, "silo-1", "silo-2", 4, TimeSpan.FromMilliseconds(40))) : throw Refusal;
        }

        public Task<long> SnapshotAsync(string space, CancellationToken cancellation)
        {
            Done.Add($"snapshot {space}");
            return Refusal is null ? Task.FromResult(98_765L) : throw Refusal;
        }
    }
}
