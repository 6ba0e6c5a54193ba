using Gofs.Namespaces;
using Gofs.Web.Parts;
using Microsoft.AspNetCore.Components;

namespace Gofs.Web.EditLog;

/// <summary>The records of a namespace's EditLog: the last ones as they come, or a part further back.</summary>
public sealed partial class EditLogPage
{
    private const int PageRecords = 200;
    private const int MaxRecords = 1000;

    private (string? Space, long? From) read;
    private List<EditLogLine>? lines;
    private string? failure;
    private bool isFollowing = true;
    private bool isReading;

    /// <summary>The namespace, or null for the first.</summary>
    [SupplyParameterFromQuery] public string? Space { get; set; }

    /// <summary>Only records with this text are shown.</summary>
    [SupplyParameterFromQuery] public string? Filter { get; set; }

    /// <summary>The first record that is shown, or null for the last ones.</summary>
    [SupplyParameterFromQuery] public long? From { get; set; }

    [Inject] private IEditLogs EditLogs { get; set; } = null!;

    [Inject] private NavigationManager Navigation { get; set; } = null!;

    private string? Chosen => Space ?? (News.View?.Namespaces is [var first, ..] ? first.Name : null);

    private IEnumerable<EditLogLine> Shown => string.IsNullOrWhiteSpace(Filter) ? lines! : lines!.Where(Matches);

    private string CountText => lines is null or [] ? ""
        : $"{Texts.Count(Shown.LongCount(), "record")} of {Texts.Count(lines[0].Number)} to {Texts.Count(lines[^1].Number)}";

    /// <inheritdoc/>
    protected override Task OnParametersSetAsync() => ReadAsync();

    /// <inheritdoc/>
    private protected override Task OnNewsAsync() => ReadAsync();

    private bool Matches(EditLogLine line) => Filter!.Split(' ', StringSplitOptions.RemoveEmptyEntries).All(word =>
        line.Text.Contains(word, StringComparison.OrdinalIgnoreCase) || line.Kind.Contains(word, StringComparison.OrdinalIgnoreCase)
        || (line.By?.ToString().Contains(word, StringComparison.OrdinalIgnoreCase) ?? false)
        || (line.At is { } at && Texts.Moment(at).Contains(word, StringComparison.Ordinal)));

    /// <summary>Reads what is wanted and not there: another part, or, at the end, what has come since.</summary>
    private async Task ReadAsync()
    {
        if (Chosen is not { } space || isReading) return;
        var isNew = read != (space, From);
        if (isNew) (read, lines, failure) = ((space, From), null, null);
        else if (lines is not null && (From is not null || !isFollowing || EndOf(space) <= lines.LastOrDefault()?.Number)) return;
        isReading = true;
        try
        {
            await TryAsync(
                async () =>
                {
                    var from = From ?? (lines is null or [] ? 0 : lines[^1].Number + 1);
                    var got = await EditLogs.ReadAsync(space, from, PageRecords, Gone);
                    if (read != (space, From)) return;
                    (lines ??= []).AddRange(got);
                    if (lines.Count > MaxRecords) lines.RemoveRange(0, lines.Count - MaxRecords);
                    failure = null;
                },
                why => failure = why);
        }
        finally
        {
            isReading = false;
        }
    }

    private long EndOf(string space) => News.View?.Namespaces.FirstOrDefault(one => one.Name == space)?.Status?.EditLogNumber ?? long.MaxValue;

    private void Go(string? space, string? filter, long? from)
    {
        var query = new Dictionary<string, object?> { ["space"] = space, ["filter"] = string.IsNullOrEmpty(filter) ? null : filter, ["from"] = from };
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameters(query), replace: true);
    }
}
