using Gofs.ChunkServers;
using Gofs.Cluster;
using Gofs.Namespaces;
using Orleans;

namespace Gofs;

/// <summary>
/// A Gofs file system, seen from a program. Thread-safe; make one and keep it. Every failure is a
/// <see cref="GofsException"/>; every wait ends by <see cref="GofsClientOptions.OperationTimeout"/>.
/// </summary>
public sealed class GofsClient : IAsyncDisposable
{
    /// <summary>A client on an Orleans client or silo that the caller owns.</summary>
    public GofsClient(IGrainFactory grains, GofsClientOptions? options = null, TimeProvider? time = null) =>
        throw new NotImplementedException();

    /// <summary>The grains, for what the SDK does not wrap.</summary>
    public IGrainFactory Grains => throw new NotImplementedException();

    /// <summary>Starts an Orleans client of its own and connects it.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.SiloUnreachable"/>.</exception>
    public static Task<GofsClient> ConnectAsync(GofsClientOptions? options = null, CancellationToken cancellation = default) =>
        throw new NotImplementedException();

    /// <summary>One namespace. No call is made: a name that does not exist shows at the first operation.</summary>
    public GofsNamespace Namespace(string name) => throw new NotImplementedException();

    /// <summary>Makes a namespace.</summary>
    public Task<NamespaceInfo> CreateNamespaceAsync(string name, NamespaceConfig? config = null, CancellationToken cancellation = default) =>
        throw new NotImplementedException();

    /// <summary>Takes a namespace off; it must be empty unless <paramref name="force"/>.</summary>
    public Task RemoveNamespaceAsync(string name, bool force = false, CancellationToken cancellation = default) =>
        throw new NotImplementedException();

    /// <summary>The namespaces, by name.</summary>
    public Task<NamespaceInfo[]> ListNamespacesAsync(CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>The chunk servers, by id.</summary>
    public Task<ChunkServerInfo[]> ListChunkServersAsync(CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
