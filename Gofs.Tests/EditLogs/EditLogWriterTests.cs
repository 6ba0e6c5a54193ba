using Gofs.Grains.Chunks;
using Gofs.Grains.EditLogs;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;
using static Gofs.Tests.EditLogs.Commits;

namespace Gofs.Tests.EditLogs;

/// <summary>The protocol of writer and streams, over a store that does what the test says.</summary>
public sealed class EditLogWriterTests : IDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);
    private readonly FakeTimeProvider time = new();
    private readonly FakeEditLogStore store = new();
    private readonly EditLogOptions options = new() { CommitTimeout = TimeSpan.FromSeconds(10) };
    private readonly List<GofsException> faults = [];
    private EditLogWriter? writer;

    private EditLogWriter Writer => writer ??= new(store, options, time, NullLogger<EditLogWriter>.Instance);

    public void Dispose()
    {
        store.Release(all: true);
        writer?.Dispose();
    }

    [Fact]
    public async Task WhatWaits_GoesIntoOneCommit_AndNothingIsDurableBefore()
    {
        var streams = Enumerable.Range(1, 50).Select(Open).ToArray();
        store.Hold();
        Add(streams[0]);
        Assert.Equal([streams[0].Id], store.Arrived());
        foreach (var stream in streams[1..]) Add(stream, records: 3);
        var first = streams[0].DurableAsync();
        var others = streams[1..].Select(stream => stream.DurableAsync()).ToArray();
        Assert.False(first.IsCompleted);
        store.Release();
        await first.WaitAsync(Soon, TestContext.Current.CancellationToken);
        Assert.Equal(streams[1..].Select(stream => stream.Id), store.Arrived());
        Assert.All(others, other => Assert.False(other.IsCompleted));
        Assert.All(streams[1..], stream => Assert.Equal((3, 0), (stream.RaisedNumber, stream.DurableNumber)));
        store.Release();
        await Task.WhenAll(others).WaitAsync(Soon, TestContext.Current.CancellationToken);
        Assert.All(streams[1..], stream => Assert.Equal(3, stream.DurableNumber));
        Assert.Equal(2, store.Transactions.Count);
    }

    [Fact]
    public async Task WaiterOfALaterRecord_WaitsForItsOwnCommit()
    {
        var stream = Open(1);
        store.Hold();
        Add(stream);
        store.Arrived();
        var first = stream.DurableAsync();
        Add(stream);
        var second = stream.DurableAsync();
        store.Release();
        await first.WaitAsync(Soon, TestContext.Current.CancellationToken);
        store.Arrived();
        Assert.False(second.IsCompleted);
        Assert.Equal(1, stream.DurableNumber);
        store.Release();
        await second.WaitAsync(Soon, TestContext.Current.CancellationToken);
        Assert.True(stream.DurableAsync().IsCompletedSuccessfully);
    }

    [Fact]
    public async Task FailedCommit_FaultsEveryStreamInIt_AndNoOther()
    {
        var (a, b, later) = (Open(1), Open(2), Open(3));
        store.Hold();
        Add(later);
        store.Arrived();
        Add(a);
        Add(b);
        var waiting = new[] { a, b }.Select(stream => stream.DurableAsync()).ToArray();
        store.Release();
        store.Arrived();
        Add(later);
        Add(a); // what is raised while the failing commit runs is lost with it
        store.Fails = new GofsException(GofsError.Unavailable, "the disk failed");
        store.Release(all: true);
        foreach (var one in waiting) await Unavailable(one);
        await later.DurableAsync().WaitAsync(Soon, TestContext.Current.CancellationToken);
        Assert.Equal(2, faults.Count);
        await Unavailable(a.DurableAsync());
        Assert.Equal(GofsError.Unavailable, Assert.Throws<GofsException>(a.RequireRoom).Error);
        Assert.Throws<GofsException>(() => Add(b));
        Assert.Equal(2, later.DurableNumber);
        Assert.DoesNotContain(a.Id, store.Transactions[^1]);
    }

    [Fact]
    public async Task RefusedStream_FaultsAlone()
    {
        var (refused, fine) = (Open(1), Open(2));
        store.Refuses[refused.Id] = "another owner";
        store.Hold();
        Add(Open(3));
        store.Arrived();
        Add(refused);
        Add(fine);
        var (lost, done) = (refused.DurableAsync(), fine.DurableAsync());
        store.Release(all: true);
        await done.WaitAsync(Soon, TestContext.Current.CancellationToken);
        Assert.Contains("another owner", (await Unavailable(lost)).Message, StringComparison.Ordinal);
        Assert.Equal(0, refused.DurableNumber);
        Assert.Equal(refused.Id.ToString(), Assert.Single(faults).Path);
    }

    [Fact]
    public async Task HangingCommit_TellsAllWhoWait_AfterTheCommitTimeout()
    {
        var (flying, queued) = (Open(1), Open(2));
        var claim = new EpochClaim(Stream(3), time);
        store.Hold();
        Add(flying);
        store.Arrived();
        Add(queued);
        Writer.Enqueue(claim);
        var waiting = new[] { flying.DurableAsync(), queued.DurableAsync(), claim.Taken };
        time.Advance(options.CommitTimeout - TimeSpan.FromSeconds(2));
        Assert.All(waiting, one => Assert.False(one.IsCompleted));
        time.Advance(TimeSpan.FromSeconds(3));
        foreach (var one in waiting) await Unavailable(one);
        Assert.Equal(2, faults.Count);

        // The commit ends after all: the streams stay given up, nothing of them goes on, and the writer serves others.
        var fresh = Open(4);
        Add(fresh);
        store.Release(all: true);
        await fresh.DurableAsync().WaitAsync(Soon, TestContext.Current.CancellationToken);
        Assert.Equal(2, store.Transactions.Count);
        await Unavailable(flying.DurableAsync());
        Assert.False(Writer.IsFull);
    }

    [Fact]
    public async Task HangingWorkBetweenCommits_TellsWhoWaits()
    {
        var stream = Open(1);
        using var started = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        var work = Writer.DoAsync(_ =>
        {
            started.Set();
            return release.Wait(Soon);
        });
        Assert.True(started.Wait(Soon, TestContext.Current.CancellationToken));
        Add(stream);
        var waiting = stream.DurableAsync();
        time.Advance(options.CommitTimeout + TimeSpan.FromSeconds(2));
        await Unavailable(waiting);
        await Unavailable(work);
        release.Set();
    }

    [Fact]
    public async Task TooMuchWaiting_IsBusy_UntilItIsCommitted()
    {
        (options.MaxPendingBytes, options.MaxCommitBytes) = (200, 100);
        var (stream, other) = (Open(1), Open(2));
        store.Hold();
        Add(stream);
        store.Arrived();
        while (!Writer.IsFull) Add(stream);
        Assert.Equal(GofsError.Busy, Assert.Throws<GofsException>(stream.RequireRoom).Error);
        Assert.Equal(GofsError.Busy, Assert.Throws<GofsException>(other.RequireRoom).Error);
        store.Release(all: true);
        await stream.DurableAsync().WaitAsync(Soon, TestContext.Current.CancellationToken);
        stream.RequireRoom();
        Assert.Empty(faults);
    }

    [Fact]
    public async Task TransactionTakesNoFurtherStream_AfterItsBytes()
    {
        options.MaxCommitBytes = 1;
        var streams = Enumerable.Range(1, 4).Select(Open).ToArray();
        store.Hold();
        Add(streams[0]);
        store.Arrived();
        foreach (var stream in streams[1..]) Add(stream);
        store.Release(all: true);
        foreach (var stream in streams) await stream.DurableAsync().WaitAsync(Soon, TestContext.Current.CancellationToken);
        Assert.Equal(streams.Select(stream => stream.Id), store.Transactions.Select(Assert.Single));
    }

    [Fact]
    public async Task MoreStreamsThanATransactionTakes_GoInTurn()
    {
        var streams = Enumerable.Range(1, EditLogWriter.MaxStreams + 10).Select(Open).ToArray();
        store.Hold();
        Add(streams[0]);
        store.Arrived();
        foreach (var stream in streams) Add(stream);
        store.Release(all: true);
        foreach (var stream in streams) await stream.DurableAsync().WaitAsync(Soon, TestContext.Current.CancellationToken);
        Assert.Equal([1, EditLogWriter.MaxStreams, 10], store.Transactions.Select(transaction => transaction.Length));
    }

    [Fact]
    public async Task NewStream_ClaimsItsEpochWithTheFirstCommit()
    {
        store.Hold();
        var stream = new EditLogStream(Writer, Stream(1), epoch: 0, number: 0, faults.Add);
        store.Arrived();
        Assert.Equal(0, stream.Epoch);
        Assert.False(stream.DurableAsync().IsCompleted);
        store.Release(all: true);
        await stream.DurableAsync().WaitAsync(Soon, TestContext.Current.CancellationToken);
        Assert.Equal(101, stream.Epoch);
    }

    [Fact]
    public async Task ClaimGivenUp_TakesNoEpochLater()
    {
        store.Hold();
        Add(Open(1));
        store.Arrived();
        var (late, current) = (new EpochClaim(Stream(2), time), new EpochClaim(Stream(2), time));
        Writer.Enqueue(late);
        late.Fault(new(GofsError.Unavailable, "too late"));
        Writer.Enqueue(current);
        store.Release(all: true);
        Assert.Equal(101, (await current.Taken.WaitAsync(Soon, TestContext.Current.CancellationToken)).Epoch);
        await Unavailable(late.Taken);
    }

    // Found by the simulation of namespaces (seed 22408): a process that stood still while it took up a stream answered from what it had loaded, seconds after
    // another had taken the next epoch.
    [Fact]
    public async Task OwnerThatTookLongToLoad_LooksWhetherItStillIs_BeforeItAnswers()
    {
        store.IsShared = true;
        var claim = new EpochClaim(Stream(1), time);
        Writer.Enqueue(claim);
        var head = await claim.Taken.WaitAsync(Soon, TestContext.Current.CancellationToken);
        time.Advance(EditLogStream.FenceAge);
        var stream = new EditLogStream(Writer, Stream(1), head.Epoch, head.Number, faults.Add, claim.BegunAt);
        store.Refuses[stream.Id] = "another owner took an epoch";
        await Unavailable(stream.DurableAsync());
    }

    [Fact]
    public async Task ReaderThatComesLongAfterACommitBegan_WaitsForAnotherOne()
    {
        store.IsShared = true;
        var stream = Open(1);
        store.Hold();
        Add(stream);
        store.Arrived();
        var early = stream.DurableAsync();
        time.Advance(EditLogStream.FenceAge);
        var late = stream.DurableAsync();
        store.Release();
        await early.WaitAsync(Soon, TestContext.Current.CancellationToken);
        store.Arrived();
        store.Refuses[stream.Id] = "another owner took an epoch";
        store.Release(all: true);
        await Unavailable(late);
    }

    [Fact]
    public async Task Disposing_CommitsWhatWaits_AndRefusesWhatComesLater()
    {
        var (stream, late) = (Open(1), Open(2));
        store.Hold();
        Add(Open(3));
        store.Arrived();
        Add(stream);
        store.Release(all: true);
        Writer.Dispose();
        Assert.True(stream.DurableAsync().IsCompletedSuccessfully);
        Assert.True(store.Disposed);
        Add(late);
        await Unavailable(late.DurableAsync());
        await Unavailable(Writer.DoAsync(_ => 0));
    }

    private EditLogStream Open(int id) => new(Writer, Stream(id), epoch: id, number: 0, fault =>
    {
        lock (faults) faults.Add(new(fault.Error, fault.Detail, Stream(id).ToString()));
    });

    private static void Add(EditLogStream stream, int records = 1)
    {
        for (var i = 0; i < records; i++) stream.Add(EventSerializers.Some, new HandlesReserved(i));
    }

    private static async Task<GofsException> Unavailable(Task task)
    {
        var told = await Assert.ThrowsAsync<GofsException>(() => task.WaitAsync(Soon, TestContext.Current.CancellationToken));
        Assert.Equal(GofsError.Unavailable, told.Error);
        return told;
    }
}
