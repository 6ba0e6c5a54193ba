using System.Net;
using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Grains.ChunkServers;
using Gofs.Silo.ChunkServer.Network;
using Gofs.Silo.ChunkServer.Storage;
using Gofs.Transport;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Gofs.Tests.ChunkServers.Network;

/// <summary>A chunk server with real files, in memory where the machine has a folder for that, and one client's view of a chunk's file.</summary>
internal sealed class SharedReplica : IAsyncDisposable
{
    public const int ChunkBytes = 4 << 20;
    public static readonly ServerId Server = new("s");
    public static readonly ChunkHandle Chunk = ChunkHandle.Create(1, 0, 1);
    public static readonly ClusterKey Key = new("a secret of the test's cluster"u8);
    private const string Memory = "/dev/shm";
    private readonly string folder;

    private SharedReplica(string folder, ChunkStore store)
    {
        (this.folder, Store) = (folder, store);
        var appends = new RecordAppends(store, LargeBuffers.Shared, TaskScheduler.Default);
        Port = DataServer.Start(new(IPAddress.Loopback, 0), store, appends, Key, TimeProvider.System, NullLogger.Instance);
        Time.SetUtcNow(DateTimeOffset.UtcNow);
    }

    public ChunkStore Store { get; }

    public DataServer Port { get; }

    /// <summary>The client's clock.</summary>
    public FakeTimeProvider Time { get; } = new();

    public string File => Directory.GetFiles(folder, "*.chunk", SearchOption.AllDirectories)[0];

    /// <summary>Starts with a chunk of these bytes.</summary>
    public static async Task<SharedReplica> StartAsync(byte[] data)
    {
        var server = await StartAsync();
        await server.WriteAsync(0, data);
        return server;
    }

    /// <summary>Starts without a chunk.</summary>
    public static async Task<SharedReplica> StartAsync()
    {
        var folder = Path.Combine(Directory.Exists(Memory) ? Memory : Path.GetTempPath(), $"gofs-shared-{Guid.NewGuid():N}");
        var options = new ChunkStoreOptions { ClusterId = "c", ServerId = "s", DiskFolders = [folder], ReserveBytes = 0, JournalFirstBytes = 256 << 10 };
        return new(folder, await ChunkStore.OpenAsync(options, TimeProvider.System, NullLogger.Instance, default));
    }

    public static ChunkAccess Access(int version = 1, ChunkRights rights = ChunkRights.Read) =>
        new(Chunk, new(version), Key.Sign(Chunk, new(version), rights, 0, DateTimeOffset.UtcNow));

    public async Task WriteAsync(long offset, byte[] data, int version = 1) =>
        await Store.WriteAsync(Chunk, new(version), offset, data, Crc32C.Compute(data), ChunkBytes, durable: true, leastLengthBytes: 0, default);

    /// <summary>The chunk's file, as a client gets it.</summary>
    public async Task<LocalReplica> ShareAsync(int version = 1)
    {
        var door = await FileDoor.OpenAsync(Port.Address, Time);
        var file = await door.ShareAsync(Access(version));
        Xunit.Assert.NotNull(file);
        return new(door, file, Access(version), Time);
    }

    public async ValueTask DisposeAsync()
    {
        await Port.DisposeAsync();
        await Store.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }
}
