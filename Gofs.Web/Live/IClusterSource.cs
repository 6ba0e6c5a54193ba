namespace Gofs.Web.Live;

/// <summary>Takes a look at the cluster.</summary>
internal interface IClusterSource
{
    /// <summary>The cluster now. A namespace that does not answer is part of the look, not its failure.</summary>
    Task<ClusterView> LookAsync(CancellationToken cancellation);
}
