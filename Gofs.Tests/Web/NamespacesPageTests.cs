using Bunit;
using Gofs.Namespaces;
using Gofs.Web.Live;
using Gofs.Web.Namespaces;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Gofs.Tests.Web;

/// <summary>Namespaces: quotas shown, made, changed, refused.</summary>
public sealed class NamespacesPageTests : PageTest
{
    private readonly FakeNamespaces spaces = new();

    [Fact]
    public void BeforeTheFirstLook_ItIsLoading() => Assert.Single(Open<NamespacesPage>("namespaces").FindAll(".loading"));

    [Fact]
    public void FirstLookFails_TheReasonIsOneSentence() => FirstLookFails<NamespacesPage>("namespaces");

    [Fact]
    public void None_SaysSo()
    {
        var page = Open<NamespacesPage>("namespaces");
        Watch.Tell(Views.Empty);
        Assert.Single(page.FindAll(".empty"));
    }

    [Fact]
    public void Quota_IsABarWithItsPart()
    {
        var page = Open<NamespacesPage>("namespaces");
        Watch.Tell(Views.Healthy with
        {
            Namespaces = [Views.Space("projects", one => one with { Names = 45, Config = one.Config with { MaxNames = 100 } })],
        });
        Assert.Equal("45", page.Find("[role=meter]").GetAttribute("aria-valuenow"));
        Assert.Contains("45 of 100", page.Find(".quota").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void NewOne_IsMade_WithTheSettingsTyped()
    {
        var page = Open<NamespacesPage>("namespaces");
        Watch.Tell(Views.Healthy);
        Press(page, "New namespace");
        Type("Name", "plans");
        Type("MaxBytes", "1.5 TiB");
        Press(Dialogs, "Make it");
        Said.WaitForAssertion(() => Assert.Contains("Namespace plans is there.", Said.Markup, StringComparison.Ordinal), Patience);
        var (name, config) = Assert.Single(spaces.Made);
        Assert.Equal(("plans", 3L << 39), (name, config.MaxBytes));
    }

    [Fact]
    public void WrongSettings_AreSaidBesideTheirFields_AndNothingIsSent()
    {
        var page = Open<NamespacesPage>("namespaces");
        Watch.Tell(Views.Healthy);
        Press(page, "New namespace");
        Type("Name", "Plans!");
        Type("Goal", "12");
        Press(Dialogs, "Make it");
        Dialogs.WaitForAssertion(() => Assert.Equal(2, Dialogs.FindAll(".fault").Count), Patience);
        Assert.Empty(spaces.Made);
    }

    [Fact]
    public void Refusal_StaysInTheForm()
    {
        spaces.Refusal = new(GofsError.NamespaceExists, "there is a namespace of that name", "plans");
        var page = Open<NamespacesPage>("namespaces");
        Watch.Tell(Views.Healthy);
        Press(page, "New namespace");
        Type("Name", "plans");
        Press(Dialogs, "Make it");
        Dialogs.WaitForAssertion(
            () => Assert.Contains("there is a namespace of that name", Dialogs.Find(".notice").TextContent, StringComparison.Ordinal), Patience);
    }

    [Fact]
    public void Settings_AreChanged_AndTheOthersStay()
    {
        var page = Open<NamespacesPage>("namespaces");
        Watch.Tell(Views.Healthy);
        Press(page, "Settings of projects");
        Type("TrashRetention", "7 d");
        Press(Dialogs, "Change");
        Said.WaitForAssertion(() => Assert.Contains("The settings of projects are changed.", Said.Markup, StringComparison.Ordinal), Patience);
        Assert.Equal(("projects", NamespaceConfig.Default with { TrashRetention = TimeSpan.FromDays(7) }), Assert.Single(spaces.Changed));
    }

    [Fact]
    public void MasterThatDoesNotAnswer_IsSaid_AndTheOthersAreShown()
    {
        var page = Open<NamespacesPage>("namespaces");
        Watch.Tell(Views.Healthy with { Namespaces = [Views.Mute("mute"), Views.Space("projects")] });
        Assert.Equal("Its master does not answer: it has been silent for 2 s.", page.Find("[aria-label='Namespace mute'] [role=alert]").TextContent.Trim());
        Assert.NotEmpty(page.FindAll("[aria-label='Namespace projects'] .facts"));
    }

    [Fact]
    public void OldLook_IsShownWithItsAge()
    {
        var page = Open<NamespacesPage>("namespaces");
        Watch.Tell(new ClusterNews(Views.At + TimeSpan.FromSeconds(8), Views.Healthy, null, [], []));
        Assert.Equal("This is 8 s old.", page.Find(".notice").TextContent.Trim());
    }

    /// <inheritdoc/>
    protected override void Add(IServiceCollection services) => services.AddSingleton<INamespaces>(spaces);

    private void Type(string field, string text) => Dialogs.WaitForElement($"input[name={field}]", Patience).Input(text);

    private sealed class FakeNamespaces : INamespaces
    {
        public List<(string Name, NamespaceConfig Config)> Made { get; } = [];

        public List<(string Name, NamespaceConfig Config)> Changed { get; } = [];

        public GofsException? Refusal { get; set; }

        public Task<NamespaceConfig> DefaultsAsync(CancellationToken cancellation) => Task.FromResult(NamespaceConfig.Default);

        public Task CreateAsync(string name, NamespaceConfig config, CancellationToken cancellation)
        {
            if (Refusal is not null) throw Refusal;
            Made.Add((name, config));
            return Task.CompletedTask;
        }

        public Task ChangeAsync(string name, NamespaceConfig config, CancellationToken cancellation)
        {
            if (Refusal is not null) throw Refusal;
            Changed.Add((name, config));
            return Task.CompletedTask;
        }
    }
}
