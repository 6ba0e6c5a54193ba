using Bunit;
using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Files;
using Gofs.Namespaces;
using Gofs.Web.Leases;
using Gofs.Web.Live;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Gofs.Tests.Web;

/// <summary>Files that are open for writing: shown with their holders, taken away, refused.</summary>
public sealed class LeasesPageTests : PageTest
{
    private readonly FakeLeases leases = new();

    [Fact]
    public void BeforeTheFirstLook_ItIsLoading() => Assert.Single(Open<LeasesPage>("leases").FindAll(".loading"));

    [Fact]
    public void FirstLookFails_TheReasonIsOneSentence() => FirstLookFails<LeasesPage>("leases");

    [Fact]
    public void NoNamespace_LeadsToMakingOne()
    {
        var page = Open<LeasesPage>("leases");
        Watch.Tell(Views.Empty);
        Assert.Single(page.FindAll(".empty a"));
    }

    [Fact]
    public void NoOpenFile_SaysSo()
    {
        leases.Open = [];
        var page = Open<LeasesPage>("leases");
        Watch.Tell(Views.Healthy);
        Assert.Contains("No file is open for writing.", page.Find(".empty").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void OpenFile_IsShownWithHolder_TimeLeftAndChunks()
    {
        var page = Open<LeasesPage>("leases");
        Watch.Tell(Views.Healthy);
        var row = page.Find("tr[data-open='/logs/a.log']").TextContent;
        Assert.Contains("ada@desk", row, StringComparison.Ordinal);
        Assert.Contains("42 s", row, StringComparison.Ordinal);
        Assert.Contains("open for 5 min", row, StringComparison.Ordinal);
        Assert.Contains("version 3, primary silo-2", row, StringComparison.Ordinal);
    }

    [Fact]
    public void Appenders_AreCounted()
    {
        leases.Open = [new(File("/log"), new([Lease()], 3, IsAppend: true, []))];
        var page = Open<LeasesPage>("leases");
        Watch.Tell(Views.Healthy);
        Assert.Contains("ada@desk and 2 more append records", page.Find(".holder").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void GrainThatDoesNotAnswer_IsSaid()
    {
        leases.Open = [new(File("/log"), null)];
        var page = Open<LeasesPage>("leases");
        Watch.Tell(Views.Healthy);
        Assert.Equal("its grain does not answer", page.Find(".holder").TextContent);
    }

    [Fact]
    public void Break_WantsTheNameTyped()
    {
        var page = Open<LeasesPage>("leases");
        Watch.Tell(Views.Healthy);
        Press(page, "Break the lease of /logs/a.log");
        Dialogs.WaitForElement("input.text", Patience).Input("a.log");
        Assert.Empty(leases.Broken);
        Press(Dialogs, "Break the lease");
        Said.WaitForAssertion(() => Assert.Contains("The lease of /logs/a.log is broken.", Said.Markup, StringComparison.Ordinal), Patience);
        Assert.Equal(["projects /logs/a.log"], leases.Broken);
    }

    [Fact]
    public void RefusedBreak_IsSaid()
    {
        leases.Refusal = new(GofsError.NotPermitted, "only an operator may do that");
        var page = Open<LeasesPage>("leases");
        Watch.Tell(Views.Healthy);
        Press(page, "Break the lease of /logs/a.log");
        Dialogs.WaitForElement("input.text", Patience).Input("a.log");
        Press(Dialogs, "Break the lease");
        Said.WaitForAssertion(() => Assert.Contains("Only an operator may do that.", Said.Markup, StringComparison.Ordinal), Patience);
    }

    [Fact]
    public void NamespaceThatDoesNotAnswer_IsSaid()
    {
        leases.Unread = new(GofsError.Timeout, "the master does not answer", "projects");
        var page = Open<LeasesPage>("leases");
        Watch.Tell(Views.Healthy);
        Assert.Contains("the master does not answer", page.Find("[role=alert]").TextContent, StringComparison.Ordinal);
        Assert.Empty(page.FindAll(".loading"));
    }

    [Fact]
    public void OldLook_IsShownWithItsAge()
    {
        var page = Open<LeasesPage>("leases");
        Watch.Tell(new ClusterNews(Views.At + TimeSpan.FromMinutes(2), Views.Healthy, null, [], []));
        Assert.Equal("This is 2 min old.", page.Find(".notice").TextContent.Trim());
    }

    /// <inheritdoc/>
    protected override void Add(IServiceCollection services) => services.AddSingleton<ILeases>(leases);

    private static OpenFile File(string path) => new(new(7), GofsPath.Parse(path), Views.At - TimeSpan.FromMinutes(5), IsNamed: true);

    private static FileLease Lease() => new(LeaseId.New(), new("ada", "desk"), TimeSpan.FromSeconds(42));

    private sealed class FakeLeases : ILeases
    {
        public List<LeasedFile> Open { get; set; } =
        [
            new(File("/logs/a.log"), new([Lease()], 1, IsAppend: false, [new(0, new ChunkHandle(77), new ChunkVersion(3), [new ServerId("silo-2")])])),
        ];

        public List<string> Broken { get; } = [];

        public GofsException? Unread { get; set; }

        public GofsException? Refusal { get; set; }

        public Task<LeasedFiles> ListAsync(string space, string search, int most, CancellationToken cancellation) =>
            Unread is null ? Task.FromResult(new LeasedFiles(Open, Open.Count)) : throw Unread;

        public Task BreakAsync(string space, OpenFile file, CancellationToken cancellation)
        {
            if (Refusal is not null) throw Refusal;
            Broken.Add($"{space} {file.Path}");
            return Task.CompletedTask;
        }
    }
}
