using Gofs.Cluster;
using Gofs.Web.Parts;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace Gofs.Web.Settings;

/// <summary>The settings of the cluster: where each comes from, and what administrators changed.</summary>
public sealed partial class SettingsPage
{
    private const int MaxActs = 30;

    /// <summary>Others change settings too; what they did is seen within so long.</summary>
    private static readonly TimeSpan ReadEvery = TimeSpan.FromSeconds(10);

    private IReadOnlyList<SettingInForce>? settings;
    private IReadOnlyList<AuditEntry>? acts;
    private DateTimeOffset readAt;
    private string? failure;
    private bool isReading;

    [Inject] private ISettings Settings { get; set; } = null!;

    /// <inheritdoc/>
    protected override Task OnInitializedAsync() => ReadAsync();

    /// <inheritdoc/>
    private protected override Task OnNewsAsync() => News.Now - readAt >= ReadEvery ? ReadAsync() : Task.CompletedTask;

    private static string GroupOf(ClusterSetting setting) => setting.Key switch
    {
        _ when setting.Key.StartsWith("NewNamespace", StringComparison.Ordinal) => "New namespaces",
        _ when setting.Key.StartsWith("Scrub", StringComparison.Ordinal) => "Scrub",
        _ => "Replicas",
    };

    // A key may be broken before each of its words.
    private static IEnumerable<string> WordsOf(string key)
    {
        for (var (from, i) = (0, 1); i <= key.Length; i++)
        {
            if (i < key.Length && !char.IsUpper(key[i])) continue;
            yield return key[from..i];
            from = i;
        }
    }

    private static string ValueOf(SettingInForce one) =>
        one.Value == "0" && one.Setting == ClusterSetting.NewNamespaceGoal ? "1 embedded, 3 in a cluster" : SettingText.Show(one.Setting, one.Value);

    private string OriginOf(SettingInForce one)
    {
        var own = string.Join(", ", one.OfSilos.Select(silo => $"{silo.Key} {SettingText.Show(one.Setting, silo.Value)}"));
        return one switch
        {
            { Set: { } set } => $"set by {set.By}, {Texts.Ago(News.Now - set.At)}{(own.Length > 0 ? $"; started with: {own}" : "")}",
            { Origin: SettingOrigin.Silo } => $"default; silos started with their own: {own}",
            _ => "default",
        };
    }

    private async Task ReadAsync()
    {
        if (isReading) return;
        isReading = true;
        readAt = News.Now;
        try
        {
            await TryAsync(
                async () =>
                {
                    settings = await Settings.ListAsync(Gone);
                    acts = await Settings.ListAuditAsync(MaxActs, Gone);
                    failure = null;
                },
                why => failure = why);
        }
        finally
        {
            isReading = false;
        }
    }

    private async Task ChangeAsync(SettingInForce one)
    {
        var parameters = new DialogParameters<SettingDialog> { { dialog => dialog.One, one } };
        var result = await (await Dialogs.ShowAsync<SettingDialog>($"Change {one.Setting.Key}", parameters)).Result;
        if (result is not { Canceled: false, Data: string value }) return;
        Snackbar.Add($"{one.Setting.Key} is {SettingText.Show(one.Setting, value)} now.", Severity.Success);
        await ReadAsync();
    }

    private async Task UnsetAsync(SettingInForce one)
    {
        var does = SettingText.Consequence(one.Setting, one.Value, null) ?? "Namespaces made from now on have the default.";
        if (!await AskAsync($"Unset {one.Setting.Key}?", does, "Take it back")) return;
        await DoAsync(async () =>
        {
            await Settings.ChangeAsync(one.Setting, null, Gone);
            await ReadAsync();
            return $"{one.Setting.Key} is not set any more.";
        });
    }
}
