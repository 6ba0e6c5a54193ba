namespace Gofs.Web.Live;

/// <summary>Whether the browser shows the page of this circuit: one that is hidden watches nothing.</summary>
internal sealed class PageVisibility
{
    /// <summary>Whether it is shown.</summary>
    public bool IsVisible { get; private set; } = true;

    /// <summary>Raised when that changes.</summary>
    public event Action? Changed;

    /// <summary>Says what the browser says.</summary>
    public void Set(bool visible)
    {
        if (IsVisible == visible) return;
        IsVisible = visible;
        Changed?.Invoke();
    }
}
