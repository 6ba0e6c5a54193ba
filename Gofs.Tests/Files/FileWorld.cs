using System.Text;
using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Cluster;
using Gofs.Grains.Control;
using Gofs.Grains.EditLogs;
using Gofs.Grains.Files;
using Gofs.Grains.Settings;
using Gofs.Namespaces;
using Gofs.Tests.EditLogs;
using Gofs.Tests.Sdk.Fakes;
using Gofs.Transport;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Orleans;

namespace Gofs.Tests.Files;

/// <summary>
/// A file grain as it is, of a file that was put whole, with its namespace, its chunk table and two chunk servers as a test wants them. The servers' replicas
/// have bytes past the file's length, as a writer that died may leave them.
/// </summary>
internal sealed class FileWorld : IDisposable
{
    public const long LengthBytes = 100;
    public const long LeftBytes = 40;
    public const long ChunkSize = 1 << 16;
    public static readonly ChunkHandle Handle = ChunkHandle.Create(1, 0, 1);

    /// <summary>The chunk that is given when one is allocated.</summary>
    public static readonly ChunkHandle Second = ChunkHandle.Create(1, 0, 2);

    private static readonly InodeNumber Inode = new(5);
    private readonly EditLogServices services;
    private readonly FakeTimeProvider time = new(DateTimeOffset.UnixEpoch.AddDays(1));

    public FileWorld() =>
        services = new(new EditLogOptions(), Store, EventSerializers.Services, TimeProvider.System, NullLoggerFactory.Instance);

    /// <summary>Where the grain's records go.</summary>
    public FakeEditLogStore Store { get; } = new();

    /// <summary>What a chunk table is to a file.</summary>
    public interface ITable : IChunkTableGrain, IChunkTableControlGrain;

    /// <summary>What a namespace is to a file.</summary>
    public interface INamespace : INamespaceGrain, INamespaceControlGrain;

    /// <summary>The chunk's version that counts.</summary>
    public ChunkVersion Counts { get; private set; } = ChunkVersion.First;

    /// <summary>The replicas: their versions and lengths.</summary>
    public Dictionary<ServerId, (ChunkVersion Version, long LengthBytes)> Replicas { get; } = new()
    {
        [new("a")] = (ChunkVersion.First, LengthBytes + LeftBytes),
        [new("b")] = (ChunkVersion.First, LengthBytes + LeftBytes),
    };

    /// <summary>So often the chunk takes another version when a server is asked to cut it: it was healed just then.</summary>
    public int MovesOn { get; set; }

    /// <summary>What a grant of a version waits for, before it is given; null: nothing.</summary>
    public TaskCompletionSource? Granting { get; set; }

    /// <summary>The length that the namespace was told last.</summary>
    public long ToldBytes { get; private set; }

    /// <summary>As of which of the file's records.</summary>
    public long ToldNumber { get; private set; }

    /// <summary>The clock.</summary>
    public FakeTimeProvider Time => time;

    /// <summary>The file's grain.</summary>
    public async Task<FileGrain> StartAsync()
    {
        var host = new GrainHost(FileKeyOf(Inode), Find, time);
        return await host.StartAsync(() => new FileGrain(
            services, new NamespaceSettings(host.Grains, time, TaskScheduler.Default), new ChunkTokens(ClusterKey.OfLoopback("test"), time), time));
    }

    public void Dispose() => services.Dispose();

    private static string FileKeyOf(InodeNumber inode) => Gofs.Files.FileKey.Of(1, inode);

    private object Find(Type type, string key)
    {
        if (type == typeof(IClusterGrain)) return Fake.Of<IClusterGrain>((method, arguments) => Cluster(method));
        if (type == typeof(INamespaceGrain) || type == typeof(INamespaceControlGrain)) return Fake.Of<INamespace>(Namespace);
        if (type == typeof(IChunkTableGrain) || type == typeof(IChunkTableControlGrain)) return Fake.Of<ITable>(Table);
        return type == typeof(IChunkServerGrain)
            ? Fake.Of<IChunkServerGrain>((method, arguments) => ServerAsync(new(key), method, arguments))
            : Fake.Unexpected(type.Name)!;
    }

