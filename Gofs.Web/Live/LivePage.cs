using Microsoft.AspNetCore.Components;

namespace Gofs.Web.Live;

/// <summary>A page that shows the cluster as it is now: it watches while it is open and visible.</summary>
public abstract class LivePage : ComponentBase, IDisposable
{
    private readonly CancellationTokenSource ending = new();
    private IDisposable? watching;
    private bool gone;

    /// <summary>A page that is not there yet.</summary>
    protected LivePage() => Gone = ending.Token;

    [Inject] private IClusterWatch Watch { get; set; } = null!;

    [Inject] private PageVisibility Visibility { get; set; } = null!;

    /// <summary>What is known.</summary>
    private protected ClusterNews News { get; private set; } = ClusterNews.None;

    /// <summary>Cancelled when the page is closed: what it waits for then is nobody's.</summary>
    private protected CancellationToken Gone { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    protected override void OnInitialized()
    {
        News = Watch.News;
        Visibility.Changed += Look;
        Look();
    }

    /// <summary>Called after each look, on the circuit's thread, before the page is drawn.</summary>
    private protected virtual Task OnNewsAsync() => Task.CompletedTask;

    /// <summary>Whether the page would show nothing else than it did with the news before: then it is not drawn again.</summary>
    private protected virtual bool ShowsTheSame(ClusterNews before) => false;

    /// <summary>Does something for the page, and hands on why it was refused. What ends because the page was closed is nobody's any more.</summary>
    private protected async Task TryAsync(Func<Task> work, Action<string> onRefused)
    {
        try
        {
            await work();
        }
        catch (GofsException refused)
        {
            onRefused(refused.Message);
        }
        catch (OperationCanceledException) when (Gone.IsCancellationRequested)
        {
            // The page has been closed; what was asked for goes on.
        }
    }

    /// <summary>Ends what the page watches.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (gone) return;
        gone = true;
        Visibility.Changed -= Look;
        watching?.Dispose();
        ending.Cancel();
        ending.Dispose();
    }

    private void Look()
    {
        watching?.Dispose();
        watching = Visibility.IsVisible ? Watch.Watch(Changed) : null;
    }

    private void Changed() => _ = InvokeAsync(async () =>
    {
        if (gone) return;
        var before = News;
        News = Watch.News;
        try
        {
            await OnNewsAsync();
        }
        catch (Exception failed)
        {
            await DispatchExceptionAsync(failed);
        }

        if (!gone && !ShowsTheSame(before)) StateHasChanged();
    });
}
