using Gofs.Namespaces;

namespace Gofs.Web.Namespaces;

/// <summary>Namespaces through the SDK.</summary>
internal sealed class NamespaceService(GofsClient client) : INamespaces
{
    /// <inheritdoc/>
    public Task<NamespaceConfig> DefaultsAsync(CancellationToken cancellation) => client.GetDefaultConfigAsync(cancellation);

    /// <inheritdoc/>
    public Task CreateAsync(string name, NamespaceConfig config, CancellationToken cancellation) =>
        client.CreateNamespaceAsync(name, config, cancellation);

    /// <inheritdoc/>
    public Task ChangeAsync(string name, NamespaceConfig config, CancellationToken cancellation) =>
        client.Namespace(name).SetConfigAsync(config, cancellation);
}
