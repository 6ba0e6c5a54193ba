using System.Net;
using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Grains.ChunkServers;
using Gofs.Silo.ChunkServer.Network;
using Gofs.Silo.ChunkServer.Storage;
using Gofs.Tests.Sdk.Fakes;
using Gofs.Transport;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gofs.Tests.DataPlane;

/// <summary>
/// A chunk server without a silo: a store with its files and threads, its data port, and the copies it makes. It can lose its connections, and start again.
/// </summary>
internal sealed class ServedStore : IAsyncDisposable
{
    public static readonly ClusterKey Key = new("a secret of the test's cluster"u8);
    private readonly string folder;
    private readonly Func<CopyMeans, CopyMeans> means;
    private ChunkStore? store;
    private ReplicaCopies? copies;
    private DataServer? port;
    private IPEndPoint address = new(IPAddress.Loopback, 0);

    private ServedStore(ServerId id, string folder, Func<CopyMeans, CopyMeans> means) => (Id, this.folder, this.means) = (id, folder, means);

    public ServerId Id { get; }

    /// <summary>As the cluster's registry has it.</summary>
    public ChunkServerInfo Info => new(Id, [], [], default, Live: true) { DataAddress = address.ToString() };

    public ChunkStore Store => Volatile.Read(ref store) ?? throw Away();

    public ReplicaCopies Copies => Volatile.Read(ref copies) ?? throw Away();

    public static async Task<ServedStore> StartAsync(ServerId id, string folder, Func<CopyMeans, CopyMeans> means)
    {
        var served = new ServedStore(id, folder, means);
        await served.OpenAsync();
        return served;
    }

    /// <summary>Its grain, as far as who copies from it asks it.</summary>
    public IChunkServerGrain Grain() => Fake.Of<IChunkServerGrain>((method, arguments) => method switch
    {
        nameof(IChunkServerGrain.BeginCopyAsync) => AskAsync(at => at.BeginCopyAsync((ChunkHandle)arguments[0]!, (ChunkVersion)arguments[1]!, default)),
        nameof(IChunkServerGrain.TakeTouchedAsync) => AskAsync(at => at.TakeTouchedAsync((ChunkHandle)arguments[0]!, (long)arguments[1]!, default)),
        nameof(IChunkServerGrain.GetLengthAsync) => AskAsync(at => at.GetLengthAsync((ChunkHandle)arguments[0]!, (ChunkVersion)arguments[1]!, default)),
        nameof(IChunkServerGrain.EndCopyAsync) => AskAsync(at =>
        {
            at.EndCopy((long)arguments[1]!);
            return ValueTask.FromResult(true);
        }),
        _ => Fake.Unexpected(method),
    });

    /// <summary>Asks the store; one that is just being closed does not answer.</summary>
    public async Task<T> AskAsync<T>(Func<ChunkStore, ValueTask<T>> ask)
    {
        try
        {
            return await ask(Store);
        }
        catch (ObjectDisposedException)
        {
            throw Away();
        }
    }

    /// <summary>All its connections break; who comes then is served.</summary>
    public async Task BreakAsync()
    {
        if (port is not null) await port.DisposeAsync();
        Listen();
    }

    /// <summary>It stops in order, and starts again.</summary>
    public async Task RestartAsync()
    {
        await CloseAsync();
        await OpenAsync();
    }

    public async ValueTask DisposeAsync() => await CloseAsync();

    private async Task OpenAsync()
    {
        var options = new ChunkStoreOptions { ClusterId = "c", ServerId = Id.Value, DiskFolders = [folder], ReserveBytes = 0, JournalFileBytes = 4 << 20 };
        var opened = await ChunkStore.OpenAsync(options, TimeProvider.System, NullLogger.Instance, CancellationToken.None);
        var made = means(new(opened, null!, null!, new(1L << 40, TimeProvider.System), TimeProvider.System));
        Volatile.Write(ref copies, new(made, NullLogger<ReplicaCopies>.Instance));
        Volatile.Write(ref store, opened);
        Listen();
    }

    private void Listen()
    {
        var appends = new RecordAppends(Store, LargeBuffers.Shared, TaskScheduler.Default);
        port = DataServer.Start(address, Store, appends, Key, TimeProvider.System, NullLogger.Instance, hasDoor: false);
        address = port.Address;
    }

    private async Task CloseAsync()
    {
        if (port is not null) await port.DisposeAsync();
        port = null;
        var (closing, made) = (store, copies);
        Volatile.Write(ref store, null);
        Volatile.Write(ref copies, null);
        if (made is not null) await made.DisposeAsync();
        if (closing is not null) await closing.DisposeAsync();
    }

    private GofsException Away() => new(GofsError.Unavailable, "the chunk server is away", Id.Value);
}
