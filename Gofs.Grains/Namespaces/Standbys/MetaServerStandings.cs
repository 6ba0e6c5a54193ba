using Gofs.Cluster;
using Orleans;
using Orleans.Runtime;

namespace Gofs.Grains.Namespaces.Standbys;

/// <summary>Asking another silo what it is to a namespace.</summary>
internal static class MetaServerStandings
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    /// <summary>What it says, or null: it does not answer in time, or can't.</summary>
    public static async Task<MetaServerStanding?> AskAsync(IGrainFactory grains, string silo, string name, TimeProvider time)
    {
        try
        {
            return await grains.GetGrain<IMetaServerGrain>(silo).GetStandingAsync(name).WaitAsync(Patience, time);
        }
        catch (Exception silent) when (silent is GofsException or TimeoutException or OrleansException or InvalidOperationException)
        {
            return null;
        }
    }
}
