using Gofs.Web.Hosting;
using Gofs.Web.Live;
using Gofs.Web.SignIn;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.JSInterop;

namespace Gofs.Web.Shell;

/// <summary>What is around every page: the way to the others, light or dark, and whether the browser shows it at all.</summary>
public sealed partial class MainLayout
{
    private DotNetObjectReference<MainLayout>? self;
    private ErrorBoundary? boundary;
    private bool isDark;
    private string? user;
    private string role = "";

    /// <summary>Whether the theme is known: nothing is drawn light first and dark then.</summary>
    private bool isReady;

    private bool isOpen;

    [Inject] private ConsoleOptions Options { get; set; } = null!;

    [Inject] private PageVisibility Visibility { get; set; } = null!;

    [Inject] private Session Session { get; set; } = null!;

    [Inject] private AuthenticationStateProvider SignedIn { get; set; } = null!;

    [Inject] private NavigationManager Navigation { get; set; } = null!;

    [Inject] private IJSRuntime Script { get; set; } = null!;

    private string SkipTarget => Navigation.ToBaseRelativePath(Navigation.Uri).Split('#')[0] + "#page";

    /// <summary>The browser shows or hides the page.</summary>
    [JSInvokable]
    public void Shown(bool visible) => Visibility.Set(visible);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Navigation.LocationChanged -= Moved;
        if (Options.HasSignIn) SignedIn.AuthenticationStateChanged -= SignedInChanged;
        if (self is null) return;
        try
        {
            await Script.InvokeVoidAsync("gofs.end");
        }
        catch (JSDisconnectedException)
        {
            // The browser is gone, and its listeners with it.
        }

        self.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        Navigation.LocationChanged += Moved;
        if (!Options.HasSignIn) return;
        SignedIn.AuthenticationStateChanged += SignedInChanged;
        (user, role) = (await Session.NameAsync(), (await Session.RoleAsync()).ToString().ToLowerInvariant());
    }

    /// <inheritdoc/>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender) return;
        self = DotNetObjectReference.Create(this);
        isDark = await Script.InvokeAsync<bool>("gofs.begin", self);
        isReady = true;
        StateHasChanged();
    }

    private async Task SwitchThemeAsync()
    {
        isDark = !isDark;
        await Script.InvokeVoidAsync("gofs.setTheme", isDark);
    }

    private async Task SignOutAsync() => await Script.InvokeVoidAsync("gofs.signOut");

    // He is no user any more: what is open is closed.
    private void SignedInChanged(Task<AuthenticationState> state) => _ = InvokeAsync(async () =>
    {
        if ((await state).User.Identity is not { IsAuthenticated: true }) Navigation.NavigateTo("sign-in", forceLoad: true);
    });

    private void Moved(object? sender, LocationChangedEventArgs move)
    {
        isOpen = false;
        boundary?.Recover();
        _ = InvokeAsync(StateHasChanged);
    }
}
