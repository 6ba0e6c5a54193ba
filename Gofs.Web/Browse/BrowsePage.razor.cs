using System.Globalization;
using Gofs.Namespaces;
using Gofs.Web.Hosting;
using Gofs.Web.Parts;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web.Virtualization;
using Microsoft.JSInterop;
using MudBlazor;

namespace Gofs.Web.Browse;

/// <summary>A namespace's tree: one directory, and beside it what one of its entries is. The path in the address is that of either.</summary>
public sealed partial class BrowsePage
{
    private readonly List<Upload> uploads = [];
    private DotNetObjectReference<BrowsePage>? self;
    private Virtualize<Entry>? virtualize;
    private ElementReference input;
    private ElementReference zone;
    private (string? Space, GofsPath Path) shown;
    private GofsPath path = GofsPath.Root;
    private GofsPath directory = GofsPath.Root;
    private Entry? selected;
    private DirectoryPages? listing;
    private string? listedSpace;
    private long entries;
    private string? failure;
    private long seenNumber;
    private bool watchesFiles;

    /// <summary>The namespace.</summary>
    [Parameter] public string? Space { get; set; }

    /// <summary>The path, as <see cref="PathText"/> writes it.</summary>
    [SupplyParameterFromQuery(Name = "path")] public string? PathInAddress { get; set; }

    [Inject] private ITree Tree { get; set; } = null!;

    [Inject] private NavigationManager Navigation { get; set; } = null!;

    [Inject] private IJSRuntime Script { get; set; } = null!;

    private string? CountText => listing is null ? null : Texts.Count(entries, "entry", "entries");

    /// <summary>The browser's user has chosen or dropped files: they go into the directory that is shown.</summary>
    [JSInvokable]
    public async Task Offered(OfferedFile[] files)
    {
        foreach (var file in files)
        {
            var at = directory.Append(file.Name);
            var upload = new Upload(file.Id, Space!, at, file.Size);
            uploads.Add(upload);
            var replace = false;
            if (await TryAsync(async () => await FindAsync(at)) is { } there)
            {
                replace = there.Type == EntryType.File && await AskAsync(
                    $"Replace {at.NameText}?", "There is a file of that name. It goes to the trash when the new one is whole.", "Replace");
                if (!replace)
                {
                    upload.End(there.Type == EntryType.File ? "There is a file of that name." : "There is something else of that name.");
                    continue;
                }
            }

            StateHasChanged();
            await Script.InvokeVoidAsync("gofs.upload", upload.Id, FileEndpoints.Address(Space!, at) + (replace ? "&replace=true" : ""), self);
        }

        StateHasChanged();
    }

    /// <summary>So many bytes of an upload have left the browser.</summary>
    [JSInvokable]
    public void Progressed(string id, long bytes)
    {
        uploads.Find(one => one.Id == id)?.Progress(bytes);
        StateHasChanged();
    }

    /// <summary>An upload has ended.</summary>
    [JSInvokable]
    public async Task Uploaded(string id, string? failed)
    {
        if (uploads.Find(one => one.Id == id) is not { } upload) return;
        upload.End(failed);
        if (failed is null)
        {
            uploads.Remove(upload);
            Snackbar.Add($"{upload.Path.NameText} is uploaded.", Severity.Success);
            if (upload.Space == Space && upload.Path.Parent == directory) await ShowAsync(again: true);
        }

        StateHasChanged();
    }

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        try
        {
            path = PathText.Parse(PathInAddress ?? "/");
        }
        catch (GofsException wrong)
        {
            (listing, selected, failure) = (null, null, wrong.Message);
            return;
        }

