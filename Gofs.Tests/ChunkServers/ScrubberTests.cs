using System.Threading.Channels;
using Gofs.Chunks;
using Gofs.Grains.ChunkServers;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gofs.Tests.ChunkServers;

/// <summary>Passes over replicas that are there by name only, each read when the test lets it.</summary>
public sealed class ScrubberTests : IAsyncDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly FakeTimeProvider time = new();
    private readonly Replicas replicas = new();
    private readonly SetOptions<ChunkServerOptions> options = new(new());
    private Task running = Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        replicas.Let.Writer.TryComplete();
        await running.WaitAsync(TimeSpan.FromSeconds(60));
        stop.Dispose();
    }

    [Fact]
    public async Task Pass_ReadsAllInOrder_AndSaysHowFarItIs()
    {
        var scrubber = Begin();
        await ReadAsync(1);
        await ReadAsync(2);
        await replicas.AsksAsync(3);
        var status = scrubber.Status();
        Assert.Equal((1, true, 2, 2, 1), (status.Pass, status.IsRunning, status.Replicas, status.Found, status.LeftReplicas));
        Assert.Equal(StoreHandle(2).ToString(), status.Position);
        Assert.NotNull(status.ExpectedEndAt);
        scrubber.CountRepaired();
        await LetAsync();
        var ended = await replicas.EndedAsync(1);
        Assert.Equal((3, 300, 3, 1), (ended.Replicas, ended.Bytes, ended.Found, ended.Repaired));
        Assert.Equal(ended.StartedAt.AddDays(7), scrubber.Status().NextAt);
    }

    [Fact]
    public async Task Restart_GoesOnWhereThePassWas()
    {
        replicas.Kept = new(4, time.GetUtcNow()) { Position = StoreHandle(2).Value, Replicas = 2, Bytes = 200 };
        Begin();
        await ReadAsync(3);
        Assert.Equal((4, 3), ((await replicas.EndedAsync(4)).Number, replicas.Kept!.Replicas));
    }

    [Fact]
    public async Task Stop_KeepsWhereThePassIs()
    {
        Begin();
        await ReadAsync(1);
        await replicas.AsksAsync(2);
        await stop.CancelAsync();
        await running.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Assert.Equal((StoreHandle(1).Value, null), (replicas.Kept!.Position, replicas.Kept.EndedAt));
    }

    [Fact]
    public async Task PassThatIsAskedFor_BeginsAnew()
    {
        var scrubber = Begin();
        await ReadAsync(1);
        await replicas.AsksAsync(2);
        Assert.Equal(2, scrubber.Start());
        await LetAsync();
        foreach (var i in (int[])[1, 2, 3]) await ReadAsync(i);
        Assert.Equal(3, (await replicas.EndedAsync(2)).Replicas);
    }

    [Fact]
    public async Task PassThatIsSetToBeDueSooner_BeginsAtOnce()
    {
        Begin();
        foreach (var i in (int[])[1, 2, 3]) await ReadAsync(i);
        await replicas.EndedAsync(1);
        time.Advance(TimeSpan.FromDays(1));
        options.Set(new() { ScrubDays = 2 });
        foreach (var i in (int[])[1, 2, 3]) await ReadAsync(i);
        await replicas.EndedAsync(2);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ReplicaThatCantBeRead_DoesNotEndThePass(bool byAFault)
    {
        replicas.Fails = StoreHandle(2);
        replicas.Failure = byAFault ? new InvalidOperationException("a fault in the program") : new GofsException(GofsError.Timeout, "not now");
        Begin();
        foreach (var i in (int[])[1, 2, 3]) await ReadAsync(i);
        var ended = await replicas.EndedAsync(1);
        Assert.Equal((3, 2), (ended.Replicas, ended.Found));
    }

    [Fact]
    public async Task WhateverFails_ScrubGoesOnAfterAMinute()
    {
        replicas.ListFails = 1;
        Begin();
        var asked = replicas.AsksAsync(1);
        while (!asked.IsCompleted)
        {
            time.Advance(TimeSpan.FromMinutes(1));
            await Task.Yield();
        }

        await asked;
        await LetAsync();
        foreach (var i in (int[])[2, 3]) await ReadAsync(i);
        Assert.Equal(3, (await replicas.EndedAsync(1)).Replicas);
    }

    private static ChunkHandle StoreHandle(int i) => ChunkHandle.Create(1, 0, i);

    private Scrubber Begin()
    {
        var scrubber = new Scrubber(replicas, options, time, NullLogger<Scrubber>.Instance);
        running = Task.Run(() => scrubber.RunAsync(stop.Token));
        return scrubber;
    }

    private async Task ReadAsync(int i)
    {
        await replicas.AsksAsync(i);
        await LetAsync();
    }

    // Each has a second, so that the rate has nobody wait.
    private async Task LetAsync()
    {
        time.Advance(TimeSpan.FromSeconds(1));
        await replicas.LetAsync();
    }

    private sealed class Replicas : IScrubbedReplicas
    {
        private readonly Channel<ChunkHandle> asks = Channel.CreateUnbounded<ChunkHandle>();
        private readonly Channel<ScrubPass> ended = Channel.CreateUnbounded<ScrubPass>();

        public Channel<bool> Let { get; } = Channel.CreateUnbounded<bool>();

        public ScrubPass? Kept { get; set; }

        public ChunkHandle Fails { get; set; }

        public Exception Failure { get; set; } = new GofsException(GofsError.Timeout, "not now");

        /// <summary>How many lists are yet to fail.</summary>
        public int ListFails { get; set; }

        public int KnownDamages => 0;

        public async Task AsksAsync(int i)
        {
            var asked = await asks.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(60));
            Assert.Equal(StoreHandle(i), asked);
        }

        public async Task LetAsync() => await Let.Writer.WriteAsync(true);

        public async Task<ScrubPass> EndedAsync(long number)
        {
            var pass = await ended.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(60));
            Assert.Equal(number, pass.Number);
            return pass;
        }

        public IReadOnlyList<ReplicaReport> ListReplicas() => ListFails-- > 0
            ? throw new InvalidOperationException("a fault in the program")
            : [.. new[] { 3, 1, 2 }.Select(i => new ReplicaReport(StoreHandle(i), ChunkVersion.First, 100))];

        public async Task<ReplicaScrub> ScrubAsync(ChunkHandle handle, ScrubPacing pacing, CancellationToken cancellation)
        {
            await asks.Writer.WriteAsync(handle, cancellation);
            await Let.Reader.ReadAsync(cancellation);
            if (handle == Fails) throw Failure;
            await pacing(1, cancellation);
            return new(100, 1, 0);
        }

        public IReadOnlyList<DamagedReplica> GetDamagedReplicas() => [];

        public Task<bool> GiveUpAsync(DamagedReplica damaged, CancellationToken cancellation) => Task.FromResult(false);

        public Task<bool> GiveUpAsync(BadChecksumBlock bad, CancellationToken cancellation) => Task.FromResult(false);

        public ScrubPass? LoadPass() => Kept;

        public void KeepPass(ScrubPass pass)
        {
            Kept = pass;
            if (pass.EndedAt is not null) ended.Writer.TryWrite(pass);
        }
    }
}
