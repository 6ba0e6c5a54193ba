using Gofs.Namespaces;
using Gofs.Web.Parts;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace Gofs.Web.Trash;

/// <summary>The trash of a namespace: search, restore, delete for ever.</summary>
public sealed partial class TrashPage
{
    private const int MaxItems = 200;

    private (string? Space, string? Search, long Items) read;
    private FoundItems? page;
    private string? failure;
    private bool isBusy;
    private bool isReading;

    /// <summary>The namespace, or null for the first.</summary>
    [SupplyParameterFromQuery] public string? Space { get; set; }

    /// <summary>Only items with this text in their path.</summary>
    [SupplyParameterFromQuery] public string? Search { get; set; }

    [Inject] private ITrash Bin { get; set; } = null!;

    [Inject] private IDialogService Dialogs { get; set; } = null!;

    [Inject] private ISnackbar Snackbar { get; set; } = null!;

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
            var got = await Bin.SearchAsync(space, Search ?? "", MaxItems, Gone);
            if (read == wanted) (page, failure) = (got, null);
        }
        catch (GofsException refused)
        {
            failure = refused.Message;
        }
        catch (OperationCanceledException) when (Gone.IsCancellationRequested)
        {
            // The page has been closed.
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
        if (!await AskAsync($"Delete {item.OriginalPath} for ever?", $"{Texts.Size(item.LengthBytes)} can't be restored any more.", null)) return;
        await ActAsync(async space =>
        {
            await Bin.PurgeAsync(space, item.Id, Gone);
            return $"{item.OriginalPath} is gone for ever.";
        });
    }

    private async Task PurgeAllAsync()
    {
        var what = $"Everything in the trash of {Chosen}, {Texts.Count(Status?.TrashItems ?? page!.Found, "item")}, can't be restored any more.";
        if (!await AskAsync("Empty the trash?", what, Chosen)) return;
        await ActAsync(async space => $"{Texts.Count(await Bin.PurgeAsync(space, null, Gone), "item is", "items are")} gone for ever.");
    }

    private async Task<bool> AskAsync(string title, string text, string? typedName)
    {
        var parameters = new DialogParameters<ConfirmDialog>
        {
            { one => one.Text, text }, { one => one.Act, "Delete for ever" }, { one => one.TypedName, typedName }, { one => one.IsDangerous, true },
        };
        return await (await Dialogs.ShowAsync<ConfirmDialog>(title, parameters)).Result is { Canceled: false };
    }

    private async Task ActAsync(Func<string, Task<string>> act)
    {
        isBusy = true;
        try
        {
            Snackbar.Add(await act(Chosen!), Severity.Success);
            await ReadAsync(again: true);
        }
        catch (GofsException refused)
        {
            Snackbar.Add(Texts.Sentence(refused.Message), Severity.Error);
        }
        catch (OperationCanceledException) when (Gone.IsCancellationRequested)
        {
            // The page has been closed; what was asked for goes on.
        }
        finally
        {
            isBusy = false;
        }
    }

    private void Go(string? space, string? search) => Navigation.NavigateTo(
        Navigation.GetUriWithQueryParameters(new Dictionary<string, object?> { ["space"] = space, ["search"] = string.IsNullOrEmpty(search) ? null : search }),
        replace: true);
}
