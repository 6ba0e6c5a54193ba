using Gofs.Namespaces;
using Gofs.Tests.Sdk.Fakes;
using Xunit;

namespace Gofs.Tests.Sdk;

/// <summary>Who answers a read that may be a moment behind.</summary>
public sealed class StaleReadsTests
{
    private static readonly GofsPath Path = GofsPath.Parse("/a");
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);
    private readonly TimerWatch time = new();
    private readonly FakeMetaServers cluster = new();
    private readonly StaleReads reads;
    private int asked;

    public StaleReadsTests()
    {
        cluster.Standings["silo-1"] = -1;
        cluster.Standings["silo-2"] = 7;
        cluster.Standings["silo-3"] = 9;
        reads = cluster.Client(time).Namespace("demo").Stale;
    }

    [Fact]
    public async Task WarmestStandby_Answers_WithItsNumber()
    {
        cluster.Standby = (silo, _, _) => Lookup(silo, 9);
        var read = await reads.StatAsync(Path).WaitAsync(Limit, TestContext.Current.CancellationToken);
        Assert.Equal(("silo-3", 9, false), (read.Value.NameText, read.EditLogNumber, read.IsOfMaster));
        await reads.StatAsync(Path);
        Assert.Equal(1, cluster.Looks);
    }

    [Fact]
    public async Task NoStandby_MasterAnswers_WithoutANumber()
    {
        cluster.Standings["silo-2"] = cluster.Standings["silo-3"] = -1;
        cluster.Master = (_, _) => Task.FromResult<NamespaceAnswer[]>([new(Named("master"), null, null)]);
        var read = await reads.FindAsync(Path).WaitAsync(Limit, TestContext.Current.CancellationToken);
        Assert.Equal(("master", null, true), (read.Value!.NameText, read.EditLogNumber, read.IsOfMaster));
    }

    [Fact]
    public async Task StandbyWithoutState_MasterAnswers_AndItIsLeftAloneForASecond()
    {
        cluster.Standby = (_, _, _) =>
        {
            asked++;
            return Task.FromException<StaleAnswer<Entry?>>(new GofsException(GofsError.Unavailable, "there is no standby here (yet)"));
        };
        cluster.Master = (_, _) => Task.FromResult<NamespaceAnswer[]>([new(Named("master"), null, null)]);
        for (var i = 0; i < 3; i++) Assert.True((await reads.FindAsync(Path)).IsOfMaster);
        Assert.Equal(1, asked);
        time.Advance(TimeSpan.FromSeconds(2));
        await reads.FindAsync(Path);
        Assert.Equal((2, 2), (asked, cluster.Looks));
    }

    [Fact]
    public async Task SilentStandby_IsWaitedFor_AsLongAsOneTry()
    {
        cluster.Standby = (_, _, _) => new TaskCompletionSource<StaleAnswer<Entry?>>().Task;
        cluster.Master = (_, _) => Task.FromResult<NamespaceAnswer[]>([new(Named("master"), null, null)]);
        var reading = reads.FindAsync(Path);
        Assert.Equal([new GofsClientOptions().AttemptTimeout], await time.PassUntilEndAsync(reading));
        Assert.True((await reading).IsOfMaster);
    }

    [Fact]
    public async Task MissingName_IsNotFound_WithoutTheMaster()
    {
        cluster.Standby = (_, method, _) => method == nameof(INamespaceStandbyGrain.LookupAsync)
            ? Task.FromResult(new StaleAnswer<Entry?>(null, 9))
            : Task.FromException<StaleAnswer<TreeCount>>(new GofsException(GofsError.NotFound, "there is no such file or directory"));
        Assert.Null((await reads.FindAsync(Path)).Value);
        foreach (var ask in new Func<Task>[] { () => reads.StatAsync(Path), () => reads.CountAsync(Path) })
        {
            var refused = await Assert.ThrowsAsync<GofsException>(ask);
            Assert.Equal((GofsError.NotFound, "/a"), (refused.Error, refused.Path));
        }
    }

    [Fact]
    public async Task List_GoesOnAtTheMaster_WhenTheStandbyIsLost()
    {
        cluster.Standby = (_, _, with) => with[1] is null
            ? Task.FromResult(new StaleAnswer<ListPage>(new([Named("a"), Named("b")], More: true), 9))
            : Task.FromException<StaleAnswer<ListPage>>(new TimeoutException());
        cluster.Master = (_, with) =>
        {
            Assert.Equal("b"u8.ToArray(), with[1]);
            return Task.FromResult(new ListPage([Named("c")], More: false));
        };
        List<(string, long?)> seen = [];
        await foreach (var read in reads.ListAsync(Path, TestContext.Current.CancellationToken)) seen.Add((read.Value.NameText, read.EditLogNumber));
        Assert.Equal([("a", 9), ("b", 9), ("c", null)], seen);
    }

    private static Task<StaleAnswer<Entry?>> Lookup(string name, long number) => Task.FromResult(new StaleAnswer<Entry?>(Named(name), number));

    private static Entry Named(string name) => new(
        new InodeNumber(2), EntryType.File, 0, 0, 0, 0, 0, 1, System.Text.Encoding.UTF8.GetBytes(name), null, IsOpenForWriting: false, Entries: 0);
}
