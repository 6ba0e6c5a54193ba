using Orleans;
using Orleans.Concurrency;

namespace Gofs.Grains.Namespaces;

/// <summary>What the cluster tells a namespace (same key as its public interface).</summary>
[Alias("gofs.INamespaceControlGrain")]
internal interface INamespaceControlGrain : IGrainWithStringKey
{
    /// <summary>The namespace with this number is off the list: stop serving it.</summary>
    [AlwaysInterleave, Alias("Retire")]
    Task RetireAsync(int namespaceNumber);
}
