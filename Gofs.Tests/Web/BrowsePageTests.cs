using Bunit;
using Gofs.ChunkServers;
using Gofs.Files;
using Gofs.Namespaces;
using Gofs.Web.Browse;
using Gofs.Web.Live;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Gofs.Tests.Web;

/// <summary>Browsing: what a directory and a file show, and what is done to them.</summary>
public sealed class BrowsePageTests : PageTest
{
    private readonly FakeTree tree = new FakeTree().Add("/docs", EntryType.Directory).Add("/docs/read.me", length: 13).Add("/music", EntryType.Directory);

    [Fact]
    public void WithoutANamespace_AllAreListed()
    {
        var page = Open<BrowsePage>("browse");
        Assert.Single(page.FindAll(".loading"));
        Watch.Tell(Views.Healthy);
        Assert.Equal("browse/projects", page.Find("tbody a").GetAttribute("href"));
    }

    [Fact]
    public void WithoutAnyNamespace_ThereIsAWayToMakeOne()
    {
        var page = Open<BrowsePage>("browse");
        Watch.Tell(Views.Empty);
        Assert.Equal("namespaces?new=1", page.Find(".empty a").GetAttribute("href"));
    }

    [Fact]
    public void FirstLookFails_TheReasonIsOneSentence() => FirstLookFails<BrowsePage>("browse");

    [Fact]
    public void OldLook_IsShownWithItsAge_AndTheDirectoryStays()
    {
        var page = OpenAt("/");
        page.WaitForElement("a.row", Patience);
        Watch.Tell(new ClusterNews(Views.At + TimeSpan.FromSeconds(9), Views.Healthy, null, [], []));
        Assert.Equal("This is 9 s old.", page.Find(".notice").TextContent.Trim());
        Assert.Equal(2, page.FindAll("a.row").Count);
    }

    [Fact]
    public void SlowAnswer_IsLoading()
    {
        tree.Gate = new();
        var page = OpenAt("/");
        Assert.Single(page.FindAll(".loading"));
        tree.Gate.SetResult();
        page.WaitForAssertion(() => Assert.Empty(page.FindAll(".loading")), Patience);
    }

