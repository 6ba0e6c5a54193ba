using Bunit;
using Gofs.Web.Live;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;
using MudBlazor.Services;
using Xunit;

namespace Gofs.Tests.Web;

/// <summary>Draws a page without a browser, with news and services that a test makes up.</summary>
public abstract class PageTest : IAsyncLifetime
{
    /// <summary>The longest a page is waited for; as a rule it is there at once.</summary>
    private protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private protected BunitContext Context { get; } = new();

    private protected FakeClusterWatch Watch { get; } = new();

    private protected ClusterHistory History { get; } = new();

    private protected PageVisibility Visibility { get; } = new();

    /// <summary>Where dialogs are drawn.</summary>
    private protected IRenderedComponent<MudDialogProvider> Dialogs { get; private set; } = null!;

    /// <summary>Where a page says what it did.</summary>
    private protected IRenderedComponent<MudSnackbarProvider> Said { get; private set; } = null!;

    public ValueTask InitializeAsync()
    {
        Context.JSInterop.Mode = JSRuntimeMode.Loose;
        Context.Services.AddMudServices();
        Context.Services.AddSingleton<IClusterWatch>(Watch);
        Context.Services.AddSingleton(History);
        Context.Services.AddSingleton(Visibility);
        Add(Context.Services);
        Context.Render<MudPopoverProvider>();
        Dialogs = Context.Render<MudDialogProvider>();
        Said = Context.Render<MudSnackbarProvider>();
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await Context.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Adds what the page of this class uses besides.</summary>
    protected virtual void Add(IServiceCollection services)
    {
    }

    /// <summary>Opens the page at an address below its own.</summary>
    private protected IRenderedComponent<TPage> Open<TPage>(string address = "", Action<ComponentParameterCollectionBuilder<TPage>>? with = null)
        where TPage : IComponent
    {
        Context.Services.GetRequiredService<NavigationManager>().NavigateTo(address);
        return Context.Render<TPage>(parameters => with?.Invoke(parameters));
    }

    /// <summary>Nothing has been seen of the cluster yet, and the first look fails: the page says so in one sentence, and waits no more.</summary>
    private protected void FirstLookFails<TPage>(string address)
        where TPage : IComponent
    {
        var page = Open<TPage>(address);
        Watch.Tell(ClusterNews.None with { Failure = "no silo can be reached" });
        Assert.Equal("The cluster can't be looked at: no silo can be reached.", page.Find("[role=alert]").TextContent.Trim());
        Assert.Empty(page.FindAll(".loading"));
    }

    /// <summary>Presses the button that says something.</summary>
    private protected static void Press<T>(IRenderedComponent<T> page, string text)
        where T : IComponent =>
        page.FindAll("button").Single(button => button.TextContent.Trim() == text || button.GetAttribute("aria-label") == text).Click();
}
