using Bunit;
using Gofs.Namespaces;
using Gofs.Web.Live;
using Gofs.Web.Trash;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Gofs.Tests.Web;

/// <summary>The trash in each of its states.</summary>
public sealed class TrashPageTests : PageTest
{
    private readonly FakeTrash trash = new();

    [Fact]
    public void BeforeTheFirstLook_ItIsLoading() => Assert.Single(Open<TrashPage>("trash").FindAll(".loading"));

    [Fact]
    public void FirstLookFails_TheReasonIsOneSentence() => FirstLookFails<TrashPage>("trash");

    [Fact]
    public void NoNamespace_LeadsToMakingOne()
    {
        var page = Open<TrashPage>("trash");
        Watch.Tell(Views.Empty);
        Assert.Equal("namespaces?new=1", page.Find(".empty a").GetAttribute("href"));
    }

    [Fact]
    public void EmptyTrash_SaysSo_AndCannotBeEmptied()
    {
        var page = Open<TrashPage>("trash");
        Watch.Tell(Views.Healthy);
        Assert.Equal("The trash is empty.", page.Find(".empty").TextContent.Trim());
        Assert.True(page.FindAll("button").Single(button => button.TextContent.Trim() == "Empty the trash").HasAttribute("disabled"));
    }

    [Fact]
    public void Items_AreShown_AndSearchedByPath()
    {
        trash.Add(1, "/old/plan.txt").Add(2, "/old/photo.png");
        var page = Open<TrashPage>("trash?search=photo");
        Watch.Tell(Views.Healthy);
        Assert.Contains("/old/photo.png", page.Find("tbody").TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain("plan.txt", page.Markup, StringComparison.Ordinal);
        Assert.Contains("1 item", page.Find(".toolbar").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Restore_PutsItBack_AndTheListIsReadAgain()
    {
        trash.Add(1, "/plan.txt");
        var page = Open<TrashPage>("trash");
        Watch.Tell(Views.Healthy);
        Press(page, "Restore /plan.txt");
        page.WaitForElement(".empty", Patience);
        Assert.Equal(["restore 1"], trash.Done);
    }

    [Fact]
    public void EmptyingIt_WantsTheNameTyped()
    {
        trash.Add(1, "/plan.txt");
        var page = Open<TrashPage>("trash");
        Watch.Tell(Views.Healthy);
        Press(page, "Empty the trash");
        var typed = Dialogs.WaitForElement("input.text", Patience);
        Assert.True(Sure().HasAttribute("disabled"));
        typed.Input("project");
        Assert.True(Sure().HasAttribute("disabled"));
        typed.Input("projects");
        Sure().Click();
        page.WaitForElement(".empty", Patience);
        Assert.Equal(["purge all"], trash.Done);

        AngleSharp.Dom.IElement Sure() => Dialogs.FindAll("button").Single(button => button.TextContent.Trim() == "Delete for ever");
    }

    [Fact]
    public void Refusal_IsOneSentence()
    {
        trash.Refusal = new(GofsError.Timeout, "no answer in time", "projects");
        var page = Open<TrashPage>("trash");
        Watch.Tell(Views.Healthy);
        Assert.Equal("projects: no answer in time.", page.Find("[role=alert]").TextContent.Trim());
    }

    [Fact]
    public void RefusedRestore_IsSaid_AndTheItemStays()
    {
        trash.Add(1, "/plan.txt");
        var page = Open<TrashPage>("trash");
        Watch.Tell(Views.Healthy);
        trash.RestoreRefusal = new(GofsError.AlreadyExists, "there is something of that name", "/plan.txt");
        Press(page, "Restore /plan.txt");
        Said.WaitForAssertion(() => Assert.Contains("/plan.txt: there is something of that name.", Said.Markup, StringComparison.Ordinal), Patience);
        Assert.Single(page.FindAll("tbody tr"));
    }

    [Fact]
    public void OldLook_IsShownWithItsAge()
    {
        var page = Open<TrashPage>("trash");
        Watch.Tell(new ClusterNews(Views.At + TimeSpan.FromSeconds(9), Views.Healthy, null, [], []));
        Assert.Equal("This is 9 s old.", page.Find(".notice").TextContent.Trim());
    }

    /// <inheritdoc/>
    protected override void Add(IServiceCollection services) => services.AddSingleton<ITrash>(trash);

    private sealed class FakeTrash : ITrash
    {
        private readonly List<TrashItem> items = [];

        public List<string> Done { get; } = [];

        public GofsException? Refusal { get; set; }

        public GofsException? RestoreRefusal { get; set; }

        public FakeTrash Add(long id, string path)
        {
            var entry = new Entry(new(id), EntryType.File, 0, 0, 0, 10, 0, 1, [], null, false, 0);
            items.Add(new(id, GofsPath.Parse(path), Views.At, entry, 1, 10));
            return this;
        }

        public Task<FoundItems> SearchAsync(string space, string text, int limit, CancellationToken cancellation)
        {
            if (Refusal is not null) throw Refusal;
            TrashItem[] found = [.. items.Where(item => item.OriginalPath.ToString().Contains(text, StringComparison.Ordinal))];
            return Task.FromResult(new FoundItems(found, found.Length));
        }

        public Task RestoreAsync(string space, long item, GofsPath? to, CancellationToken cancellation)
        {
            if (RestoreRefusal is not null) throw RestoreRefusal;
            Done.Add($"restore {item}");
            items.RemoveAll(one => one.Id == item);
            return Task.CompletedTask;
        }

        public Task<long> PurgeAsync(string space, long? item, CancellationToken cancellation)
        {
            Done.Add($"purge {item?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "all"}");
            return Task.FromResult((long)items.RemoveAll(one => item is null || one.Id == item));
        }
    }
}
