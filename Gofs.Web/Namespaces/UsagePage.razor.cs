using Gofs.Web.Browse;
using Microsoft.AspNetCore.Components;

namespace Gofs.Web.Namespaces;

/// <summary>
/// What the directories of a namespace hold, one level at a time. It is looked at when somebody asks, not every second: it costs a walk of the tree.
/// </summary>
public sealed partial class UsagePage
{
    private (string Space, GofsPath Directory)? read;
    private GofsPath directory = GofsPath.Root;
    private DirectoryUsage? usage;
    private string? failure;
    private bool isReading;

    /// <summary>The namespace.</summary>
    [Parameter] public string Space { get; set; } = "";

    /// <summary>The directory, or null for the top.</summary>
    [SupplyParameterFromQuery] public string? Path { get; set; }

    [Inject] private IUsage Usage { get; set; } = null!;

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        var changed = false;
        await TryAsync(
            () =>
            {
                directory = string.IsNullOrEmpty(Path) ? GofsPath.Root : PathText.Parse(Path);
                changed = read != (Space, directory);
                return Task.CompletedTask;
            },
            why => (usage, failure) = (null, why));
        if (changed) await ReadAsync();
    }

    private async Task ReadAsync()
    {
        var wanted = (Space, directory);
        if (read != wanted) usage = null;
        (read, failure, isReading) = (wanted, null, true);
        DirectoryUsage? found = null;
        await TryAsync(async () => found = await Usage.ReadAsync(wanted.Space, wanted.directory, Gone), why => failure = read == wanted ? why : failure);
        if (read != wanted) return;
        (usage, isReading) = (found ?? usage, false);
    }

    private string Address(GofsPath path) => $"usage/{Uri.EscapeDataString(Space)}{(path.IsRoot ? "" : $"?path={Uri.EscapeDataString(PathText.Of(path))}")}";
}
