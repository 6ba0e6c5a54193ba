using Gofs.Namespaces;

namespace Gofs.Internal;

/// <summary>
/// Brings a busy client's calls to the gateway of the silo that is master of the namespace it works in. Why: Orleans gives each grain one of the
/// gateways in turn and stays with it, and a call that comes in elsewhere than where it ends is read, written and read again on the way: with gateway
/// and master on one silo two cores made 1.3 times the directories a second and answered twice the lookups.
/// <para>
/// How: Orleans leaves a gateway that is not listed. So for a moment only the master's is, until a call to the master has gone there; from then on Orleans
/// stays with it as long as it lives, and all are listed again. The price: calls on the way through other gateways have no answer and are made again
/// after <see cref="RetryPolicy"/>'s first patience, once. So only a client with many calls moves, when it has worked for a second, and after a failover.
/// </para>
/// <para>
/// When a party dies. The master, meanwhile or later: its gateway leaves the list, Orleans takes another, and when there is a new master this begins again. The
/// client's other connections: they were of no use. A master that hangs: the moment ends after a second.
/// </para>
/// </summary>
internal sealed class NearGateway : IAsyncDisposable
{
    private const int BusyCalls = 200;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private readonly LiveGateways gateways;
    private readonly ClientContext context;
    private readonly CancellationTokenSource stop = new();
    private readonly Task running;
    private volatile string? name;
    private string? near;

    /// <summary>Begins to look, once a second.</summary>
    public NearGateway(LiveGateways gateways, ClientContext context)
    {
        (this.gateways, this.context) = (gateways, context);
        running = context.Options.DataPorts ? RunAsync() : Task.CompletedTask; // bytes that go over grains are not sent again after half a second
    }

    /// <summary>The client works in this namespace now.</summary>
    public void WorkIn(string namespaceName) => name = namespaceName;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (stop.IsCancellationRequested) return;
        await stop.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.Dispose();
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Every, context.Time);
        for (var before = context.Retry.Calls; await timer.WaitForNextTickAsync(stop.Token);)
        {
            var now = context.Retry.Calls;
            if (near is not null && gateways.Of(near) is null) near = null;
            if (name is { } busy && now - before >= BusyCalls && gateways.Count > 1) await ApproachAsync(busy);
            before = context.Retry.Calls;
        }
    }

    private async Task ApproachAsync(string namespaceName)
    {
        var master = context.Grains.GetGrain<INamespaceGrain>(namespaceName, null);
        try
        {
            var silo = (await StatusAsync(master)).Silo;
            if (silo == near || gateways.Of(silo) is not { } gateway) return;
            using (gateways.OnlyFor(gateway))
            {
                await Task.Delay(LiveGateways.Refresh * 2, context.Time, stop.Token);
                await StatusAsync(master);
            }

            near = silo;
        }
        catch (Exception failure) when (!Failures.IsOwnCancellation(failure, stop.Token))
        {
            // A failover, or the namespace is gone: whoever works in it is told, and here it is looked at again in a second.
        }
    }

    private Task<NamespaceStatus> StatusAsync(INamespaceGrain master) => master.GetStatusAsync(stop.Token).WaitAsync(Every, context.Time, stop.Token);
}
