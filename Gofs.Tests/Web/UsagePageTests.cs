using Bunit;
using Gofs.Namespaces;
using Gofs.Web.Live;
using Gofs.Web.Namespaces;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Gofs.Tests.Web;

/// <summary>What the directories of a namespace hold.</summary>
public sealed class UsagePageTests : PageTest
{
    private readonly FakeUsage usage = new();

    [Fact]
    public void BeforeTheAnswer_ItIsLoading()
    {
        usage.Gate = new();
        Assert.Single(OpenAt(null).FindAll(".loading"));
    }

    [Fact]
    public void Directories_AreShownWithTheirParts_AndWhatIsInNone()
    {
        var page = OpenAt(null);
        page.WaitForAssertion(() => Assert.Equal(
            ["docs", "music", "files in it"], page.FindAll("tbody tr td:first-child").Select(cell => cell.TextContent)), Patience);
        Assert.Equal(["60", "30", "10"], page.FindAll("[role=progressbar]").Select(bar => bar.GetAttribute("aria-valuenow")));
        Assert.Equal("usage/projects?path=%2Fdocs", page.Find("tbody a").GetAttribute("href"));
    }

    [Fact]
    public void More_ThanWereLookedAt_IsSaid()
    {
        usage.Answer = usage.Answer with { IsCut = true };
        var page = OpenAt(null);
        page.WaitForAssertion(() => Assert.Contains("more directories that were not looked at", page.Markup, StringComparison.Ordinal), Patience);
    }

    [Fact]
    public void OneWithoutDirectories_SaysSo()
    {
        usage.Answer = new(new(3, 1, 0, 10), [], IsCut: false);
        Assert.Equal("There is no directory in it.", OpenAt("/docs").WaitForElement(".empty", Patience).TextContent.Trim());
    }

    [Fact]
    public void Refusal_IsOneSentence()
    {
        usage.Refusal = new(GofsError.NotFound, "there is no such file or directory", "/gone");
        Assert.Equal("/gone: there is no such file or directory.", OpenAt("/gone").WaitForElement("[role=alert]", Patience).TextContent.Trim());
    }

    [Fact]
    public void PathThatIsNone_IsOneSentence() => Assert.Single(OpenAt("no-slash").WaitForElements("[role=alert]", Patience));

    [Fact]
    public void LookAgain_ReadsAgain_AndShowsWhatIsThereMeanwhile()
    {
        var page = OpenAt(null);
        page.WaitForElement("tbody", Patience);
        usage.Gate = new();
        Press(page, "Look again");
        Assert.Equal(3, page.FindAll("tbody tr").Count);
        usage.Answer = new(new(3, 1, 0, 10), [], IsCut: false);
        usage.Gate.SetResult();
        page.WaitForElement(".empty", Patience);
        Assert.Equal(2, usage.Reads);
    }

    [Fact]
    public void News_ReadNothingAgain()
    {
        var page = OpenAt(null);
        page.WaitForElement("tbody", Patience);
        Watch.Tell(Views.Healthy);
        Watch.Tell(new ClusterNews(Views.At + TimeSpan.FromSeconds(9), Views.Healthy, null, [], []));
        Assert.Equal(1, usage.Reads);
        Assert.Equal("This is 9 s old.", page.Find(".notice").TextContent.Trim());
    }

    /// <inheritdoc/>
    protected override void Add(IServiceCollection services) => services.AddSingleton<IUsage>(usage);

    private IRenderedComponent<UsagePage> OpenAt(string? path) => Open<UsagePage>(
        $"usage/projects{(path is null ? "" : $"?path={Uri.EscapeDataString(path)}")}", parameters => parameters.Add(page => page.Space, "projects"));

    private sealed class FakeUsage : IUsage
    {
        public DirectoryUsage Answer { get; set; } = new(
            new(10, 3, 0, 1000), [(GofsPath.Parse("/docs"), new(5, 1, 0, 600)), (GofsPath.Parse("/music"), new(3, 1, 0, 300))], IsCut: false);

        public GofsException? Refusal { get; set; }

        public TaskCompletionSource? Gate { get; set; }

        public int Reads { get; private set; }

        public async Task<DirectoryUsage> ReadAsync(string space, GofsPath directory, CancellationToken cancellation)
        {
            Reads++;
            if (Gate is not null) await Gate.Task;
            return Refusal is null ? Answer : throw Refusal;
        }
    }
}
