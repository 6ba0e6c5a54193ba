using Gofs.ChunkServers;
using Gofs.Cluster;
using Gofs.Internal;
using Gofs.Namespaces;
using Orleans;

namespace Gofs;

/// <summary>
/// A Gofs file system, seen from a program. Thread-safe; make one and keep it. Every failure is a
/// <see cref="GofsException"/>; every wait ends by <see cref="GofsClientOptions.OperationTimeout"/>.
/// </summary>
public sealed partial class GofsClient : IAsyncDisposable
{
    private readonly ClientContext context;
    private readonly OrleansConnection? connection;

    /// <summary>A client on an Orleans client or silo that the caller owns.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.InvalidArgument"/>: options out of range, all faults at once.</exception>
    public GofsClient(IGrainFactory grains, GofsClientOptions? options = null, TimeProvider? time = null)
        : this(new ClientContext(grains, Validated(options), time ?? TimeProvider.System))
    {
    }

    internal GofsClient(ClientContext context, OrleansConnection? connection = null)
    {
        this.context = context;
        this.connection = connection;
    }

    /// <summary>The grains, for what the SDK does not wrap.</summary>
    public IGrainFactory Grains => context.Grains;

    /// <summary>Starts an Orleans client of its own and connects it.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.SiloUnreachable"/>, <see cref="GofsError.InvalidArgument"/>.</exception>
    public static async Task<GofsClient> ConnectAsync(GofsClientOptions? options = null, CancellationToken cancellation = default)
    {
        var valid = Validated(options);
        var time = TimeProvider.System;
        var connection = await OrleansConnection.OpenAsync(valid, time, cancellation);
        return new GofsClient(new ClientContext(connection.Grains, valid, time), connection);
    }

    /// <summary>One namespace. No call is made: a name that does not exist shows at the first operation.</summary>
    public GofsNamespace Namespace(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return new GofsNamespace(context, name);
    }

    /// <summary>The settings of a namespace that is made without any: one replica in an embedded file system, three in a cluster.</summary>
    public Task<NamespaceConfig> GetDefaultConfigAsync(CancellationToken cancellation = default) =>
        context.Retry.RunAsync("", context.Cluster, static (cluster, token) => cluster.GetDefaultConfigAsync(token), cancellation);

    /// <summary>Makes a namespace; without settings, with those of <see cref="GetDefaultConfigAsync"/>.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.NamespaceExists"/>, <see cref="GofsError.InvalidArgument"/>.</exception>
    public async Task<NamespaceInfo> CreateNamespaceAsync(
        string name, NamespaceConfig? config = null, CancellationToken cancellation = default)
    {
        var wanted = config ?? await GetDefaultConfigAsync(cancellation);
        var attempt = new Counted<(IClusterGrain Cluster, string Name, NamespaceConfig Config)>((context.Cluster, name, wanted));
        try
        {
            return await context.Caller.AsksAsync(() => context.Retry.RunAsync(
                name, attempt, static (at, token) => at.Next().Cluster.CreateNamespaceAsync(at.State.Name, at.State.Config, token), cancellation));
        }
        catch (GofsException failure) when (failure.Error == GofsError.NamespaceExists && attempt.Tries > 1)
        {
            // An earlier try had an unknown outcome; if what is there is what was asked for, it was that try that made it.
            var there = await context.Retry.RunAsync(
                name, attempt, static (at, token) => at.State.Cluster.FindNamespaceAsync(at.State.Name, token), cancellation);
            if (there is null || there.InitialConfig != wanted) throw;
            return there;
        }
    }

    /// <summary>
    /// Takes off the namespace that has the name now; it must be empty unless <paramref name="force"/>. One that is given the name later is safe.
    /// </summary>
    /// <exception cref="GofsException"><see cref="GofsError.NamespaceNotFound"/>, <see cref="GofsError.DirectoryNotEmpty"/>.</exception>
    public async Task RemoveNamespaceAsync(string name, bool force = false, CancellationToken cancellation = default)
    {
        var there = await context.Retry.RunAsync(
            name, (context.Cluster, name), static (at, token) => at.Cluster.FindNamespaceAsync(at.name, token), cancellation);
        var attempt = new Counted<(IClusterGrain Cluster, string Name, int Number, bool Force)>((context.Cluster, name, there?.Number ?? 0, force));
        try
        {
            await context.Caller.AsksAsync(() => context.Retry.RunAsync(
                name, attempt,
                static (at, token) => at.Next().Cluster.RemoveNamespaceByNumberAsync(at.State.Name, at.State.Number, at.State.Force, token), cancellation));
        }
        catch (GofsException failure) when (failure.Error == GofsError.NamespaceNotFound && attempt.Tries > 1)
        {
            // It was being loaded, and an earlier try with an unknown outcome removed it.
        }
    }

    /// <summary>The namespaces, by name.</summary>
    public Task<NamespaceInfo[]> ListNamespacesAsync(CancellationToken cancellation = default) =>
        context.Retry.RunAsync("", context.Cluster, static (cluster, token) => cluster.ListNamespacesAsync(token), cancellation);

    /// <summary>The chunk servers, by id.</summary>
    public Task<ChunkServerInfo[]> ListChunkServersAsync(CancellationToken cancellation = default) =>
        context.Retry.RunAsync("", context.Cluster, static (cluster, token) => cluster.ListChunkServersAsync(token), cancellation);

    /// <summary>Ends it, and what it keeps alive for files and appenders that were not disposed of: what they did not flush or hear of is lost.</summary>
    public ValueTask DisposeAsync()
    {
        context.Dispose();
        return connection?.DisposeAsync() ?? ValueTask.CompletedTask;
    }

    private static GofsClientOptions Validated(GofsClientOptions? options)
    {
        options ??= new GofsClientOptions();
        options.Validate();
        return options;
    }

    /// <summary>Arguments, and how often they were used.</summary>
    private sealed class Counted<T>(T state)
    {
        public T State => state;

        public int Tries { get; private set; }

        public T Next()
        {
            Tries++;
            return state;
        }
    }
}