        if (Space is not null && shown != (Space, path)) await ShowAsync(again: false);
    }

    /// <inheritdoc/>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (watchesFiles || Space is null || input.Id is null) return;
        watchesFiles = true;
        self = DotNetObjectReference.Create(this);
        await Script.InvokeVoidAsync("gofs.watchFiles", input, zone, self);
    }

    /// <inheritdoc/>
    private protected override async Task OnNewsAsync()
    {
        // What somebody else does shows too, as long as the directory is small enough to be read again at once.
        var number = News.View?.Namespaces.FirstOrDefault(one => one.Name == Space)?.Status?.EditLogNumber ?? 0;
        if (number == 0 || number == seenNumber) return;
        var first = seenNumber == 0;
        seenNumber = number;
        if (!first && listing is not null && entries <= DirectoryPages.PageEntries) await ShowAsync(again: true);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        self?.Dispose();
        base.Dispose(disposing);
    }

    private static string Address(string space, GofsPath path) =>
        $"browse/{Uri.EscapeDataString(space)}" + (path.IsRoot ? "" : $"?path={Uri.EscapeDataString(PathText.Of(path)).Replace("%2F", "/", StringComparison.Ordinal)}");

    private static string IconOf(Entry entry) => entry.Type switch
    {
        EntryType.Directory => Icons.Material.Rounded.Folder,
        EntryType.Symlink => Icons.Material.Rounded.Link,
        _ => Icons.Material.Rounded.InsertDriveFile,
    };

    private bool IsSelected(Entry entry) => selected is not null && entry.Inode == selected.Inode && path == directory.Append(entry.Name);

    private async Task ShowAsync(bool again)
    {
        var (space, at) = (Space!, path);
        shown = (space, at);
        await TryAsync(
            async () =>
            {
                var entry = await Tree.StatAsync(space, at, Gone);
                var (top, file) = entry.Type == EntryType.Directory ? (at, null) : (at.Parent, entry);
                var count = file is null ? entry.Entries : (await Tree.StatAsync(space, top, Gone)).Entries;
                if (shown != (space, at)) return;
                var sameDirectory = listing is not null && top == directory && space == listedSpace;
                (directory, selected, failure, entries) = (top, file, null, count);
                if (sameDirectory && !again) return;
                listing = new((after, limit, stop) => Tree.ListAsync(space, top, after, limit, stop));
                listedSpace = space;

                // The rows that are in view are read again in their places.
                if (sameDirectory && virtualize is not null) await virtualize.RefreshDataAsync();
            },
            why =>
            {
                if (shown != (space, at)) return;
                (listing, selected, failure, directory) = (null, null, why, at);
            });
    }

    private async ValueTask<ItemsProviderResult<Entry>> ProvideAsync(ItemsProviderRequest request)
    {
        if (listing is not { } pages) return default;
        try
        {
            var found = await pages.GetAsync(request.StartIndex, request.Count, request.CancellationToken);
            return new(found, pages.Rows ?? (int)Math.Max(entries, request.StartIndex + found.Count));
        }
        catch (GofsException refused)
        {
            failure = refused.Message;
            _ = InvokeAsync(StateHasChanged);
            return new([], 0);
        }
    }

    private async Task<Entry?> FindAsync(GofsPath at)
    {
        try
        {
            return await Tree.StatAsync(Space!, at, Gone);
        }
        catch (GofsException refused) when (refused.Error == GofsError.NotFound)
        {
            return null;
        }
    }

    private async Task<T?> TryAsync<T>(Func<Task<T>> act)
    {
        try
        {
            return await act();
        }
        catch (GofsException refused)
        {
            Snackbar.Add(Texts.Sentence(refused.Message), Severity.Error);
            return default;
        }
    }

    private async Task MakeDirectoryAsync()
    {
        if (await AskNameAsync("New directory", "Name", "", "Make") is not { } name) return;
        await ActAsync(async () =>
        {
            await Tree.MakeDirectoryAsync(Space!, directory.Append(name), Gone);
            await ShowAsync(again: true);
        });
    }

    private async Task AskMoveAsync(GofsPath from)
    {
        if (await AskNameAsync($"Move {from.NameText}", "New path", from.ToString(), "Move") is not { } typed) return;
        await ActAsync(async () =>
        {
            // A name alone renames it where it is.
            var to = typed.StartsWith('/') ? GofsPath.Parse(typed) : from.Parent.Append(typed);
            if (to == from) return;
            await Tree.MoveAsync(Space!, from, to, Gone);
            Snackbar.Add($"{from.NameText} is now {to}.", Severity.Success);
            listing = null;
            Navigation.NavigateTo(Address(Space!, to));
        });
    }

    private async Task AskCloneAsync(GofsPath from)
    {
        if (await AskNameAsync($"Clone {from.NameText}", "Path of the clone", $"{PathText.Of(from)}-clone", "Clone") is not { } typed) return;
        await ActAsync(async () =>
        {
            var to = typed.StartsWith('/') ? GofsPath.Parse(typed) : from.Parent.Append(typed);
            await Tree.CloneAsync(Space!, from, to, Gone);
            Snackbar.Add($"{to} is a clone of {from.NameText}.", Severity.Success);
            listing = null;
            Navigation.NavigateTo(Address(Space!, to));
        });
    }

    private async Task AskGoalAsync(GofsPath at)
    {
        var value = selected?.Goal.ToString(CultureInfo.InvariantCulture) ?? "";
        if (await AskNameAsync($"Goal of {at.NameText}", "Wanted replicas", value, "Set") is not { } typed) return;
        await ActAsync(async () =>
        {
            if (!int.TryParse(typed, NumberStyles.None, CultureInfo.InvariantCulture, out var goal))
                throw new GofsException(GofsError.InvalidArgument, $"a goal is 1 to {NamespaceConfig.MostReplicas}, not '{typed}'", at.ToString());
            await Tree.SetGoalAsync(Space!, at, goal, Gone);
            selected = await Tree.StatAsync(Space!, at, Gone);
            Snackbar.Add($"{at.NameText} wants {Texts.Count(goal, "replica")}.", Severity.Success);
        });
    }

    private async Task AskRemoveAsync(GofsPath at)
    {
        await ActAsync(async () =>
        {
            var count = await Tree.CountAsync(Space!, at, Gone);
            var what = count.Directories == 0 ? $"{Texts.Size(count.LengthBytes)} go" : $"{Texts.Count(count.Files, "file")} with {Texts.Size(count.LengthBytes)} go";
            if (!await AskAsync($"Delete {at.NameText}?", $"{what} to the trash, from where it can be restored for a while.", "Delete")) return;
            await Tree.RemoveAsync(Space!, at, Gone);
            Snackbar.Add($"{at.NameText} is in the trash.", Severity.Success);
            listing = null;
            Navigation.NavigateTo(Address(Space!, at.Parent));
        });
    }

    private async Task ActAsync(Func<Task> act)
    {
        await TryAsync(async () =>
        {
            await act();
            return true;
        });
        StateHasChanged();
    }

    private async Task<string?> AskNameAsync(string title, string label, string value, string act)
    {
        var parameters = new DialogParameters<TextDialog> { { one => one.Label, label }, { one => one.Value, value }, { one => one.Act, act } };
        var result = await (await Dialogs.ShowAsync<TextDialog>(title, parameters)).Result;
        return result is { Canceled: false } ? result.Data as string : null;
    }

    private async Task ChooseFilesAsync() => await Script.InvokeVoidAsync("gofs.chooseFiles", input);

    private async Task CancelAsync(Upload upload)
    {
        uploads.Remove(upload);
        await Script.InvokeVoidAsync("gofs.cancelUpload", upload.Id);
    }
}