    private static object? Cluster(string method) => method == nameof(IClusterGrain.FindNamespaceByNumberAsync)
        ? Task.FromResult<NamespaceInfo?>(new("ns", 1, NamespaceConfig.Default, DateTimeOffset.UnixEpoch))
        : Fake.Unexpected(method);

    private object? Namespace(string method, object?[] arguments)
    {
        switch (method)
        {
            case nameof(INamespaceGrain.GetConfigAsync): return Task.FromResult(NamespaceConfig.Default with { ChunkSizeBytes = ChunkSize });
            case nameof(INamespaceControlGrain.PrepareToWriteAsync) or nameof(INamespaceControlGrain.GetWholeFileAsync):
                return Task.FromResult(new WholeFile(Handle, ChunkSize, LengthBytes, 1));
            case nameof(INamespaceControlGrain.GetGoalAsync): return Task.FromResult(2);
            case nameof(INamespaceGrain.FileFlushedAsync):
                (ToldBytes, ToldNumber) = (((FileFlushed)arguments[0]!).LengthBytes, ((FileFlushed)arguments[0]!).EditLogNumber);
                return Task.CompletedTask;
            default: return Fake.Unexpected(method);
        }
    }

    private object? Table(string method, object?[] arguments)
    {
        switch (method)
        {
            case nameof(IChunkTableGrain.ConfirmAsync): return Task.CompletedTask;
            case nameof(IChunkTableGrain.RecoverAsync): return RecoverAsync((ChunkVersion)arguments[1]!);
            case nameof(IChunkTableGrain.AllocateAsync):
                return Task.FromResult(new ChunkLocation(Second, ChunkVersion.First, [.. Replicas.Keys], Known: true));
            case nameof(IChunkTableControlGrain.ReleaseReferencesAsync): return Task.CompletedTask;
            case nameof(IChunkTableControlGrain.GrantOwnAsync) or nameof(IChunkTableGrain.GrantVersionAsync)
                or nameof(IChunkTableControlGrain.RecoverOwnAsync): return GrantAsync();
            default: return Fake.Unexpected(method);
        }
    }

    private async Task<ChunkLocation> GrantAsync()
    {
        if (Granting is { } waits) await waits.Task;
        return Move();
    }

    private async Task<ChunkLocation> RecoverAsync(ChunkVersion failed)
    {
        if (Granting is { } waits) await waits.Task;
        return Counts > failed ? new(Handle, Counts, [.. Replicas.Keys], Known: true) : Move();
    }

    private ChunkLocation Move()
    {
        Counts = new(Counts.Value + 16);
        foreach (var (server, replica) in Replicas) Replicas[server] = replica with { Version = Counts };
        return new(Handle, Counts, [.. Replicas.Keys], Known: true);
    }

    private object? ServerAsync(ServerId server, string method, object?[] arguments)
    {
        if (method == nameof(IChunkServerGrain.TruncateAsync) && server.Value == "a" && MovesOn-- > 0) Move();
        var (version, length) = Replicas[server];
        if ((ChunkVersion)arguments[1]! != version)
        {
            var stale = new GofsException(GofsError.StaleVersion, $"the replica has version {version}, not {arguments[1]}", Handle.ToString());
            return method == nameof(IChunkServerGrain.GetLengthAsync) ? Task.FromException<long>(stale) : Task.FromException(stale);
        }

        switch (method)
        {
            case nameof(IChunkServerGrain.GetLengthAsync): return Task.FromResult(length);
            case nameof(IChunkServerGrain.TruncateAsync):
                Replicas[server] = (version, Math.Min(length, (long)arguments[2]!));
                return Task.CompletedTask;
            default: return Fake.Unexpected(method);
        }
    }
}