    [Fact]
    public void Directory_ListsItsEntries_WithAddressesOfTheirOwn()
    {
        var page = OpenAt("/");
        page.WaitForAssertion(() => Assert.Equal(
            ["browse/projects?path=/docs", "browse/projects?path=/music"], page.FindAll("a.row").Select(row => row.GetAttribute("href"))), Patience);
        Assert.Contains("2 entries", page.Find(".page-head").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void EmptyDirectory_SaysWhatToDo() => OpenAt("/music").WaitForElement(".empty", Patience);

    [Fact]
    public void File_ShowsItsAttributesPreviewAndChunks_BesideItsDirectory()
    {
        var page = OpenAt("/docs/read.me");
        var details = page.WaitForElement("aside.details .chunks", Patience).ParentElement!.TextContent;
        Assert.Contains("13 bytes", details, StringComparison.Ordinal);
        Assert.Contains("rw-r--r-- (0644)", details, StringComparison.Ordinal);
        Assert.Contains("the beginning", details, StringComparison.Ordinal);
        Assert.Contains("silo-9", details, StringComparison.Ordinal);
        Assert.Equal("docs", page.Find("h1").TextContent);
        Assert.Equal("files/projects?path=%2Fdocs%2Fread.me", page.Find("aside a[download]").GetAttribute("href"));
    }

    [Fact]
    public void FileThatIsWritten_SaysByWhom_WhichServerIsPrimary_AndWhatLacksReplicas()
    {
        var server = new ServerId("silo-9");
        tree.Add("/docs/open.log", length: 13, isOpen: true);
        tree.Leases = new([new(LeaseId.New(), new("ada", "desk"), TimeSpan.FromSeconds(42))], 1, IsAppend: false, [new(0, new(7), new(3), [server])]);
        var details = OpenAt("/docs/open.log").WaitForElement("aside.details .chunks", Patience).ParentElement!.TextContent;
        Assert.Contains("by ada@desk, its lease ends in 42 s unless it is renewed", details, StringComparison.Ordinal);
        Assert.Contains("silo-9, primary", details, StringComparison.Ordinal);
        Assert.Contains("1 of 2 replicas", details, StringComparison.Ordinal);
    }

    [Fact]
    public void BytesThatAreNoText_AreNotPreviewed()
    {
        tree.Content = [0, 159, 146, 150];
        var page = OpenAt("/docs/read.me");
        page.WaitForElement("aside.details .chunks", Patience);
        Assert.Empty(page.FindAll(".preview"));
    }

    [Fact]
    public void NothingThere_IsOneSentence()
    {
        var page = OpenAt("/nowhere");
        Assert.Equal("/nowhere: there is no such file or directory.", page.WaitForElement("[role=alert]", Patience).TextContent.Trim());
        Assert.Empty(page.FindAll("a.row"));
    }

    [Fact]
    public void NewDirectory_IsAskedForAndMade()
    {
        var page = OpenAt("/");
        page.WaitForElement("a.row", Patience);
        Press(page, "New directory");
        Dialogs.WaitForElement("input.text", Patience).Input("plans");
        Press(Dialogs, "Make");
        page.WaitForAssertion(() => Assert.Contains("browse/projects?path=/plans", page.FindAll("a.row").Select(row => row.GetAttribute("href"))), Patience);
        Assert.Equal(["mkdir /plans"], tree.Done);
    }

    [Fact]
    public void Move_ByANameAlone_RenamesInPlace()
    {
        var page = OpenAt("/docs/read.me");
        page.WaitForElement("aside.details .chunks", Patience);
        Press(page, "Move");
        Dialogs.WaitForElement("input.text", Patience).Input("read.you");
        Press(Dialogs, "Move");
        page.WaitForAssertion(() => Assert.Equal(["move /docs/read.me /docs/read.you"], tree.Done), Patience);
        page.WaitForAssertion(() => Assert.EndsWith("browse/projects?path=/docs/read.you", Address, StringComparison.Ordinal), Patience);
    }

    [Fact]
    public void Clone_GetsAPathOfItsOwn_AndIsShown()
    {
        var page = OpenAt("/docs/read.me");
        page.WaitForElement("aside.details .chunks", Patience);
        Press(page, "Clone");
        Assert.Equal("/docs/read.me-clone", Dialogs.WaitForElement("input.text", Patience).GetAttribute("value"));
        Press(Dialogs, "Clone");
        page.WaitForAssertion(() => Assert.Equal(["clone /docs/read.me /docs/read.me-clone"], tree.Done), Patience);
        page.WaitForAssertion(() => Assert.EndsWith("browse/projects?path=/docs/read.me-clone", Address, StringComparison.Ordinal), Patience);
    }

    [Fact]
    public void Goal_IsShown_AndSetWhenItIsANumber()
    {
        var page = OpenAt("/docs/read.me");
        page.WaitForElement("aside.details .chunks", Patience);
        Assert.Contains("2 replicas", page.Find("aside.details .facts").TextContent, StringComparison.Ordinal);
        Press(page, "Goal");
        Dialogs.WaitForElement("input.text", Patience).Input("3");
        Press(Dialogs, "Set");
        page.WaitForAssertion(() => Assert.Contains("3 replicas", page.Find("aside.details .facts").TextContent, StringComparison.Ordinal), Patience);
        Dialogs.WaitForAssertion(() => Assert.Empty(Dialogs.FindAll(".mud-dialog")), Patience);
        Press(page, "Goal");
        Dialogs.WaitForElement("input.text", Patience).Input("many");
        Press(Dialogs, "Set");
        Said.WaitForAssertion(() => Assert.Contains("a goal is 1 to 9, not 'many'", Said.Markup, StringComparison.Ordinal), Patience);
        Assert.Equal(["goal /docs/read.me 3"], tree.Done);
    }

    [Fact]
    public void Delete_GoesToTheTrash_OnlyWhenConfirmed()
    {
        var page = OpenAt("/docs/read.me");
        page.WaitForElement("aside.details .chunks", Patience);
        Press(page, "Delete");
        Dialogs.WaitForElement(".mud-dialog", Patience);
        Press(Dialogs, "Cancel");
        Dialogs.WaitForAssertion(() => Assert.Empty(Dialogs.FindAll(".mud-dialog")), Patience);
        Assert.Empty(tree.Done);
        Press(page, "Delete");
        Dialogs.WaitForElement(".mud-dialog", Patience);
        Press(Dialogs, "Delete");
        page.WaitForAssertion(() => Assert.Equal(["remove /docs/read.me"], tree.Done), Patience);
    }

    [Fact]
    public void Refusal_IsSaid_AndNothingElseChanges()
    {
        var page = OpenAt("/docs/read.me");
        page.WaitForElement("aside.details .chunks", Patience);
        Press(page, "Delete");
        Dialogs.WaitForElement(".mud-dialog", Patience);
        tree.Refusal = new(GofsError.NotPermitted, "not that one", "/docs/read.me");
        Press(Dialogs, "Delete");
        Said.WaitForAssertion(() => Assert.Contains("/docs/read.me: not that one.", Said.Markup, StringComparison.Ordinal), Patience);
        Assert.NotEmpty(page.FindAll("aside.details"));
    }

    /// <inheritdoc/>
    protected override void Add(IServiceCollection services) => services.AddSingleton<ITree>(tree);

    private string Address => Context.Services.GetRequiredService<NavigationManager>().Uri;

    private IRenderedComponent<BrowsePage> OpenAt(string path) =>
        Open<BrowsePage>($"browse/projects?path={path}", parameters => parameters.Add(page => page.Space, "projects"));
}
