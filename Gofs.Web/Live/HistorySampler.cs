namespace Gofs.Web.Live;

/// <summary>Fills the last hour's charts: the look that pages take anyway while somebody watches, else one of its own. One in the process.</summary>
internal sealed class HistorySampler(IClusterSource source, IClusterWatch watch, ClusterHistory history, TimeProvider time) : BackgroundService
{
    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(ClusterHistory.Every, time);
        try
        {
            do
            {
                if (await LookAsync(stoppingToken) is { } view) history.Add(view);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The console ends.
        }
    }

    private async Task<ClusterView?> LookAsync(CancellationToken stopping)
    {
        if (watch.News is { View: { } seen, IsStale: false }) return seen;
        using var patience = new CancellationTokenSource(ClusterPoll.Limit, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, stopping);
        try
        {
            return await source.LookAsync(both.Token);
        }
        catch (Exception failed) when (!stopping.IsCancellationRequested && failed is GofsException or OperationCanceledException or TimeoutException)
        {
            // The charts have a gap there, which says it.
            return null;
        }
    }
}
