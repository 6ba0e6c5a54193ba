using Gofs.Namespaces;

namespace Gofs.Web.Namespaces;

/// <summary>The namespaces and their settings as the page uses them.</summary>
internal interface INamespaces
{
    /// <summary>The settings a new one starts from.</summary>
    Task<NamespaceConfig> DefaultsAsync(CancellationToken cancellation);

    /// <summary>Makes one.</summary>
    Task CreateAsync(string name, NamespaceConfig config, CancellationToken cancellation);

    /// <summary>Changes the settings of one.</summary>
    Task ChangeAsync(string name, NamespaceConfig config, CancellationToken cancellation);
}
