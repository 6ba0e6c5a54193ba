using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace Gofs.Web.Namespaces;

/// <summary>The form of a namespace's settings: it closes only when the MetaServer has taken them.</summary>
public sealed partial class NamespaceDialog
{
    private IReadOnlyDictionary<string, string> faults = new Dictionary<string, string>();
    private string? failure;
    private bool isBusy;

    /// <summary>What is typed.</summary>
    [Parameter, EditorRequired] public NamespaceForm Form { get; set; } = null!;

    /// <summary>Whether one is to be made.</summary>
    [Parameter] public bool IsNew { get; set; }

    /// <summary>What its button says.</summary>
    [Parameter, EditorRequired] public string Act { get; set; } = "";

    [CascadingParameter] private IMudDialogInstance? Dialog { get; set; }

    [Inject] private INamespaces Spaces { get; set; } = null!;

    private RenderFragment Field(string label, string name, string value, Action<string> set, string hint) => draw =>
    {
        var fault = faults.GetValueOrDefault(name);
        draw.OpenElement(0, "label");
        draw.AddAttribute(1, "class", "field");
        draw.AddContent(2, label);
        draw.OpenElement(3, "input");
        draw.AddAttribute(4, "class", "text");
        draw.AddAttribute(5, "name", name);
        draw.AddAttribute(6, "placeholder", hint);
        draw.AddAttribute(7, "autocomplete", "off");
        draw.AddAttribute(8, "spellcheck", "false");
        draw.AddAttribute(9, "aria-invalid", fault is null ? null : "true");
        draw.AddAttribute(10, "value", value);
        draw.AddAttribute(11, "oninput", EventCallback.Factory.CreateBinder<string>(this, set, value));
        draw.SetUpdatesAttributeName("value");
        draw.CloseElement();
        if (fault is not null)
        {
            draw.OpenElement(12, "span");
            draw.AddAttribute(13, "class", "fault");
            draw.AddAttribute(14, "role", "alert");
            draw.AddContent(15, fault + ".");
            draw.CloseElement();
        }

        draw.CloseElement();
    };

    private async Task SaveAsync()
    {
        (var config, faults) = Form.Read();
        failure = null;
        if (config is null || isBusy) return;
        isBusy = true;
        try
        {
            await (IsNew ? Spaces.CreateAsync(Form.Name, config, default) : Spaces.ChangeAsync(Form.Name, config, default));
            Dialog?.Close();
        }
        catch (GofsException refused)
        {
            failure = refused.Message;
        }
        finally
        {
            isBusy = false;
        }
    }
}
