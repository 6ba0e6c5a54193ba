using Gofs.Grains.ChunkServers;

namespace Gofs.Silo.Hosting;

/// <summary>Lets this silo's scrub go on as long as the silo runs.</summary>
internal sealed class ScrubStart(Scrubber scrubber) : BackgroundService
{
    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stopping) => Task.Run(() => scrubber.RunAsync(stopping), stopping);
}
