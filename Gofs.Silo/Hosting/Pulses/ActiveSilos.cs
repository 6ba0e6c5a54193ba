namespace Gofs.Silo.Hosting.Pulses;

/// <summary>The silos that are active, as Orleans' membership has them here; the same list until that changes. For one thread.</summary>
internal sealed class ActiveSilos(IClusterMembershipService membership)
{
    private MembershipVersion version = MembershipVersion.MinValue;
    private IReadOnlyList<SiloAddress> silos = [];

    /// <summary>Those of now, this one among them once it is.</summary>
    public IReadOnlyList<SiloAddress> Now()
    {
        var snapshot = membership.CurrentSnapshot;
        if (snapshot.Version == version) return silos;
        version = snapshot.Version;
        return silos = [.. snapshot.Members.Values.Where(member => member.Status == SiloStatus.Active).Select(member => member.SiloAddress)];
    }
}
