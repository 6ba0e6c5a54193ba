using Gofs.Cluster;

namespace Gofs.Web.Settings;

/// <summary>The settings of the cluster as the page uses them.</summary>
internal interface ISettings
{
    /// <summary>Every setting as it is in force.</summary>
    Task<IReadOnlyList<SettingInForce>> ListAsync(CancellationToken cancellation);

    /// <summary>Changes one; null takes back what was set.</summary>
    Task ChangeAsync(ClusterSetting setting, string? value, CancellationToken cancellation);

    /// <summary>What administrators did, the latest last.</summary>
    Task<IReadOnlyList<AuditEntry>> ListAuditAsync(int most, CancellationToken cancellation);
}
