using Microsoft.AspNetCore.Components.Server.Circuits;

namespace Gofs.Web.Live;

/// <summary>Whether the browser shows the page of this circuit: one that is hidden, or whose browser is away, watches nothing.</summary>
internal sealed class PageVisibility : CircuitHandler
{
    private bool isShown = true;
    private bool isConnected = true;

    /// <summary>Whether it is shown.</summary>
    public bool IsVisible => isShown && isConnected;

    /// <summary>Raised when that changes.</summary>
    public event Action? Changed;

    /// <summary>Says what the browser says.</summary>
    public void Set(bool visible) => Become(visible, isConnected);

    /// <inheritdoc/>
    public override Task OnConnectionDownAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        Become(isShown, connected: false);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task OnConnectionUpAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        Become(isShown, connected: true);
        return Task.CompletedTask;
    }

    private void Become(bool shown, bool connected)
    {
        var before = IsVisible;
        (isShown, isConnected) = (shown, connected);
        if (IsVisible != before) Changed?.Invoke();
    }
}
