using Orleans;
using Orleans.Placement;
using Orleans.Runtime;
using Orleans.Runtime.Placement;

namespace Gofs.Grains.Placement;

/// <summary>
/// The grain lives on the silo whose name is its key (or the part of it after '@'), or nowhere: it is about what that machine has.
/// </summary>
[GenerateSerializer, Immutable, Alias("gofs.placement.silo-name")]
public sealed class PinToSiloName : PlacementStrategy;

/// <summary>Marks a grain class as pinned to the silo named by its key.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class PinToSiloNameAttribute() : PlacementAttribute(new PinToSiloName());

/// <summary>
/// Finds the silo by its name among the members that are active; of two (a silo that was restarted and whose predecessor has not
/// been declared dead yet) the later.
/// </summary>
public sealed class PinToSiloNameDirector(IClusterMembershipService membership) : IPlacementDirector
{
    /// <inheritdoc/>
    /// <exception cref="GofsException">
    /// <see cref="GofsError.ChunkServerNotFound"/>: no such silo is active. Not an Orleans exception, which placement would retry for seconds.
    /// </exception>
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var name = target.GrainIdentity.Key.ToString()!;
        name = name[(name.LastIndexOf('@') + 1)..];
        var compatible = context.GetCompatibleSilos(target);
        SiloAddress? found = null;
        foreach (var member in membership.CurrentSnapshot.Members.Values)
        {
            if (member.Status == SiloStatus.Active && member.Name == name && Array.IndexOf(compatible, member.SiloAddress) >= 0
                && (found is null || member.SiloAddress.Generation > found.Generation))
                found = member.SiloAddress;
        }

        return found is null
            ? throw new GofsException(GofsError.ChunkServerNotFound, "no silo of that name is in the cluster now", name)
            : Task.FromResult(found);
    }
}
