using Gofs.ChunkServers;

namespace Gofs.Silo.Hosting;

/// <summary>
/// Keeps this silo's chunk server grain active, and with it its heartbeats: Orleans may end an activation when another silo dies that had its entry of
/// the grain directory, and nobody else would call it back.
/// </summary>
internal sealed partial class ChunkServerStart(IGrainFactory grains, ILocalSiloDetails silo, TimeProvider time, ILogger<ChunkServerStart> logger)
    : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(Every, time);
        do
        {
            try
            {
                await grains.GetGrain<IChunkServerGrain>(silo.Name).GetStatusAsync(stopping).WaitAsync(Patience, time, stopping);
            }
            catch (Exception failed) when (!stopping.IsCancellationRequested)
            {
                LogSilent(logger, failed);
            }
        }
        while (await timer.WaitForNextTickAsync(stopping));
    }

    [LoggerMessage(3031, LogLevel.Warning, "This silo's chunk server grain does not answer; it is asked again")]
    private static partial void LogSilent(ILogger logger, Exception failed);
}
