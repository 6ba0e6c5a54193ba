using AngleSharp.Dom;
using Bunit;
using Gofs.Cluster;
using Gofs.Web.Live;
using Gofs.Web.Settings;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Gofs.Tests.Web;

/// <summary>Settings of the cluster: shown with where they come from, changed, taken back, refused.</summary>
public sealed class SettingsPageTests : PageTest
{
    private readonly FakeSettings settings = new();

    [Fact]
    public void BeforeTheyAreRead_ItIsLoading()
    {
        settings.Held = new();
        var page = Open<SettingsPage>("settings");
        Watch.Tell(Views.Healthy);
        Assert.Single(page.FindAll(".loading"));
    }

    [Fact]
    public void ClusterThatDoesNotAnswer_IsSaid()
    {
        settings.Unread = new(GofsError.SiloUnreachable, "no silo can be reached");
        var page = Open<SettingsPage>("settings");
        Assert.Contains("No silo can be reached.", page.Find("[role=alert]").TextContent, StringComparison.Ordinal);
        Assert.Empty(page.FindAll(".loading"));
    }

    [Fact]
    public void EachSetting_IsShownWithItsValueAndOrigin()
    {
        settings.Set[ClusterSetting.DeadSeconds] = new("DeadSeconds", "120", new("ada", "desk"), Views.At - TimeSpan.FromMinutes(3));
        var page = Open<SettingsPage>("settings");
        Watch.Tell(Views.Healthy);
        var row = page.Find("[data-setting=DeadSeconds]");
        Assert.Contains("2 min", row.TextContent, StringComparison.Ordinal);
        Assert.Contains("set by ada@desk, 3 min ago", row.QuerySelector(".origin")!.TextContent, StringComparison.Ordinal);
        Assert.Contains("64 MiB/s", page.Find("[data-setting=CopyBytesPerSecond]").TextContent, StringComparison.Ordinal);
        Assert.Equal("default", page.Find("[data-setting=CopyBytesPerSecond] .origin").TextContent);
        Assert.Equal(ClusterSetting.All.Count, page.FindAll("[data-setting]").Count);
    }

    [Fact]
    public void WhatReachesEveryServer_IsChangedOnlyWhenPressedAgain()
    {
        var page = Open<SettingsPage>("settings");
        Watch.Tell(Views.Healthy);
        Press(page, "Change DeadSeconds");
        Dialogs.WaitForElement("input[name=value]", Patience).Input("30 s");
        Press(Dialogs, "Change");
        Dialogs.WaitForAssertion(() => Assert.Contains("counts as dead at once", Dialogs.Find(".notice.warn").TextContent, StringComparison.Ordinal), Patience);
        Assert.Empty(settings.Changes);
        Press(Dialogs, "Change it everywhere");
        Said.WaitForAssertion(() => Assert.Contains("DeadSeconds is 30 s now.", Said.Markup, StringComparison.Ordinal), Patience);
        Assert.Equal([("DeadSeconds", "30")], settings.Changes);
    }

    [Fact]
    public void WhatIsForNewNamespaces_IsChangedAtOnce()
    {
        var page = Open<SettingsPage>("settings");
        Watch.Tell(Views.Healthy);
        Press(page, "Change NewNamespaceDurability");
        Dialogs.WaitForElement("select[name=value]", Patience).Change("write");
        Press(Dialogs, "Change");
        Said.WaitForAssertion(() => Assert.Contains("NewNamespaceDurability is write now.", Said.Markup, StringComparison.Ordinal), Patience);
        Assert.Equal([("NewNamespaceDurability", "write")], settings.Changes);
    }

    [Fact]
    public void ValueOutOfRange_IsSaidBesideItsField_AndNothingIsSent()
    {
        var page = Open<SettingsPage>("settings");
        Watch.Tell(Views.Healthy);
        Press(page, "Change DeadSeconds");
        Dialogs.WaitForElement("input[name=value]", Patience).Input("1 s");
        Press(Dialogs, "Change");
        Dialogs.WaitForAssertion(() => Assert.Equal("It is 3 s to 1 d.", Dialogs.Find(".fault").TextContent), Patience);
        Assert.Empty(settings.Changes);
    }

