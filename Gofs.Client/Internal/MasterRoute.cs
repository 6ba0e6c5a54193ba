using Gofs.Namespaces;
using Orleans;

namespace Gofs.Internal;

/// <summary>
/// How a client's requests reach a namespace's master: straight, or, once it has several under way, by a route through the gateway of the
/// master's silo (<see cref="INamespaceRouteGrain"/>). A route is looked for in the background, a few numbers at a time, with longer and longer pauses
/// where there is none: the client may not reach that gateway.
/// <para>
/// Who dies. A call by a route that fails is not known to have failed because of it, yet the next ones go straight, as if there had never been a
/// route, and another is looked for. When the master moved, the answer says so, and the same happens.
/// </para>
/// </summary>
internal sealed class MasterRoute(IGrainFactory grains, string name, TimeProvider time)
{
    /// <summary>How many routes are tried at once: with three gateways one of them is the right one.</summary>
    public const int TriedAtOnce = 6;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);
    private readonly INamespaceGrain master = grains.GetGrain<INamespaceGrain>(name, null);
    private readonly Lock gate = new();
    private volatile INamespaceRouteGrain? route;
    private TimeSpan pause = ShortestPause;
    private long? lookedAt;
    private long next;

    /// <summary>Asks the master; as <see cref="INamespaceGrain.AskAsync"/>.</summary>
    public async Task<NamespaceAnswer[]> AskAsync(INamespaceRequest[] requests)
    {
        if (route is not { } through)
        {
            // One request alone would not gain what looking costs.
            if (requests.Length > 1 && IsTimeToLook()) _ = LookAsync();
            return await master.AskAsync(requests);
        }

        var leave = true;
        try
        {
            var routed = await through.AskAsync(requests);
            leave = !routed.AtMaster;
            return routed.Answers;
        }
        finally
        {
            if (leave) Interlocked.CompareExchange(ref route, null, through);
        }
    }

    private bool IsTimeToLook()
    {
        lock (gate)
        {
            if (lookedAt is { } then && time.GetElapsedTime(then) < pause) return false;
            lookedAt = time.GetTimestamp();
            return true;
        }
    }

    private async Task LookAsync()
    {
        long first;
        lock (gate) (first, next) = (next, next + TriedAtOnce);
        var tries = Enumerable.Range(0, TriedAtOnce).Select(i => TryAsync(first + i));
        await foreach (var tried in Task.WhenEach(tries))
        {
            if (await tried is not { } found) continue;
            lock (gate) (pause, next) = (ShortestPause, first);
            route = found;
            return;
        }

        lock (gate) pause = pause + pause < LongestPause ? pause + pause : LongestPause;
    }

    // Null: it is elsewhere, or nobody says.
    private async Task<INamespaceRouteGrain?> TryAsync(long number)
    {
        try
        {
            var tried = grains.GetGrain<INamespaceRouteGrain>(number, name, null);
            return await tried.IsAtMasterAsync().WaitAsync(Patience, time) ? tried : null;
        }
        catch (Exception silent) when (silent is TimeoutException or OrleansException or GofsException or ArgumentException)
        {
            // Requests go straight meanwhile. (Argument: silos of an earlier release have no routes.)
            return null;
        }
    }
}
