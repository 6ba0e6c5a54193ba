using Gofs.Cluster;
using Gofs.Web.SignIn;

namespace Gofs.Web.Settings;

/// <summary>The settings of the cluster through the SDK.</summary>
internal sealed class SettingsService(GofsClient client, Session session) : ISettings
{
    /// <inheritdoc/>
    public Task<IReadOnlyList<SettingInForce>> ListAsync(CancellationToken cancellation) => client.ListSettingsAsync(cancellation);

    /// <inheritdoc/>
    public async Task ChangeAsync(ClusterSetting setting, string? value, CancellationToken cancellation) =>
        await (await session.AsAsync(ConsoleRole.Admin)).ChangeSettingsAsync([new(setting.Key, value)], cancellation);

    /// <inheritdoc/>
    public Task<IReadOnlyList<AuditEntry>> ListAuditAsync(int most, CancellationToken cancellation) => client.ListAuditAsync(most, cancellation);
}
