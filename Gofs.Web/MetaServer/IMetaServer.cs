namespace Gofs.Web.MetaServer;

/// <summary>What the MetaServer's page can do.</summary>
internal interface IMetaServer
{
    /// <summary>Moves a namespace's master to its warmest standby.</summary>
    Task<MasterMove> FailoverAsync(string space, CancellationToken cancellation);

    /// <summary>Writes a Snapshot; answers its EditLog number.</summary>
    Task<long> SnapshotAsync(string space, CancellationToken cancellation);
}
