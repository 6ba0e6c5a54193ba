namespace Gofs.Web.MetaServer;

/// <summary>The MetaServer through the SDK.</summary>
internal sealed class MetaServerService(GofsClient client) : IMetaServer
{
    /// <inheritdoc/>
    public Task<MasterMove> FailoverAsync(string space, CancellationToken cancellation) => client.Namespace(space).FailoverAsync(cancellation: cancellation);

    /// <inheritdoc/>
    public Task<long> SnapshotAsync(string space, CancellationToken cancellation) => client.Namespace(space).SnapshotAsync(cancellation);
}
