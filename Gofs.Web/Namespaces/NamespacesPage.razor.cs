using Gofs.Web.Live;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace Gofs.Web.Namespaces;

/// <summary>The namespaces, their quotas and settings; makes new ones.</summary>
public sealed partial class NamespacesPage
{
    private string? failure;
    private bool offered;

    /// <summary>Set when somebody came to make one.</summary>
    [SupplyParameterFromQuery] public string? New { get; set; }

    [Inject] private INamespaces Spaces { get; set; } = null!;

    [Inject] private IDialogService Dialogs { get; set; } = null!;

    [Inject] private ISnackbar Snackbar { get; set; } = null!;

    [Inject] private NavigationManager Navigation { get; set; } = null!;

    /// <inheritdoc/>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (New is null || offered) return;
        offered = true;
        await CreateAsync();
    }

    private Task CreateAsync() => TryAsync(
        async () =>
        {
            var form = NamespaceForm.Of("", await Spaces.DefaultsAsync(Gone));
            failure = null;
            var done = await AskAsync("New namespace", form, isNew: true, "Make it");
            if (New is not null) Navigation.NavigateTo("namespaces", replace: true);
            if (done) Snackbar.Add($"Namespace {form.Name} is there.", Severity.Success);
        },
        why =>
        {
            failure = why;
            StateHasChanged();
        });

    private async Task ChangeAsync(NamespaceView space)
    {
        var form = NamespaceForm.Of(space.Name, space.Status!.Config);
        if (await AskAsync($"Settings of {space.Name}", form, isNew: false, "Change")) Snackbar.Add($"The settings of {space.Name} are changed.", Severity.Success);
    }

    private async Task<bool> AskAsync(string title, NamespaceForm form, bool isNew, string act)
    {
        var parameters = new DialogParameters<NamespaceDialog> { { one => one.Form, form }, { one => one.IsNew, isNew }, { one => one.Act, act } };
        return await (await Dialogs.ShowAsync<NamespaceDialog>(title, parameters)).Result is { Canceled: false };
    }
}
