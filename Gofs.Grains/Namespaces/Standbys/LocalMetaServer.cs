using System.Collections.Concurrent;
using Gofs.Cluster;
using Gofs.Namespaces;
using Orleans;

namespace Gofs.Grains.Namespaces.Standbys;

/// <summary>The masters and standbys of this silo, and whether it is going to stop. In memory; the grains say when they come and go.</summary>
public sealed class LocalMetaServer
{
    private readonly ConcurrentDictionary<string, object> masters = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, LocalStandby> standbys = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<NamespaceFigures, bool> figures = new();
    private volatile bool isDraining;

    /// <summary>Names of the namespaces whose masters are here.</summary>
    public IReadOnlyList<string> Masters => [.. masters.Keys];

    /// <summary>Whether it takes no master any more.</summary>
    public bool IsDraining => isDraining;

    /// <summary>Whether a namespace's master is here.</summary>
    public bool HasMaster(string name) => masters.ContainsKey(name);

    /// <summary>A master is here.</summary>
    public void AddMaster(string name, object master) => masters[name] = master;

    /// <summary>A master is here no more.</summary>
    public void RemoveMaster(string name, object master) => masters.TryRemove(new(name, master));

    /// <summary>What this silo is to a namespace.</summary>
    public MetaServerStanding StandingOf(string name) => new(standbys.TryGetValue(name, out var standby) ? standby.Replica.Number : -1, isDraining);

    /// <summary>Takes no master any more; answers the names of those that are here.</summary>
    public IReadOnlyList<string> BeginDrain()
    {
        isDraining = true;
        return Masters;
    }

    /// <summary>Takes masters again.</summary>
    public void EndDrain() => isDraining = false;

    /// <summary>
    /// Moves all masters to their standbys, one after the other, and takes none any more. One that can't be moved in time stays until the
    /// silo stops: it starts elsewhere then, from Snapshot and log.
    /// </summary>
    public async Task<int> DrainAsync(IGrainFactory grains, CancellationToken cancellation)
    {
        var moved = 0;
        foreach (var name in BeginDrain())
        {
            if (await grains.GetGrain<INamespaceGrain>(name).FailoverAsync(cancellation)) moved++;
        }

        return moved;
    }

    /// <summary>The figures of the masters that are here.</summary>
    internal IEnumerable<NamespaceFigures> Figures => figures.Keys;

    /// <summary>A master shows its figures from now on.</summary>
    internal void Show(NamespaceFigures shown) => figures[shown] = true;

    /// <summary>A master shows its figures no more.</summary>
    internal void Hide(NamespaceFigures shown) => figures.TryRemove(shown, out _);

    internal LocalStandby? FindStandby(string name) => standbys.GetValueOrDefault(name);

    internal void AddStandby(string name, LocalStandby standby) => standbys[name] = standby;

    internal void RemoveStandby(string name, LocalStandby standby) => standbys.TryRemove(new(name, standby));
}
