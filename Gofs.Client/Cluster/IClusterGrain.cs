using Gofs.ChunkServers;
using Gofs.Namespaces;
using Orleans;
using Orleans.Concurrency;

namespace Gofs.Cluster;

/// <summary>A namespace as the cluster's list has it.</summary>
/// <param name="Name">1 to 63 of a-z, 0-9, '-' and '_', beginning with a letter or digit.</param>
/// <param name="Number">1 to 65,535; never reused.</param>
/// <param name="InitialConfig">The settings it was made with.</param>
/// <param name="CreatedAt">When.</param>
[GenerateSerializer, Immutable, Alias("gofs.cluster.namespace")]
public sealed record NamespaceInfo(
    [property: Id(0)] string Name,
    [property: Id(1)] int Number,
    [property: Id(2)] NamespaceConfig InitialConfig,
    [property: Id(3)] DateTimeOffset CreatedAt);

/// <summary>The cluster as a whole (key 0): the list of namespaces and the registry of chunk servers.</summary>
[Alias("gofs.IClusterGrain")]
public interface IClusterGrain : IGrainWithIntegerKey
{
    /// <summary>Makes a namespace; one that is there with the same name is <see cref="GofsError.NamespaceExists"/>.</summary>
    [Alias("CreateNamespace")]
    Task<NamespaceInfo> CreateNamespaceAsync(string name, NamespaceConfig config, CancellationToken cancellation = default);

    /// <summary>The settings of a namespace made without any: one replica in an embedded file system, three in a cluster.</summary>
    [AlwaysInterleave, Alias("GetDefaultConfig")]
    Task<NamespaceConfig> GetDefaultConfigAsync(CancellationToken cancellation = default);

    /// <summary>
    /// As <see cref="RemoveNamespaceByNumberAsync"/>, whichever namespace has the name when this arrives. For clients of earlier releases: that may be
    /// long after it was asked.
    /// </summary>
    [Alias("RemoveNamespace")]
    Task RemoveNamespaceAsync(string name, bool force, CancellationToken cancellation = default);

    /// <summary>
    /// Takes a namespace off the list; its chunks are collected. It must be empty unless <paramref name="force"/>. One that was removed already stays so,
    /// whatever has its name since.
    /// </summary>
    /// <param name="name">Its name.</param>
    /// <param name="number">Its number; 0: it is on no list, because it is being loaded or its load was cut off.</param>
    /// <param name="force">Also when it has names.</param>
    /// <param name="cancellation">Ends the wait.</param>
    [Alias("RemoveNamespaceByNumber")]
    Task RemoveNamespaceByNumberAsync(string name, int number, bool force, CancellationToken cancellation = default);

    /// <summary>The namespaces, by name.</summary>
    [AlwaysInterleave, Alias("ListNamespaces")]
    Task<NamespaceInfo[]> ListNamespacesAsync(CancellationToken cancellation = default);

    /// <summary>One namespace, or null.</summary>
    [AlwaysInterleave, Alias("FindNamespace")]
    Task<NamespaceInfo?> FindNamespaceAsync(string name, CancellationToken cancellation = default);

    /// <summary>One namespace by its number, or null.</summary>
    [AlwaysInterleave, Alias("FindNamespaceByNumber")]
    Task<NamespaceInfo?> FindNamespaceByNumberAsync(int number, CancellationToken cancellation = default);

    /// <summary>A chunk server's heartbeat.</summary>
    [AlwaysInterleave, Alias("Heartbeat")]
    Task<HeartbeatAnswer> HeartbeatAsync(Heartbeat heartbeat, CancellationToken cancellation = default);

    /// <summary>The chunk servers, by id.</summary>
    [AlwaysInterleave, Alias("ListChunkServers")]
    Task<ChunkServerInfo[]> ListChunkServersAsync(CancellationToken cancellation = default);

    /// <summary>
    /// Marks a chunk server, or takes its mark away. <see cref="ServerMark.Drain"/> and <see cref="ServerMark.None"/> last until they are changed;
    /// <see cref="ServerMark.Maintenance"/> needs <paramref name="until"/>.
    /// <see cref="GofsError.InvalidArgument"/>: there is no such server, or the mark makes no sense.
    /// </summary>
    [Alias("SetServerMark")]
    Task SetServerMarkAsync(ServerId server, ServerMark mark, DateTimeOffset? until, CancellationToken cancellation = default);

    /// <summary>As <see cref="ForgetChunkServerAsync"/> without force.</summary>
    [Alias("RemoveChunkServer")]
    Task RemoveChunkServerAsync(ServerId server, CancellationToken cancellation = default);

    /// <summary>
    /// Forgets a chunk server that is gone for good. <see cref="GofsError.InvalidArgument"/>: there is no such server;
    /// <see cref="GofsError.NotPermitted"/>: it is neither dead nor drained and silent, or chunks have fewer replicas than wanted without it, or that is not
    /// known of all chunks. With <paramref name="force"/> the last two are no reason.
    /// </summary>
    [Alias("ForgetChunkServer")]
    Task ForgetChunkServerAsync(ServerId server, bool force, CancellationToken cancellation = default);

    /// <summary>What is set for the cluster; null when that is <paramref name="knownRevision"/>.</summary>
    [AlwaysInterleave, Alias("GetSettings")]
    Task<ClusterSettings?> GetSettingsAsync(long knownRevision, CancellationToken cancellation = default);

    /// <summary>Changes settings, all of these or none; every silo has them within some seconds.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.InvalidArgument"/>: the message has every fault.</exception>
    [Alias("ChangeSettings")]
    Task<ClusterSettings> ChangeSettingsAsync(SettingChange[] changes, CancellationToken cancellation = default);

    /// <summary>Those who may sign in to the console, by name, without what their passwords are checked with.</summary>
    [AlwaysInterleave, Alias("ListConsoleUsers")]
    Task<ConsoleUser[]> ListConsoleUsersAsync(CancellationToken cancellation = default);

    /// <summary>One of them with what his password is checked with, or null.</summary>
    [AlwaysInterleave, Alias("FindConsoleUser")]
    Task<ConsoleUser?> FindConsoleUserAsync(string name, CancellationToken cancellation = default);

    /// <summary>Sets one of them; without a secret he keeps the one he has.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.InvalidArgument"/>.</exception>
    [Alias("SetConsoleUser")]
    Task SetConsoleUserAsync(string name, ConsoleRole role, ConsoleSecret? secret, CancellationToken cancellation = default);

    /// <summary>Removes one of them; nothing happens when there is none of that name.</summary>
    [Alias("RemoveConsoleUser")]
    Task RemoveConsoleUserAsync(string name, CancellationToken cancellation = default);

    /// <summary>What administrators did to the cluster, the last <paramref name="most"/> of what is remembered, the latest last.</summary>
    [AlwaysInterleave, Alias("ListAudit")]
    Task<AuditEntry[]> ListAuditAsync(int most, CancellationToken cancellation = default);
}
