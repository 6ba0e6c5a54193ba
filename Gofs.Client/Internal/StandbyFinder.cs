using Gofs.Cluster;
using Gofs.Namespaces;

namespace Gofs.Internal;

/// <summary>
/// Where a namespace's warmest standby is. The MetaServers are asked, not the master, so it is known also while there is no master; the answer counts
/// for five seconds, that there is none, or that one did not answer, for one.
/// </summary>
internal sealed class StandbyFinder
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan NotSooner = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);
    private readonly ClientContext context;
    private readonly string name;
    private readonly OneForAll fetch;
    private volatile Answer? last;

    public StandbyFinder(ClientContext context, string name)
    {
        (this.context, this.name) = (context, name);
        fetch = new(FetchAsync);
    }

    /// <summary>The standby, or null: there is none that is known.</summary>
    public async ValueTask<INamespaceStandbyGrain?> FindAsync(CancellationToken cancellation)
    {
        if (last is { } known && context.Time.GetElapsedTime(known.At) < (known.Standby is null ? NotSooner : Fresh)) return known.Standby;
        await fetch.RunAsync().WaitAsync(cancellation);
        return last!.Standby;
    }

    /// <summary>It did not answer: it is left alone for a second.</summary>
    public void Doubt(INamespaceStandbyGrain standby)
    {
        if (last is { } known && ReferenceEquals(known.Standby, standby)) last = new(null, context.Time.GetTimestamp());
    }

    private async Task FetchAsync()
    {
        var standings = await Task.WhenAll((await SilosAsync()).Select(AskAsync));
        // Of several that are equally warm any, so that clients spread over them.
        var best = standings.Where(one => one.Number >= 0).OrderByDescending(one => one.Number).ThenBy(_ => context.Jitter.NextDouble()).FirstOrDefault();
        var standby = best.Silo is null ? null : context.Grains.GetGrain<INamespaceStandbyGrain>(StandbyKey.Of(name, best.Silo), null);
        last = new(standby, context.Time.GetTimestamp());
    }

    private async Task<IEnumerable<string>> SilosAsync()
    {
        try
        {
            var silos = await context.Grains.GetGrain<ISilosGrain>((long)context.Jitter.Next(), null).GetSilosAsync()
                .WaitAsync(context.Options.AttemptTimeout, context.Time);
            return silos.Where(silo => silo.Serves(SiloRoles.Meta)).Select(silo => silo.Name);
        }
        catch (Exception silent) when (IsSilence(silent))
        {
            // The master answers instead.
            return [];
        }
    }

    private async Task<(string Silo, long Number)> AskAsync(string silo)
    {
        try
        {
            var standing = await context.Grains.GetGrain<IMetaServerGrain>(silo, null).GetStandingAsync(name).WaitAsync(Patience, context.Time);
            return (silo, standing.WarmNumber);
        }
        catch (Exception silent) when (IsSilence(silent))
        {
            // One that does not answer is not asked for more.
            return (silo, -1);
        }
    }

    private static bool IsSilence(Exception failed) =>
        Failures.Translate(failed, "").Error is var error && (Failures.IsTransient(error) || error == GofsError.Internal);

    private sealed record Answer(INamespaceStandbyGrain? Standby, long At);
}
