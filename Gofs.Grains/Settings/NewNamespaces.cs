using Gofs.Namespaces;

namespace Gofs.Grains.Settings;

/// <summary>What namespaces are made with when nobody says otherwise.</summary>
/// <param name="Config">Their settings.</param>
public sealed record NewNamespaces(NamespaceConfig Config)
{
    /// <summary>Of a file system on one machine: <see cref="NamespaceConfig.Default"/>.</summary>
    public static NewNamespaces Embedded => new(NamespaceConfig.Default);

    /// <summary>Of a cluster: three replicas.</summary>
    public static NewNamespaces Cluster => new(NamespaceConfig.Default with { Goal = 3 });
}
