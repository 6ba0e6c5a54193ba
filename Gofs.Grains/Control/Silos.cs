using System.Collections.Concurrent;
using Gofs.Cluster;
using Orleans.Runtime;
using Orleans.Runtime.MembershipService.SiloMetadata;

namespace Gofs.Grains.Control;

/// <summary>The silos of the cluster with what they said of themselves (silo metadata), as this silo's membership has them now.</summary>
public sealed class Silos(IClusterMembershipService membership, ISiloMetadataCache metadata)
{
    private readonly ConcurrentDictionary<SiloRoles, (MembershipVersion Version, IReadOnlySet<string> Names)> names = new();

    /// <summary>Metadata key of a silo's roles, separated by commas.</summary>
    public const string RolesKey = "gofs.roles";

    /// <summary>Metadata key of where clients reach it.</summary>
    public const string GatewayKey = "gofs.gateway";

    /// <summary>Metadata key of what it was started with of the settings that can be set for the cluster: <see cref="SiloInfo.OwnSettings"/>.</summary>
    public const string OwnSettingsKey = "gofs.settings";

    /// <summary>All that are not dead, by name; of two of one name (one was restarted and is not declared dead yet) the later.</summary>
    public IReadOnlyList<(SiloAddress Address, SiloInfo Info)> All() => [.. membership.CurrentSnapshot.Members.Values
        .Where(member => member.Status is not (SiloStatus.Dead or SiloStatus.None or SiloStatus.Created))
        .GroupBy(member => member.Name)
        .Select(same => same.MaxBy(member => member.SiloAddress.Generation)!)
        .OrderBy(member => member.Name, StringComparer.Ordinal)
        .Select(member => (member.SiloAddress, Describe(member)))];

    /// <summary>Those that are active and have a role.</summary>
    public IReadOnlyList<(SiloAddress Address, SiloInfo Info)> Active(SiloRoles role) =>
        [.. All().Where(silo => silo.Info.Serves(role))];

    /// <summary>
    /// Names of those that are active and have a role; worked out once for each change of the membership, as soon as every silo has said what it is.
    /// </summary>
    public IReadOnlySet<string> ActiveNames(SiloRoles role)
    {
        var version = membership.CurrentSnapshot.Version;
        if (names.TryGetValue(role, out var known) && known.Version == version && known.Names.Count > 0) return known.Names;
        var all = All();
        var active = all.Where(silo => silo.Info.Serves(role)).Select(silo => silo.Info.Name).ToHashSet(StringComparer.Ordinal);
        if (all.All(silo => silo.Info.Roles != SiloRoles.None)) names[role] = (version, active);
        return active;
    }

    private SiloInfo Describe(ClusterMember member)
    {
        var said = metadata.GetSiloMetadata(member.SiloAddress).Metadata;
        _ = Enum.TryParse<SiloRoles>(said.GetValueOrDefault(RolesKey), out var roles);
        return new(member.Name, member.SiloAddress.Endpoint.ToString(), said.GetValueOrDefault(GatewayKey) ?? "", roles, member.Status.ToString())
        {
            OwnSettings = said.GetValueOrDefault(OwnSettingsKey) ?? "",
        };
    }
}
