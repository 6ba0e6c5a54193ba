using System.Net;
using Gofs.Cluster;
using Orleans;
using Orleans.Messaging;
using Orleans.Runtime;

namespace Gofs.Internal;

/// <summary>
/// The gateways a client knows: at first those it was configured with, then, asked of the cluster once a second, those of the silos that are
/// active. Why: a silo that hangs keeps its connections open, so only the cluster's word (it was declared dead) makes the client leave it; and a
/// silo that joined later takes its share of the calls. The question goes to two activations at once, other ones each time, so that one gateway
/// that hangs does not keep the answer; when none comes for a while, the configured ones count again.
/// </summary>
internal sealed class LiveGateways : IGatewayListProvider, IAsyncDisposable
{
    private const int MostFailures = 10;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(250);
    private readonly IReadOnlyList<Uri> configured;
    private readonly TimeProvider time;
    private readonly CancellationTokenSource stop = new();
    private volatile IReadOnlyList<Uri> known;
    private Task asking = Task.CompletedTask;

    public LiveGateways(IEnumerable<IPEndPoint> gateways, TimeProvider time)
    {
        configured = [.. gateways.Select(gateway => gateway.ToGatewayUri())];
        known = configured;
        this.time = time;
    }

    /// <summary>How often Orleans looks at the list.</summary>
    public TimeSpan MaxStaleness => Refresh;

    public bool IsUpdatable => true;

    public Task InitializeGatewayListProvider() => Task.CompletedTask;

    public Task<IList<Uri>> GetGateways() => Task.FromResult<IList<Uri>>([.. known]);

    /// <summary>Begins to ask; once, when the client is connected.</summary>
    public void Follow(IGrainFactory grains) => asking = FollowAsync(grains);

    public async ValueTask DisposeAsync()
    {
        // Twice: by the connection, before Orleans ends, and by the parts it was given to.
        if (stop.IsCancellationRequested) return;
        await stop.CancelAsync();
        await asking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.Dispose();
    }

    private async Task FollowAsync(IGrainFactory grains)
    {
        using var timer = new PeriodicTimer(Every, time);
        var failures = 0;
        for (var key = 0L; await timer.WaitForNextTickAsync(stop.Token); key += 2)
        {
            var gateways = await AskAsync(grains, key);
            if (gateways.Count > 0) (known, failures) = (gateways, 0);
            else if (++failures == MostFailures) known = configured;
        }
    }

    private async Task<IReadOnlyList<Uri>> AskAsync(IGrainFactory grains, long key)
    {
        try
        {
            Task<SiloInfo[]>[] both = [grains.GetGrain<ISilosGrain>(key).GetSilosAsync(), grains.GetGrain<ISilosGrain>(key + 1).GetSilosAsync()];
            var silos = await await Task.WhenAny(both).WaitAsync(Every, time, stop.Token);
            return [.. silos
                .Where(silo => silo.IsActive)
                .Select(silo => IPEndPoint.TryParse(silo.Gateway, out var at) ? at.ToGatewayUri() : null)
                .OfType<Uri>()];
        }
        catch (Exception silent) when (silent is TimeoutException or OrleansException or GofsException)
        {
            // Asked again in a second, of others.
            return [];
        }
    }
}
