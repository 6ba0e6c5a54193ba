using System.Collections.Immutable;
using Gofs.Cluster;
using Gofs.Grains.Control;
using Gofs.Tests.Sdk.Fakes;
using Orleans.Runtime;
using Orleans.Runtime.MembershipService.SiloMetadata;

namespace Gofs.Tests.Simulation;

/// <summary>The membership of a cluster in place of Orleans': it declares silos dead as it is told to, also those that are not.</summary>
internal sealed class SimMembership<TSilo>
    where TSilo : SimHost
{
    private readonly SiloMetadata metadata = new();
    private long version;

    public SimMembership(SiloRoles roles)
    {
        typeof(SiloMetadata).GetProperty(nameof(metadata.Metadata))!
            .SetValue(metadata, ImmutableDictionary<string, string>.Empty.Add(Silos.RolesKey, roles.ToString()));
        Silos = new(
            Fake.Of<IClusterMembershipService>((method, _) => method == "get_CurrentSnapshot" ? Members() : Fake.Unexpected(method)),
            Fake.Of<ISiloMetadataCache>((_, _) => metadata));
    }

    /// <summary>As grains see it.</summary>
    public Silos Silos { get; }

    /// <summary>The last start of each silo.</summary>
    public List<TSilo> All { get; } = [];

    /// <summary>Those that nobody takes for dead.</summary>
    public TSilo[] There => [.. All.Where(silo => !silo.IsDeclaredDead)];

    /// <summary>A silo is started again; what of its former start is still there is killed.</summary>
    public void Restart(TSilo silo, Func<string, TSilo> start)
    {
        silo.Process.Kill();
        silo.IsDeclaredDead = true;
        All[All.IndexOf(silo)] = start(silo.Process.Name);
        version++;
        silo.Process.Note("starts again");
    }

    /// <summary>The others take a silo for dead.</summary>
    public void DeclareDead(TSilo silo)
    {
        if (silo.IsDeclaredDead) return;
        silo.IsDeclaredDead = true;
        silo.Process.Note("is declared dead");
        version++;
    }

    private ClusterMembershipSnapshot Members() => new(
        All.ToImmutableDictionary(
            silo => silo.Address, silo => new ClusterMember(silo.Address, silo.IsDeclaredDead ? SiloStatus.Dead : SiloStatus.Active, silo.Process.Name)),
        new(version));
}
