using System.Net;
using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Grains.ChunkServers;
using Gofs.Internal;
using Gofs.Silo.ChunkServer.Network;
using Gofs.Silo.ChunkServer.Storage;
using Gofs.Tests.ChunkServers.Storage;
using Gofs.Tests.Sdk.Fakes;
using Gofs.Transport;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Gofs.Tests.ChunkServers;

/// <summary>
/// Two chunk servers without silos: their stores are on disks in memory, the source's bytes are read over its data port on loopback, and its grain is a
/// function. What a test wants to go wrong it puts before a call.
/// </summary>
internal sealed class CopyPair : IAsyncDisposable, IChunkTransport
{
    public const int ChunkBytes = 4 << 20;
    public static readonly ServerId SourceId = new("source");
    private static readonly ClusterKey Key = new("a secret of the test's cluster"u8);
    private readonly DataServer server;
    private readonly SocketTransport sockets;

    private CopyPair(ChunkStore source, ChunkStore target, TimeProvider time)
    {
        (Source, Target) = (source, target);
        var appends = new RecordAppends(source, LargeBuffers.Shared, TaskScheduler.Default);
        server = DataServer.Start(new(IPAddress.Loopback, 0), source, appends, Key, TimeProvider.System, NullLogger.Instance);
        var addresses = new DataAddresses(
            () => Task.FromResult<ChunkServerInfo[]>([new(SourceId, [], [], default, true) { DataAddress = server.Address.ToString() }]), TimeProvider.System);
        var limit = TimeSpan.FromSeconds(60);
        sockets = new(new(TimeProvider.System, limit), addresses, this, limit, limit);
        var grain = Fake.Of<IChunkServerGrain>(Answer);
        Copies = new(new(target, _ => grain, this, new(1L << 40, TimeProvider.System), time), NullLogger<ReplicaCopies>.Instance);
    }

    public ChunkStore Source { get; }

    public ChunkStore Target { get; }

    public SimulatedDisk TargetDisk { get; private init; } = null!;

    public ReplicaCopies Copies { get; }

    /// <summary>Before each read of the source.</summary>
    public Func<Task> BeforeRead { get; set; } = () => Task.CompletedTask;

    /// <summary>Before the source's grain does what it is asked.</summary>
    public Func<string, Task> BeforeCall { get; set; } = _ => Task.CompletedTask;

    /// <summary>After it has done it, before it answers.</summary>
    public Func<string, Task> AfterCall { get; set; } = _ => Task.CompletedTask;

    /// <summary>What the source's grain was asked.</summary>
    public List<string> Calls { get; } = [];

    /// <summary>Starts them. The target's clock stands unless a test has one that goes.</summary>
    public static async Task<CopyPair> StartAsync(TimeProvider? time = null)
    {
        var (from, to) = (new SimulatedDisk(), new SimulatedDisk());
        return new(await OpenAsync(from), await OpenAsync(to), time ?? new FakeTimeProvider()) { TargetDisk = to };
    }

    public async Task WriteAsync(int chunk, byte[] data, long offset = 0, int version = 1) => await Source.WriteAsync(
        StoreHost.Handle(chunk), new(version), offset, data, Crc32C.Compute(data), ChunkBytes, durable: false, leastLengthBytes: 0,
        CancellationToken.None);

    public static async Task<byte[]> ReadAsync(ChunkStore store, int chunk, int version)
    {
        var into = new byte[ChunkBytes];
        return into[..(await store.ReadAsync(StoreHost.Handle(chunk), new(version), 0, into, CancellationToken.None)).Count];
    }

    public Task<ReplicaCopied> CopyAsync(int chunk, int version = 1, bool isMove = false, bool isUrgent = false) =>
        Copies.CopyAsync(CopyOf(chunk, version) with { IsMove = isMove, IsUrgent = isUrgent }, CancellationToken.None);

