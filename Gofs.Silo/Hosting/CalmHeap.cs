using System.Runtime;

namespace Gofs.Silo.Hosting;

/// <summary>
/// Keeps collections of garbage short: everybody who waits for this silo waits for them. A full collection that stops everything takes a tenth of a
/// second beside busy clients; the runtime is told to do with those that run beside the work, unless memory runs out. What is made for the start is settled
/// once, soon after it, and not moved from generation to generation when the clients come.
/// </summary>
internal static class CalmHeap
{
    private static readonly TimeSpan StartTakes = TimeSpan.FromSeconds(5);

    /// <summary>Settles the heap of a silo that has just started.</summary>
    public static async Task SettleAsync(TimeProvider time, CancellationToken stop)
    {
        GCSettings.LatencyMode = GCLatencyMode.SustainedLowLatency;
        await Task.Delay(StartTakes, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        // Each moves what is left one generation on.
        for (var generation = 0; generation < GC.MaxGeneration && !stop.IsCancellationRequested; generation++)
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
    }
}
