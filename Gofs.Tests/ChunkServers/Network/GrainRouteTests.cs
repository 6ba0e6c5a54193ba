using System.Buffers;
using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Grains.ChunkServers;
using Gofs.Tests.Sdk.Fakes;
using Gofs.Transport;
using Orleans;
using Xunit;

namespace Gofs.Tests.ChunkServers.Network;

/// <summary>Record append over grains, beside records that came another way.</summary>
public sealed class GrainRouteTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);
    private static readonly ChunkHandle Chunk = ChunkHandle.Create(1, 0, 1);
    private static readonly ServerId[] Behind = [new("b"), new("c")];
    private readonly TimerWatch time = new();
    private readonly MemoryChunkStore store = new();
    private readonly Dictionary<string, MemoryChunkStore> others = new() { ["b"] = new(), ["c"] = new() };
    private readonly HashSet<string> silent = [];
    private readonly RecordAppends appends;

    public GrainRouteTests() => appends = new(store, ArrayPool<byte>.Shared, TaskScheduler.Default);

    [Fact]
    public async Task RecordsThatCameByTwoWays_StandInOneLine_OnEveryReplica()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        store.Gate = gate.Task;
        var records = Enumerable.Range(0, 60).Select(i => Bytes(1 + (i * 37 % 500), seed: i)).ToArray();
        var landing = records.Select((record, i) => appends.AppendAsync(Append(record), i % 3 == 0 ? new OtherRoute(others) : Route())).ToArray();
        gate.SetResult();
        var end = 0L;
        foreach (var (at, record) in (await Task.WhenAll(landing)).Zip(records).OrderBy(one => one.First))
        {
            Assert.Equal(end, at);
            end = at + record.Length;
            foreach (var each in others.Values.Append(store))
                Assert.True(each[Chunk].AsSpan((int)at, record.Length).SequenceEqual(record), $"other bytes at {at}");
        }
    }

    [Fact]
    public async Task ReplicaThatEndsElsewhere_IsNamed()
    {
        await appends.AppendAsync(Append(Bytes(100, 1)), Route());
        others["c"].Cut(Chunk, 60);
        var refused = await Assert.ThrowsAsync<GofsException>(() => appends.AppendAsync(Append(Bytes(10, 2)), Route()));
        Assert.Equal((GofsError.ReplicasDiffer, 2), (refused.Error, (int)refused.Data[DataConnection.FailedHopKey]!));
    }

    [Fact]
    public async Task ServerThatDoesNotSayThatItLives_IsNamed_LongBeforeTheTimeIsOver()
    {
        silent.Add("b");
        var appending = appends.AppendAsync(Append(Bytes(10, 1)), Route());
        var waits = await time.PassUntilEndAsync(appending);
        Assert.True(waits.Aggregate(TimeSpan.Zero, (sum, wait) => sum + wait) < Limit / 2, "it was waited for all the time there is");
        var failed = await Assert.ThrowsAsync<GofsException>(() => appending);
        Assert.Equal((GofsError.Unavailable, 1), (failed.Error, (int)failed.Data[DataConnection.FailedHopKey]!));
    }

    [Fact]
    public async Task AnotherChainUnderTheSameVersion_IsRefused_WhileTheFirstIsUsed()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        store.Gate = gate.Task;
        var first = appends.AppendAsync(Append(Bytes(10, 1)), Route());
        var other = await Assert.ThrowsAsync<GofsException>(() => appends.AppendAsync(Append(Bytes(10, 2)), new GrainRoute(Calls(), [Behind[0]])));
        Assert.Equal(GofsError.InvalidArgument, other.Error);
        gate.SetResult();
        Assert.Equal(0, await first);
    }

    [Fact]
    public async Task MoreBytesThanMayWait_AreRefused()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        store.Gate = gate.Task;
        var record = Bytes(1 << 20, 1);
        List<Task<long>> waiting = [];
        var busy = await Assert.ThrowsAsync<GofsException>(async () =>
        {
            while (waiting.Count < 300) waiting.Add(appends.AppendAsync(Append(record), Route()));
            await Task.WhenAll(waiting);
        });
        Assert.Equal(GofsError.Busy, busy.Error);
        Assert.InRange(waiting.Count, 256, 257); // one may have been taken already
        store.Gate = Task.FromException(new GofsException(GofsError.DiskFailed, "the test wants it so", "chunk"));
        gate.SetException(new GofsException(GofsError.DiskFailed, "the test wants it so", "chunk"));
        foreach (var one in waiting) await Assert.ThrowsAsync<GofsException>(() => one);
    }

    private static ChunkAppend Append(byte[] data) => new(Chunk, ChunkVersion.First, data, Crc32C.Compute(data), 1 << 20, Durable: true);

    private GrainRoute Route() => new(Calls(), Behind);

    private ServerCalls Calls() => new(Fake.Of<IGrainFactory>((_, arguments) => Server((string)arguments[0]!)), time, Limit);

    private IChunkServerGrain Server(string name) => Fake.Of<IChunkServerGrain>((method, arguments) => method switch
    {
        nameof(IChunkServerGrain.EchoAsync) when silent.Contains(name) => new TaskCompletionSource<ChunkData>().Task,
        _ when silent.Contains(name) => new TaskCompletionSource().Task,
        nameof(IChunkServerGrain.AppendAtAsync) => AppendAtAsync(others[name], (ChunkWrite)arguments[0]!),
        nameof(IChunkServerGrain.EchoAsync) => Task.FromResult(new ChunkData(default, 0)),
        _ => Fake.Unexpected(method),
    });

    private static Task AppendAtAsync(MemoryChunkStore at, ChunkWrite write) => at.AppendAsync(
        write.Handle, write.Version, write.OffsetBytes, write.Data, write.Crc, write.ChunkSizeBytes, write.Durable, CancellationToken.None).AsTask();

    private static byte[] Bytes(int count, int seed)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>Another way to the same servers.</summary>
    private sealed class OtherRoute(Dictionary<string, MemoryChunkStore> servers) : IAppendRoute
    {
        public bool IsAlike(IAppendRoute other) => other is OtherRoute;

        public bool IsSame(IAppendRoute other) => other is OtherRoute;

        public Task AppendAtAsync(ChunkAppend batch, long atBytes) =>
            Task.WhenAll(servers.Values.Select(server => GrainRouteTests.AppendAtAsync(server, batch.ToWrite(atBytes))));
    }
}
