using Gofs.Namespaces;
using Gofs.Web.Parts;
using Microsoft.AspNetCore.Components;

namespace Gofs.Web.Leases;

/// <summary>Files of a namespace that are open for writing: who has them, where they write, and how they are taken away.</summary>
public sealed partial class LeasesPage
{
    private const int MaxFiles = 100;
    private const int MaxChunks = 3;
    private static readonly TimeSpan ReadEvery = TimeSpan.FromSeconds(2);

    private (string? Space, string? Search) read;
    private DateTimeOffset readAt;
    private LeasedFiles? open;
    private string? failure;
    private bool isReading;

    /// <summary>The namespace, or null for the first with an open file.</summary>
    [SupplyParameterFromQuery] public string? Space { get; set; }

    /// <summary>Only files with this text in their path.</summary>
    [SupplyParameterFromQuery] public string? Search { get; set; }

    [Inject] private ILeases Leases { get; set; } = null!;

    [Inject] private NavigationManager Navigation { get; set; } = null!;

    private string? Chosen => Space ?? read.Space ?? News.View?.Namespaces.OrderByDescending(one => one.Status?.OpenFiles > 0).FirstOrDefault()?.Name;

    private string CountText => open is null ? ""
        : open.Found > open.Files.Count ? $"the {open.Files.Count} that are open longest of {Texts.Count(open.Found)}" : Texts.Count(open.Found, "file");

    /// <inheritdoc/>
    protected override Task OnParametersSetAsync() => ReadAsync(again: false);

    /// <inheritdoc/>
    private protected override Task OnNewsAsync() => ReadAsync(again: News.Now - readAt >= ReadEvery);

    private static string PathOf(OpenFile file) => file.Path?.ToString() ?? $"inode {file.Inode}";

    private static string HolderOf(LeasedFile one) => one.Leases switch
    {
        null => "its grain does not answer",
        { Count: 0 } => "nobody that lives: it is closed soon",
        { Count: 1, IsAppend: false } only => only.Leases[0].Holder.ToString(),
        { Count: 1 } only => $"{only.Leases[0].Holder}, appends records",
        var many => $"{many.Leases[0].Holder} and {Texts.Count(many.Count - 1)} more append records",
    };

    private static string LeftOf(LeasedFile one) => one.Leases is { Leases: [var first, ..] } ? Texts.Span(first.Left) : "–";

    private async Task ReadAsync(bool again)
    {
        if (Chosen is not { } space || isReading) return;
        var wanted = (space, Search);
        if (wanted == read && !again) return;
        if (wanted != read) (open, failure) = (null, null);
        (read, readAt, isReading) = (wanted, News.Now, true);
        try
        {
            await TryAsync(
                async () =>
                {
                    var got = await Leases.ListAsync(space, Search ?? "", MaxFiles, Gone);
                    if (read == wanted) (open, failure) = (got, null);
                },
                why => failure = why);
        }
        finally
        {
            isReading = false;
        }
    }

    private async Task BreakAsync(LeasedFile one)
    {
        var (path, loss) = (PathOf(one.File), one.File.IsNamed ? "What was not flushed is lost" : "It has no name yet, so all that was written is lost");
        var text = $"{path} is taken from {HolderOf(one)}. {loss}, and the writer's next call fails. Clients that append records join again.";
        if (!await AskAsync($"Break the lease of {path}?", text, "Break the lease", one.File.Path?.NameText, isDangerous: true)) return;
        await DoAsync(async () =>
        {
            await Leases.BreakAsync(read.Space!, one.File, Gone);
            await ReadAsync(again: true);
            return $"The lease of {path} is broken.";
        });
    }

    private void Go(string? space, string? search) => Navigation.NavigateTo(
        Navigation.GetUriWithQueryParameters(new Dictionary<string, object?> { ["space"] = space, ["search"] = string.IsNullOrEmpty(search) ? null : search }),
        replace: true);
}
