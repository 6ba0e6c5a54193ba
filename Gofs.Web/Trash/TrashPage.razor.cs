using Gofs.Namespaces;
using Gofs.Web.Parts;
using Microsoft.AspNetCore.Components;

namespace Gofs.Web.Trash;

/// <summary>The trash of a namespace: search, restore, delete for ever.</summary>
public sealed partial class TrashPage
{
    private const int MaxItems = 200;
    private const string Act = "Delete for ever";

    private (string? Space, string? Search, long Items) read;
    private FoundItems? page;
    private string? failure;
    private bool isReading;

    /// <summary>The namespace, or null for the first.</summary>
    [SupplyParameterFromQuery] public string? Space { get; set; }

    /// <summary>Only items with this text in their path.</summary>
    [SupplyParameterFromQuery] public string? Search { get; set; }

    [Inject] private ITrash Bin { get; set; } = null!;

    [Inject] private NavigationManager Navigation { get; set; } = null!;

    private string? Chosen => Space ?? (News.View?.Namespaces is [var first, ..] ? first.Name : null);

    private NamespaceStatus? Status => News.View?.Namespaces.FirstOrDefault(one => one.Name == Chosen)?.Status;

    private string? RetentionText => Status is { } status ? $"What is removed can be restored for {Texts.Span(status.Config.TrashRetention)}." : null;

    private string CountText => page is null ? ""
        : page.Found > page.Items.Count ? $"the newest {Texts.Count(page.Items.Count)} of {Texts.Count(page.Found)}" : Texts.Count(page.Found, "item");

    /// <inheritdoc/>
    protected override Task OnParametersSetAsync() => ReadAsync(again: false);

    /// <inheritdoc/>
    private protected override Task OnNewsAsync() => ReadAsync(again: false);

    private async Task ReadAsync(bool again)
    {
        if (Chosen is not { } space || isReading) return;
        var wanted = (space, Search, Status?.TrashItems ?? -1);
        if (wanted == read && !again) return;
        if (read.Space != space || read.Search != Search) (page, failure) = (null, null);
        read = wanted;
        isReading = true;
        try
        {
            await TryAsync(
                async () =>
                {
                    var got = await Bin.SearchAsync(space, Search ?? "", MaxItems, Gone);
                    if (read == wanted) (page, failure) = (got, null);
                },
                why => failure = why);
        }
        finally
        {
            isReading = false;
        }
    }

    private Task RestoreAsync(TrashItem item) => ActAsync(async space =>
    {
        await Bin.RestoreAsync(space, item.Id, null, Gone);
        return $"{item.OriginalPath} is back.";
    });

    private async Task PurgeAsync(TrashItem item)
    {
        if (!await AskAsync($"Delete {item.OriginalPath} for ever?", $"{Texts.Size(item.LengthBytes)} can't be restored any more.", Act, isDangerous: true)) return;
        await ActAsync(async space =>
        {
            await Bin.PurgeAsync(space, item.Id, Gone);
            return $"{item.OriginalPath} is gone for ever.";
        });
    }

    private async Task PurgeAllAsync()
    {
        var what = $"Everything in the trash of {Chosen}, {Texts.Count(Status?.TrashItems ?? page!.Found, "item")}, can't be restored any more.";
        if (!await AskAsync("Empty the trash?", what, Act, Chosen, isDangerous: true)) return;
        await ActAsync(async space => $"{Texts.Count(await Bin.PurgeAsync(space, null, Gone), "item is", "items are")} gone for ever.");
    }

    private Task ActAsync(Func<string, Task<string>> act) => DoAsync(async () =>
    {
        var said = await act(Chosen!);
        await ReadAsync(again: true);
        return said;
    });

    private void Go(string? space, string? search) => Navigation.NavigateTo(
        Navigation.GetUriWithQueryParameters(new Dictionary<string, object?> { ["space"] = space, ["search"] = string.IsNullOrEmpty(search) ? null : search }),
        replace: true);
}
