using Gofs.Web.Parts;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace Gofs.Web.Live;

/// <summary>A live page that does things: it asks first where that is needed, does one at a time, and says what came of it.</summary>
public abstract class ActingPage : LivePage
{
    [Inject] private protected IDialogService Dialogs { get; set; } = null!;

    [Inject] private protected ISnackbar Snackbar { get; set; } = null!;

    /// <summary>Whether something is being done.</summary>
    private protected bool IsBusy { get; private set; }

    /// <summary>Asks whether something is to be done.</summary>
    /// <param name="title">The question.</param>
    /// <param name="text">What it does.</param>
    /// <param name="act">What the button says.</param>
    /// <param name="typedName">What has to be typed first, or null.</param>
    /// <param name="isDangerous">Whether something is lost by it.</param>
    private protected async Task<bool> AskAsync(string title, string text, string act, string? typedName = null, bool isDangerous = false)
    {
        var parameters = new DialogParameters<ConfirmDialog>
        {
            { one => one.Text, text }, { one => one.Act, act }, { one => one.TypedName, typedName }, { one => one.IsDangerous, isDangerous },
        };
        return await (await Dialogs.ShowAsync<ConfirmDialog>(title, parameters)).Result is { Canceled: false };
    }

    /// <summary>Does something that answers what is to be said of it; a refusal is said as well.</summary>
    private protected async Task DoAsync(Func<Task<string>> act)
    {
        IsBusy = true;
        try
        {
            await SayAsync(act);
        }
        finally
        {
            IsBusy = false;
        }
    }

    /// <summary>The same beside others.</summary>
    private protected Task SayAsync(Func<Task<string>> act) =>
        TryAsync(async () => Snackbar.Add(await act(), Severity.Success), why => Snackbar.Add(Texts.Sentence(why), Severity.Error));
}
