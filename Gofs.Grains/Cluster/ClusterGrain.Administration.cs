using Gofs.ChunkServers;
using Gofs.Cluster;

namespace Gofs.Grains.Cluster;

/// <summary>
/// Settings of the cluster, and what administrators did. Why here: the list of namespaces is kept by one that all ask, and so is this. A silo asks every
/// second whether there is a later revision (<see cref="Settings.SharedSettings"/>). Who dies: this grain comes back with what is kept; silos have what
/// they knew.
/// </summary>
internal sealed partial class ClusterGrain
{
    private ClusterSettings savedSettings = ClusterSettings.None;
    private AuditEntry[] savedAudit = [];

    /// <inheritdoc/>
    public Task<ClusterSettings?> GetSettingsAsync(long knownRevision, CancellationToken cancellation) =>
        Task.FromResult(knownRevision == savedSettings.Revision ? null : savedSettings);

    /// <inheritdoc/>
    public async Task<ClusterSettings> ChangeSettingsAsync(SettingChange[] changes, CancellationToken cancellation)
    {
        State.Change(changes, newNamespaces.Config, Caller.Current, time.GetUtcNow());
        await SaveAsync();
        return savedSettings;
    }

    /// <inheritdoc/>
    public Task<AuditEntry[]> ListAuditAsync(int most, CancellationToken cancellation) =>
        Task.FromResult(savedAudit.TakeLast(Math.Clamp(most, 0, AuditEntry.Most)).ToArray());

    private void Note(string act, string text) => State.Note(Caller.Current, act, text, time.GetUtcNow());

    private static string ActOf(ServerMark mark) => mark switch
    {
        ServerMark.Drain => "cs drain",
        ServerMark.Maintenance => "cs maintenance",
        _ => "cs rejoin",
    };

    private void ShowSavedAdministration()
    {
        (savedSettings, savedAudit, savedUsers) = (State.InForce(), [.. State.Audit], [.. State.ConsoleUsers]);
        shared.Learn(savedSettings);
        servers.DeadTime = options.CurrentValue.DeadTime;
    }
}