    public Task<ReplicaCopied> AskAsync(int chunk) => Copies.AskAsync(CopyOf(chunk, version: 1), CancellationToken.None);

    public Task InstallAsync(int chunk, long copyId, int version) =>
        Copies.InstallAsync(new(StoreHost.Handle(chunk), copyId, new(version), Token(chunk, version)), CancellationToken.None);

    public async Task SetVersionAsync(int chunk, int version) =>
        await Source.SetVersionAsync(StoreHost.Handle(chunk), new(version), null, CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await Copies.DisposeAsync();
        sockets.Dispose();
        await server.DisposeAsync();
        await Source.DisposeAsync();
        await Target.DisposeAsync();
    }

    async Task<int> IChunkTransport.ReadAsync(
        ServerId from, ChunkAccess chunk, long offsetBytes, Memory<byte> destination, ISlowCall? slow, CancellationToken cancellation)
    {
        await BeforeRead();
        return await sockets.ReadAsync(from, chunk, offsetBytes, destination, slow, cancellation);
    }

    Task<LossMarks> IChunkTransport.WriteAsync(ServerId[] servers, ChunkWrite write, ChunkToken token, CancellationToken cancellation) =>
        throw new NotSupportedException();

    Task<long> IChunkTransport.AppendAsync(ServerId[] servers, ChunkAppend append, ChunkToken token, CancellationToken cancellation) =>
        throw new NotSupportedException();

    Task<GofsException?[]> IChunkTransport.WriteEachAsync(ServerId[] servers, AllowedWrite[] writes, CancellationToken cancellation) =>
        throw new NotSupportedException();

    Task<LossMarks> IChunkTransport.FlushAsync(ServerId[] servers, ChunkAccess chunk, CancellationToken cancellation) => throw new NotSupportedException();

    Task<bool> IChunkTransport.IsAliveAsync(ServerId of, ChunkAccess chunk, CancellationToken cancellation) => throw new NotSupportedException();

    private static ReplicaCopy CopyOf(int chunk, int version) => new(StoreHost.Handle(chunk), new(version), SourceId, Token(chunk, version));

    private static ChunkToken Token(int chunk, int version) =>
        Key.Sign(StoreHost.Handle(chunk), new(version), ChunkRights.Read, 0, TimeProvider.System.GetUtcNow());

    private static Task<ChunkStore> OpenAsync(SimulatedDisk disk) => ChunkStore.OpenAsync(
        new() { ClusterId = "c", ServerId = "s", DiskFolders = ["d"], ReserveBytes = 0, OpenDisk = _ => disk.Mount() },
        TimeProvider.System, NullLogger.Instance, CancellationToken.None);

    private object? Answer(string method, object?[] arguments) => method switch
    {
        nameof(IChunkServerGrain.BeginCopyAsync) => AskAsync(
            "begin", () => Source.BeginCopyAsync((ChunkHandle)arguments[0]!, (ChunkVersion)arguments[1]!, CancellationToken.None)),
        nameof(IChunkServerGrain.TakeTouchedAsync) => AskAsync(
            "touched", () => Source.TakeTouchedAsync((ChunkHandle)arguments[0]!, (long)arguments[1]!, CancellationToken.None)),
        nameof(IChunkServerGrain.GetLengthAsync) => AskAsync(
            "length", () => Source.GetLengthAsync((ChunkHandle)arguments[0]!, (ChunkVersion)arguments[1]!, CancellationToken.None)),
        nameof(IChunkServerGrain.EndCopyAsync) => AskAsync("end", () =>
        {
            Source.EndCopy((long)arguments[1]!);
            return ValueTask.FromResult(true);
        }),
        _ => Fake.Unexpected(method),
    };

    private async Task<T> AskAsync<T>(string call, Func<ValueTask<T>> ask)
    {
        lock (Calls) Calls.Add(call);
        await BeforeCall(call);
        var answer = await ask();
        await AfterCall(call);
        return answer;
    }
}
