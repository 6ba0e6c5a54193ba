using Gofs.Cluster;
using Gofs.Namespaces;
using Orleans;

namespace Gofs.Grains.Control;

/// <summary>What a load of a dump asks of the cluster (same key as its public interface).</summary>
[Alias("gofs.IClusterControlGrain")]
internal interface IClusterControlGrain : IGrainWithIntegerKey
{
    /// <summary>
    /// Keeps a name and a number (0: a new one) for a namespace that is going to be loaded. Nobody finds it before <see cref="EndLoadAsync"/>; a
    /// load of the same name that was cut off is given up.
    /// </summary>
    [Alias("BeginLoad")]
    Task<NamespaceInfo> BeginLoadAsync(string name, int number, NamespaceConfig config, CancellationToken cancellation = default);

    /// <summary>The namespace is loaded, and on the list from now on; or the load is given up, and what it left is deleted. Idempotent.</summary>
    [Alias("EndLoad")]
    Task EndLoadAsync(string name, int number, bool done, CancellationToken cancellation = default);
}