    [Fact]
    public void Refusal_StaysInTheForm()
    {
        settings.Refusal = new(GofsError.InvalidArgument, "NewNamespaceMinReplicas (4) is at most NewNamespaceGoal (3): no write could end");
        var page = Open<SettingsPage>("settings");
        Watch.Tell(Views.Healthy);
        Press(page, "Change NewNamespaceMinReplicas");
        Dialogs.WaitForElement("input[name=value]", Patience).Input("4");
        Press(Dialogs, "Change");
        Dialogs.WaitForAssertion(() => Assert.Contains("no write could end", Dialogs.Find(".notice.bad").TextContent, StringComparison.Ordinal), Patience);
    }

    [Fact]
    public void Unset_AsksFirst()
    {
        settings.Set[ClusterSetting.ScrubDays] = new("ScrubDays", "3", new("ada", "desk"), Views.At);
        var page = Open<SettingsPage>("settings");
        Watch.Tell(Views.Healthy);
        Press(page, "Unset ScrubDays");
        Dialogs.WaitForElement(".mud-dialog", Patience);
        Assert.Empty(settings.Changes);
        Press(Dialogs, "Take it back");
        Said.WaitForAssertion(() => Assert.Contains("ScrubDays is not set any more.", Said.Markup, StringComparison.Ordinal), Patience);
        Assert.Equal([("ScrubDays", null)], settings.Changes);
    }

    [Fact]
    public void Acts_AreListed_TheLatestFirst()
    {
        settings.Acts = [new(1, Views.At, new("ada", "desk"), "ns create", "projects, number 1"), new(2, Views.At, new("bob", "ops"), "cs drain", "silo-2")];
        var page = Open<SettingsPage>("settings");
        Assert.Equal(["bob@ops", "ada@desk"], page.FindAll(".acts-done .who").Select(one => one.TextContent));
    }

    [Fact]
    public void NoAct_SaysSo() => Assert.Single(Open<SettingsPage>("settings").FindAll(".empty"));

    [Fact]
    public void OldLook_IsShownWithItsAge()
    {
        var page = Open<SettingsPage>("settings");
        Watch.Tell(new ClusterNews(Views.At + TimeSpan.FromMinutes(2), Views.Healthy, null, [], []));
        Assert.Equal("This is 2 min old.", page.Find(".notice").TextContent.Trim());
    }

    /// <inheritdoc/>
    protected override void Add(IServiceCollection services) => services.AddSingleton<ISettings>(settings);

    private sealed class FakeSettings : ISettings
    {
        public Dictionary<ClusterSetting, SettingValue> Set { get; } = [];

        public IReadOnlyList<AuditEntry> Acts { get; set; } = [];

        public List<(string Key, string? Value)> Changes { get; } = [];

        public TaskCompletionSource? Held { get; set; }

        public GofsException? Unread { get; set; }

        public GofsException? Refusal { get; set; }

        public async Task<IReadOnlyList<SettingInForce>> ListAsync(CancellationToken cancellation)
        {
            if (Held is not null) await Held.Task;
            if (Unread is not null) throw Unread;
            return [.. ClusterSetting.All.Select(one => Set.TryGetValue(one, out var set)
                ? new SettingInForce(one, set.Value, SettingOrigin.Cluster) { Set = set }
                : new SettingInForce(one, one.Default, SettingOrigin.Default))];
        }

        public Task ChangeAsync(ClusterSetting setting, string? value, CancellationToken cancellation)
        {
            if (Refusal is not null) throw Refusal;
            Changes.Add((setting.Key, value));
            return Task.CompletedTask;
        }

        public Task<IReadOnlyList<AuditEntry>> ListAuditAsync(int most, CancellationToken cancellation) => Task.FromResult(Acts);
    }
}
