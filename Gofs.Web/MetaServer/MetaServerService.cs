using Gofs.Cluster;
using Gofs.Web.SignIn;

namespace Gofs.Web.MetaServer;

/// <summary>The MetaServer through the SDK.</summary>
internal sealed class MetaServerService(Session session) : IMetaServer
{
    /// <inheritdoc/>
    public async Task<MasterMove> FailoverAsync(string space, CancellationToken cancellation) =>
        await (await session.AsAsync(ConsoleRole.Operator)).Namespace(space).FailoverAsync(cancellation: cancellation);

    /// <inheritdoc/>
    public async Task<long> SnapshotAsync(string space, CancellationToken cancellation) =>
        await (await session.AsAsync(ConsoleRole.Operator)).Namespace(space).SnapshotAsync(cancellation);
}
