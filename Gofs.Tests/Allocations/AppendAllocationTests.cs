using System.Buffers;
using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Files;
using Gofs.Grains.ChunkServers;
using Gofs.Internal;
using Gofs.Namespaces;
using Gofs.Tests.ChunkServers.Network;
using Gofs.Tests.Sdk.Fakes;
using Gofs.Transport;
using Microsoft.Extensions.Time.Testing;
using Orleans;
using Xunit;

namespace Gofs.Tests.Allocations;

/// <summary>What an append allocates does not grow with the record: its bytes are in pooled buffers, of the client and of the primary.</summary>
public sealed class AppendAllocationTests
{
    private const int Times = 20;
    private const int Short = 100;
    private const int Long = 500_000;
    private const int MostBytes = 4096;
    private static readonly ChunkHandle Chunk = ChunkHandle.Create(1, 0, 1);

    [Fact]
    public async Task AppendingARecord_AllocatesTheSame_HoweverLongItIs()
    {
        var time = new FakeTimeProvider();
        using var context = new ClientContext(
            Fake.Of<IGrainFactory>((method, _) => Fake.Unexpected(method)), new GofsClientOptions(), time, new AtOnce(), seed: 1);
        var lease = new AppendLease(LeaseId.New(), TimeSpan.FromSeconds(60), 64 << 20, new(0, Chunk, ChunkVersion.First, [new("s1")]));
        var path = GofsPath.Parse("/f");
        var file = Fake.Of<IFileGrain>((method, _) => method == nameof(IFileGrain.LeaveAppendAsync) ? Task.CompletedTask : Fake.Unexpected(method));
        var opened = new OpenedFile(null!, Created: true, 1, NamespaceConfig.Default);
        await using var appender = new GofsAppender(context, path, new(context, path, opened, new(context, path, file, lease, 1), lease));
        var (little, much) = (new byte[Short], new byte[Long]);
        AllocatesTheSame(
            () => Assert.True(appender.AppendAsync(little).IsCompletedSuccessfully), () => Assert.True(appender.AppendAsync(much).IsCompletedSuccessfully));
    }

    [Fact]
    public void OrderingARecord_AllocatesTheSame_HoweverLongItIs()
    {
        var store = new MemoryChunkStore();
        var appends = new RecordAppends(store, ArrayPool<byte>.Shared, new AtOnceScheduler());
        var (little, much) = (Append(Short), Append(Long));
        var route = new NoRoute();
        AllocatesTheSame(() => Order(little), () => Order(much));

        void Order(ChunkAppend append)
        {
            store.Cut(Chunk, 0);
            Assert.True(appends.AppendAsync(append, route).IsCompletedSuccessfully);
        }
    }

    [Fact]
    public void BuffersOfThePrimary_AreAllGivenBack_ButThoseOfAFailedAppend()
    {
        var (store, pool) = (new MemoryChunkStore(), new CountingPool());
        var appends = new RecordAppends(store, pool, new AtOnceScheduler());
        for (var i = 0; i < 10; i++) Assert.True(appends.AppendAsync(Append(Short), new NoRoute()).IsCompletedSuccessfully);
        Assert.Equal(0, pool.Out);
        Assert.True(appends.AppendAsync(Append(Short), new NoRoute(new GofsException(GofsError.Unavailable, "the test wants it so"))).IsFaulted);
        Assert.Equal(1, pool.Out);
    }

    private static ChunkAppend Append(int bytes)
    {
        var data = new byte[bytes];
        return new(Chunk, ChunkVersion.First, data, Crc32C.Compute(data), 1 << 20, Durable: true);
    }

    private static void AllocatesTheSame(Action little, Action much)
    {
        var (less, more) = (BytesOf(little), BytesOf(much));
        Assert.True(less <= MostBytes, $"{less} bytes for each");
        Assert.True(more <= less + 64, $"{more} bytes for each long one, {less} for each short one");
    }

    /// <summary>For one of them, the least of a few runs: a pool that was just emptied, or a method compiled anew, is not its own.</summary>
    private static long BytesOf(Action action)
    {
        var least = long.MaxValue;
        for (var run = 0; run < 20; run++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < Times; i++) action();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least / Times;
    }

    /// <summary>Nobody behind the primary.</summary>
    private sealed class NoRoute(Exception? failure = null) : IAppendRoute
    {
        public bool IsAlike(IAppendRoute other) => other is NoRoute;

        public bool IsSame(IAppendRoute other) => other is NoRoute;

        public Task AppendAtAsync(ChunkAppend batch, long atBytes) => failure is null ? Task.CompletedTask : Task.FromException(failure);
    }

    private sealed class AtOnceScheduler : TaskScheduler
    {
        protected override void QueueTask(Task task) => TryExecuteTask(task);

        protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => TryExecuteTask(task);

        protected override IEnumerable<Task> GetScheduledTasks() => [];
    }

    /// <summary>Servers that have done it at once.</summary>
    private sealed class AtOnce : IChunkTransport
    {
        private readonly Task<long> done = Task.FromResult(0L);

        public Task<long> AppendAsync(ServerId[] servers, ChunkAppend append, ChunkToken token, CancellationToken cancellation) => done;

        public Task<LossMarks> WriteAsync(ServerId[] servers, ChunkWrite write, ChunkToken token, CancellationToken cancellation) =>
            throw new NotSupportedException();

        public Task<GofsException?[]> WriteEachAsync(ServerId[] servers, AllowedWrite[] writes, CancellationToken cancellation) =>
            throw new NotSupportedException();

        public Task<LossMarks> FlushAsync(ServerId[] servers, ChunkAccess chunk, CancellationToken cancellation) => throw new NotSupportedException();

        public Task<bool> IsAliveAsync(ServerId server, ChunkAccess chunk, CancellationToken cancellation) => throw new NotSupportedException();

        public Task<int> ReadAsync(
            ServerId server, ChunkAccess chunk, long offsetBytes, Memory<byte> destination, ISlowCall? slow, CancellationToken cancellation) =>
            throw new NotSupportedException();
    }
}
