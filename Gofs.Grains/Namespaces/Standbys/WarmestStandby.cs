using Gofs.Cluster;
using Gofs.Grains.Control;
using Orleans;
using Orleans.Placement;
using Orleans.Runtime;
using Orleans.Runtime.Placement;

namespace Gofs.Grains.Namespaces.Standbys;

/// <summary>A namespace's master is placed where its warmest standby is.</summary>
[GenerateSerializer, Immutable, Alias("gofs.placement.warmest-standby")]
public sealed class WarmestStandby : PlacementStrategy;

/// <summary>Marks a grain class as placed where its warmest standby is.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class WarmestStandbyAttribute() : PlacementAttribute(new WarmestStandby());

/// <summary>
/// Asks the MetaServers that are active how far their standby is, all at once and not for long, and chooses the one that is furthest; a silo
/// that does not answer is not chosen. A master that moves on purpose has chosen already. Where no standby is warm, the silo the namespace likes best.
/// </summary>
internal sealed class WarmestStandbyDirector(Silos silos, LocalMetaServer local, IGrainFactory grains, TimeProvider time) : IPlacementDirector
{
    /// <inheritdoc/>
    /// <exception cref="GofsException"><see cref="GofsError.Unavailable"/>: no MetaServer is active.</exception>
    public async Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var compatible = context.GetCompatibleSilos(target);
        var active = silos.Active(SiloRoles.Meta).Where(silo => Array.IndexOf(compatible, silo.Address) >= 0).ToArray();
        var name = target.GrainIdentity.Key.ToString()!;
        if (active.Length == 0) throw new GofsException(GofsError.Unavailable, "no MetaServer is active", name);
        if (IPlacementDirector.GetPlacementHint(target.RequestContextData!, compatible) is { } chosen) return chosen;
        if (active.Length == 1) return active[0].Address;
        var standings = await Task.WhenAll(active.Select(silo => AskAsync(silo.Info.Name, silo.Address.Equals(context.LocalSilo), name)));
        var answered = active.Zip(standings).Where(one => one.Second is { IsDraining: false }).ToArray();
        if (answered.Length == 0) answered = [.. active.Zip(standings)];
        var best = answered.MaxBy(one => one.Second?.WarmNumber ?? -1);
        if (best.Second is { WarmNumber: >= 0 }) return best.First.Address;
        var liked = StandbyChoice.Ranked(name, answered.Select(one => one.First.Info.Name)).First();
        return answered.First(one => one.First.Info.Name == liked).First.Address;
    }

    private async Task<MetaServerStanding?> AskAsync(string silo, bool isLocal, string name) =>
        isLocal ? local.StandingOf(name) : await MetaServerStandings.AskAsync(grains, silo, name, time);
}
