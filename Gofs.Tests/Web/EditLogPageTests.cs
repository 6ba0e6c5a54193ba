using Bunit;
using Gofs.Namespaces;
using Gofs.Web.EditLog;
using Gofs.Web.Live;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Gofs.Tests.Web;

/// <summary>The EditLog's tail, parts further back, and the filter.</summary>
public sealed class EditLogPageTests : PageTest
{
    private readonly FakeEditLogs logs = new();

    [Fact]
    public void BeforeTheFirstLook_ItIsLoading() => Assert.Single(Open<EditLogPage>("editlog").FindAll(".loading"));

    [Fact]
    public void FirstLookFails_TheReasonIsOneSentence() => FirstLookFails<EditLogPage>("editlog");

    [Fact]
    public void Tail_IsShownNewestFirst_AndFollowed()
    {
        logs.End = 3;
        var page = Open<EditLogPage>("editlog");
        Watch.Tell(Looked(3));
        Assert.Equal(["3", "2", "1"], Numbers(page));
        logs.End = 5;
        Watch.Tell(Looked(5));
        Assert.Equal(["5", "4", "3", "2", "1"], Numbers(page));
    }

    [Fact]
    public void Paused_ItStands()
    {
        logs.End = 3;
        var page = Open<EditLogPage>("editlog");
        Watch.Tell(Looked(3));
        Press(page, "Pause");
        logs.End = 5;
        Watch.Tell(Looked(5));
        Assert.Equal(["3", "2", "1"], Numbers(page));
    }

    [Fact]
    public void NothingNew_NothingIsRead()
    {
        logs.End = 3;
        Open<EditLogPage>("editlog");
        Watch.Tell(Looked(3));
        Watch.Tell(Looked(3));
        Assert.Equal(1, logs.Reads);
    }

    [Fact]
    public void Filter_ShowsWhatHasAllItsWords()
    {
        logs.End = 12;
        var page = Open<EditLogPage>("editlog?filter=filePut%20name-1");
        Watch.Tell(Looked(12));
        Assert.Equal(["12", "11", "10", "1"], Numbers(page));
    }

    [Fact]
    public void ActOfAdministration_SaysWhoseItWas_AndIsFoundByThat()
    {
        (logs.End, logs.ByAda) = (4, 2);
        var page = Open<EditLogPage>("editlog?filter=ada@desk");
        Watch.Tell(Looked(4));
        Assert.Equal(["2"], Numbers(page));
        Assert.Equal("by ada@desk", page.Find(".by").TextContent);
    }

    [Fact]
    public void FilterThatNothingHas_SaysSo()
    {
        logs.End = 3;
        var page = Open<EditLogPage>("editlog?filter=zebra");
        Watch.Tell(Looked(3));
        Assert.Equal("No record that was read matches.", page.Find(".empty").TextContent.Trim());
    }

    [Fact]
    public void PartFurtherBack_IsReadFromThere()
    {
        logs.End = 300;
        var page = Open<EditLogPage>("editlog?from=7");
        Watch.Tell(Looked(300));
        Assert.Equal("7", Numbers(page)[^1]);
        Assert.Equal(200, Numbers(page).Count);
    }

    [Fact]
    public void Refusal_IsOneSentence()
    {
        logs.Refusal = new(GofsError.EditLogCorrupt, "record 5 does not match its CRC", "projects");
        var page = Open<EditLogPage>("editlog");
        Watch.Tell(Looked(9));
        Assert.Equal("projects: record 5 does not match its CRC.", page.Find("[role=alert]").TextContent.Trim());
    }

    [Fact]
    public void NoNamespace_LeadsToMakingOne()
    {
        var page = Open<EditLogPage>("editlog");
        Watch.Tell(Views.Empty);
        Assert.Equal("namespaces?new=1", page.Find(".empty a").GetAttribute("href"));
    }

    [Fact]
    public void NoRecord_SaysSo()
    {
        var page = Open<EditLogPage>("editlog");
        Watch.Tell(Looked(0));
        Assert.Equal("There is no record yet.", page.Find(".empty").TextContent.Trim());
    }

    [Fact]
    public void OldLook_IsShownWithItsAge()
    {
        var page = Open<EditLogPage>("editlog");
        Watch.Tell(new ClusterNews(Views.At + TimeSpan.FromSeconds(5), Looked(0), null, [], []));
        Assert.Equal("This is 5 s old.", page.Find(".notice").TextContent.Trim());
    }

    /// <inheritdoc/>
    protected override void Add(IServiceCollection services) => services.AddSingleton<IEditLogs>(logs);

    private static ClusterView Looked(long number) => Views.Healthy with { Namespaces = [Views.Space("projects", one => one with { EditLogNumber = number })] };

    private static List<string> Numbers(IRenderedComponent<EditLogPage> page) => [.. page.FindAll(".records .number").Select(number => number.TextContent)];

    private sealed class FakeEditLogs : IEditLogs
    {
        public long End { get; set; }

        /// <summary>The record of something ada did.</summary>
        public long ByAda { get; set; }

        public int Reads { get; private set; }

        public GofsException? Refusal { get; set; }

        public Task<EditLogLine[]> ReadAsync(string space, long from, int limit, CancellationToken cancellation)
        {
            Reads++;
            if (Refusal is not null) throw Refusal;
            var first = from == 0 ? Math.Max(1, End - limit + 1) : from;
            EditLogLine[] lines = [.. Enumerable.Range(0, limit).Select(i => first + i).Where(number => number <= End)
                .Select(number => new EditLogLine(number, "FilePut", $"name-{number} in 1", Views.At) { By = number == ByAda ? new("ada", "desk") : null })];
            return Task.FromResult(lines);
        }
    }
}
