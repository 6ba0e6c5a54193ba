using Gofs.Web.Live;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gofs.Tests.Web;

/// <summary>One poll for all pages: while somebody watches, and honest about its failures.</summary>
public sealed class ClusterPollTests
{
    private readonly FakeTimeProvider time = new(Views.At);
    private readonly FakeSource source = new();
    private readonly ClusterPoll poll;

    public ClusterPollTests() => poll = new(source, time);

    [Fact]
    public void NobodyWatches_NothingIsAsked()
    {
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(0, source.Looks);
    }

    [Fact]
    public void ManyWatchers_AreOnePoll()
    {
        using var first = poll.Watch(() => { });
        using var second = poll.Watch(() => { });
        var before = source.Looks;
        for (var i = 0; i < 5; i++) time.Advance(ClusterPoll.Period);
        Assert.Equal(5, source.Looks - before);
    }

    [Fact]
    public void LastWatcherLeaves_AndItStops()
    {
        poll.Watch(() => { }).Dispose();
        var before = source.Looks;
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(before, source.Looks);
    }

    [Fact]
    public void LookFails_TheLastStands_WithItsAgeAndWhy()
    {
        var told = 0;
        using var watching = poll.Watch(() => told++);
        time.Advance(ClusterPoll.Period);
        Assert.Null(poll.News.Failure);
        source.Failure = new(GofsError.SiloUnreachable, "no silo can be reached");
        var before = told;
        for (var i = 0; i < 4; i++) time.Advance(ClusterPoll.Period);
        Assert.Equal("no silo can be reached", poll.News.Failure);
        Assert.NotNull(poll.News.View);
        Assert.True(poll.News.IsStale);
        Assert.True(told - before >= 4);
        source.Failure = null;
        source.At = time.GetUtcNow();
        time.Advance(ClusterPoll.Period);
        Assert.Null(poll.News.Failure);
    }

    [Fact]
    public async Task LookHangs_WatchersAreCalledAllTheSame_AndItFailsInTheEnd()
    {
        var failed = new TaskCompletionSource();
        var told = 0;
        source.Hangs = true;
        using var watching = poll.Watch(() =>
        {
            Interlocked.Increment(ref told);
            if (poll.News.Failure is not null) failed.TrySetResult();
        });
        time.Advance(ClusterPoll.Period);
        time.Advance(ClusterPoll.Period);
        Assert.Equal(1, source.Looks);
        Assert.True(told > 0);
        time.Advance(ClusterPoll.Limit);
        await failed.Task.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Contains("has not answered for 5 s", poll.News.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public void Changes_AreKept_NewestFirst()
    {
        using var watching = poll.Watch(() => { });
        time.Advance(ClusterPoll.Period);
        source.View = Views.Healthy with { Silos = [Views.Silo("silo-1")] };
        time.Advance(ClusterPoll.Period);
        source.View = Views.Healthy;
        time.Advance(ClusterPoll.Period);
        Assert.Equal(["Silo silo-2 is active.", "Silo silo-2 is no longer active."], poll.News.Events.Select(one => one.Text));
    }

    [Fact]
    public void Rate_IsRecordsOverTheTimeBetweenTwoLooks()
    {
        using var watching = poll.Watch(() => { });
        time.Advance(ClusterPoll.Period);
        source.At = Views.At + TimeSpan.FromSeconds(2);
        source.View = Views.Healthy with { Namespaces = [Views.Space("projects", one => one with { EditLogNumber = one.EditLogNumber + 500 })] };
        time.Advance(ClusterPoll.Period);
        Assert.Equal(250, poll.News.Rates[^1]);
    }

    private sealed class FakeSource : IClusterSource
    {
        public int Looks { get; private set; }

        public bool Hangs { get; set; }

        public GofsException? Failure { get; set; }

        public ClusterView View { get; set; } = Views.Healthy;

        public DateTimeOffset At { get; set; } = Views.At;

        public Task<ClusterView> LookAsync(CancellationToken cancellation)
        {
            Looks++;
            if (Hangs) return new TaskCompletionSource<ClusterView>().Task;
            return Failure is null ? Task.FromResult(View with { At = At }) : Task.FromException<ClusterView>(Failure);
        }
    }
}
