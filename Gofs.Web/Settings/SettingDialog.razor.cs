using Gofs.Cluster;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace Gofs.Web.Settings;

/// <summary>
/// The form of one setting. A change that reaches what is there says first what it does, and is made when somebody presses again; the form closes only when
/// the cluster has taken it.
/// </summary>
public sealed partial class SettingDialog
{
    private string text = "";
    private string? asked;
    private string? consequence;
    private string? fault;
    private string? failure;
    private bool isBusy;

    /// <summary>The setting, as it is in force.</summary>
    [Parameter, EditorRequired] public SettingInForce One { get; set; } = null!;

    [CascadingParameter] private IMudDialogInstance? Dialog { get; set; }

    [Inject] private ISettings Settings { get; set; } = null!;

    /// <inheritdoc/>
    protected override void OnInitialized() => text = SettingText.Field(One.Setting, One.Value);

    private async Task SaveAsync()
    {
        if (isBusy) return;
        (fault, failure) = (null, null);
        if (SettingText.Read(One.Setting, text) is not { } value)
        {
            (fault, asked, consequence) = ($"It is {SettingText.Range(One.Setting)}.", null, null);
            return;
        }

        if (asked != value && SettingText.Consequence(One.Setting, One.Value, value) is { } does)
        {
            (asked, consequence) = (value, does);
            return;
        }

        isBusy = true;
        try
        {
            await Settings.ChangeAsync(One.Setting, value, default);
            Dialog?.Close(DialogResult.Ok(value));
        }
        catch (GofsException refused)
        {
            (failure, asked, consequence) = (refused.Message, null, null);
        }
        finally
        {
            isBusy = false;
        }
    }
}
