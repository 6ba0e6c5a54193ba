using Gofs.Cluster;
using Gofs.Namespaces;
using Gofs.Web.SignIn;

namespace Gofs.Web.Namespaces;

/// <summary>Namespaces through the SDK.</summary>
internal sealed class NamespaceService(GofsClient client, Session session) : INamespaces
{
    /// <inheritdoc/>
    public Task<NamespaceConfig> DefaultsAsync(CancellationToken cancellation) => client.GetDefaultConfigAsync(cancellation);

    /// <inheritdoc/>
    public async Task CreateAsync(string name, NamespaceConfig config, CancellationToken cancellation) =>
        await (await session.AsAsync(ConsoleRole.Admin)).CreateNamespaceAsync(name, config, cancellation);

    /// <inheritdoc/>
    public async Task ChangeAsync(string name, NamespaceConfig config, CancellationToken cancellation) =>
        await (await session.AsAsync(ConsoleRole.Admin)).Namespace(name).SetConfigAsync(config, cancellation);
}
