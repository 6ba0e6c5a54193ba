using Gofs.Grains.Namespaces.Standbys;

namespace Gofs.Silo.Hosting;

/// <summary>
/// Before a silo stops in order, its masters move to their standbys, so that nobody waits for a Snapshot to be read. It is started last, so it is
/// stopped first, while the silo still serves.
/// </summary>
internal sealed partial class MasterHandOver(LocalMetaServer local, IGrainFactory grains, ILogger<MasterHandOver> logger) : IHostedService
{
    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        try
        {
            await local.DrainAsync(grains, cancellationToken);
        }
        catch (Exception failed) when (failed is GofsException or TimeoutException or OperationCanceledException or Orleans.Runtime.OrleansException)
        {
            LogNotMoved(logger, failed);
        }
    }

    [LoggerMessage(4001, LogLevel.Warning, "Not every master could be moved before the silo stops; they start elsewhere from Snapshot and log")]
    private static partial void LogNotMoved(ILogger logger, Exception failed);
}
