using Gofs.Grains.ChunkServers;
using Gofs.Tests.ChunkServers.Storage;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gofs.Tests.ChunkServers;

/// <summary>A replica copied from one chunk server to another: equal when it is installed, whatever was written meanwhile and whatever failed.</summary>
public sealed class ReplicaCopiesTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly byte[] data = StoreHost.Bytes((3 << 20) + 12_345);

    [Theory, InlineData(0), InlineData(1), InlineData(65536), InlineData(200_000), InlineData(4 << 20)]
    public async Task Copy_IsAReplica_OfTheNewVersion(int length)
    {
        await using var pair = await CopyPair.StartAsync();
        await pair.Source.CreateAsync(StoreHost.Handle(1), CopyPair.ChunkBytes, CancellationToken.None);
        var all = StoreHost.Bytes(length);
        for (var at = 0; at < length; at += 1 << 20) await pair.WriteAsync(1, all[at..Math.Min(length, at + (1 << 20))], at);
        var copied = await pair.CopyAsync(1).WaitAsync(Limit);
        Assert.Equal(length, copied.LengthBytes);
        Assert.Empty(pair.Target.GetAll());
        await pair.SetVersionAsync(1, 2);
        await pair.InstallAsync(1, copied.CopyId, 2).WaitAsync(Limit);
        Assert.Equal(all, await CopyPair.ReadAsync(pair.Target, 1, version: 2));
        Assert.Equal(2, Assert.Single(pair.Target.TakeChanges().Present).Version.Value);
        await pair.InstallAsync(1, copied.CopyId, 2).WaitAsync(Limit); // asked again
    }

    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(4)]
    public async Task ChunkThatIsWrittenAllTheWhile_IsEqualWhenItIsInstalled(int seed)
    {
        await using var pair = await CopyPair.StartAsync();
        await WriteAllAsync(pair);
        var copying = pair.CopyAsync(1);
        var dice = new Random(seed);
        for (var i = 0; !copying.IsCompleted || i < 20; i++) await ChangeAsync(pair, dice);
        var copied = await copying.WaitAsync(Limit);
        for (var i = 0; i < 20; i++) await ChangeAsync(pair, dice);
        await pair.SetVersionAsync(1, 2);
        await pair.InstallAsync(1, copied.CopyId, 2).WaitAsync(Limit);
        Assert.Equal(await CopyPair.ReadAsync(pair.Source, 1, version: 2), await CopyPair.ReadAsync(pair.Target, 1, version: 2));
    }

    [Fact]
    public async Task CopyThatLasts_KeepsNoCallWaiting()
    {
        var time = new FakeTimeProvider();
        await using var pair = await CopyPair.StartAsync(time);
        await WriteAllAsync(pair);
        var go = new TaskCompletionSource();
        pair.BeforeRead = () => go.Task;
        var asked = pair.AskAsync(1);
        Assert.False(asked.IsCompleted);
        time.Advance(ReplicaCopies.Wait);
        Assert.Equal(default, await asked.WaitAsync(Limit));
        go.SetResult();
        Assert.Equal(await pair.CopyAsync(1).WaitAsync(Limit), await pair.AskAsync(1).WaitAsync(Limit));
        Assert.Single(pair.Calls, "begin");
    }

    [Fact]
    public async Task AskedAgainWhileItRuns_JoinsIt()
    {
        await using var pair = await CopyPair.StartAsync();
        await WriteAllAsync(pair);
        var go = new TaskCompletionSource();
        pair.BeforeRead = () => go.Task;
        var (first, second) = (pair.CopyAsync(1), pair.CopyAsync(1));
        go.SetResult();
        Assert.Equal(await first.WaitAsync(Limit), await second.WaitAsync(Limit));
        Assert.Equal(await first, await pair.CopyAsync(1).WaitAsync(Limit));
        Assert.Single(pair.Calls, "begin");
    }

    [Fact]
    public async Task InstallBeforeTheSourceHasTheVersion_IsRefused_AndGoesLater()
    {
        await using var pair = await CopyPair.StartAsync();
        await WriteAllAsync(pair);
        var copied = await pair.CopyAsync(1).WaitAsync(Limit);
        Assert.Equal(GofsError.StaleVersion, await ErrorOfAsync(pair.InstallAsync(1, copied.CopyId, 2)));
        Assert.Empty(pair.Target.GetAll());
        await pair.WriteAsync(1, [1, 2, 3], offset: 70_000);
        await pair.SetVersionAsync(1, 2);
        await pair.InstallAsync(1, copied.CopyId, 2).WaitAsync(Limit);
        Assert.Equal(await CopyPair.ReadAsync(pair.Source, 1, version: 2), await CopyPair.ReadAsync(pair.Target, 1, version: 2));
    }

    [Fact]
    public async Task PlacesAreBounded_AndFreeAgainWhenACopyIsDropped()
    {
        await using var pair = await CopyPair.StartAsync();
        for (var chunk = 1; chunk <= ReplicaCopies.Most + 1; chunk++) await pair.WriteAsync(chunk, StoreHost.Bytes(1000, chunk));
        List<long> made = [];
        for (var chunk = 1; chunk <= ReplicaCopies.Most; chunk++) made.Add((await pair.CopyAsync(chunk).WaitAsync(Limit)).CopyId);
        Assert.Equal(GofsError.Busy, await ErrorOfAsync(pair.CopyAsync(ReplicaCopies.Most + 1)));
        await pair.Copies.DropAsync(StoreHost.Handle(3), made[0], CancellationToken.None); // another's id: nothing
        Assert.Equal(GofsError.Busy, await ErrorOfAsync(pair.CopyAsync(ReplicaCopies.Most + 1)));
        await pair.Copies.DropAsync(StoreHost.Handle(3), made[2], CancellationToken.None).WaitAsync(Limit);
        await pair.Copies.DropAsync(StoreHost.Handle(3), made[2], CancellationToken.None).WaitAsync(Limit);
        await pair.CopyAsync(ReplicaCopies.Most + 1).WaitAsync(Limit);
        Assert.Equal(ReplicaCopies.Most, CopiesOnDisk(pair).Length);
        Assert.Equal(GofsError.ChunkNotFound, await ErrorOfAsync(pair.InstallAsync(3, made[2], 2)));
    }

    [Fact]
    public async Task CopiesThatOnlyFillServersEvenly_TakeFewPlaces_AndLeaveTheOthersToHealing()
    {
        await using var pair = await CopyPair.StartAsync();
        var more = ReplicaCopies.MostMoves + 1;
        for (var chunk = 1; chunk <= more; chunk++) await pair.WriteAsync(chunk, StoreHost.Bytes(1000, chunk));
        for (var chunk = 1; chunk < more; chunk++) await pair.CopyAsync(chunk, isMove: true).WaitAsync(Limit);
        Assert.Equal(GofsError.Busy, await ErrorOfAsync(pair.CopyAsync(more, isMove: true)));
        await pair.CopyAsync(more).WaitAsync(Limit);
    }

    [Fact]
    public async Task CopyOfAChunkWithOneReplicaLeft_HasAPlace_WhereOthersHaveNone()
    {
        await using var pair = await CopyPair.StartAsync();
        var more = ReplicaCopies.Most + ReplicaCopies.MoreUrgent + 1;
        for (var chunk = 1; chunk <= more; chunk++) await pair.WriteAsync(chunk, StoreHost.Bytes(1000, chunk));
        for (var chunk = 1; chunk < more; chunk++) await pair.CopyAsync(chunk, isUrgent: chunk > ReplicaCopies.Most).WaitAsync(Limit);
        Assert.Equal(GofsError.Busy, await ErrorOfAsync(pair.CopyAsync(more, isUrgent: true)));
    }

    [Fact]
    public async Task CopyNobodyInstalls_IsDroppedAfterTwoMinutes()
    {
        var time = new FakeTimeProvider();
        await using var pair = await CopyPair.StartAsync(time);
        await pair.WriteAsync(1, StoreHost.Bytes(1000));
        await pair.WriteAsync(2, StoreHost.Bytes(1000));
        var (used, unused) = (await pair.CopyAsync(1).WaitAsync(Limit), await pair.CopyAsync(2).WaitAsync(Limit));
        time.Advance(TimeSpan.FromSeconds(100));
        Assert.Equal(used, await pair.CopyAsync(1).WaitAsync(Limit));
        time.Advance(TimeSpan.FromSeconds(30));
        pair.Copies.DropUnused();
        Assert.NotEqual(unused.CopyId, (await pair.CopyAsync(2).WaitAsync(Limit)).CopyId);
        await pair.SetVersionAsync(1, 2);
        await pair.InstallAsync(1, used.CopyId, 2).WaitAsync(Limit);
        Assert.Equal(StoreHost.Bytes(1000), await CopyPair.ReadAsync(pair.Target, 1, version: 2));
    }

    [Fact]
    public async Task AnswerThatIsLost_MakesItBeginAnew_AndLosesNothing()
    {
        await using var pair = await CopyPair.StartAsync();
        await WriteAllAsync(pair);
        var written = StoreHost.Bytes(100_000, seed: 9);
        var lost = 0;
        pair.BeforeCall = call => call == "touched" && lost == 0 ? pair.WriteAsync(1, written, offset: 1 << 20) : Task.CompletedTask;
        pair.AfterCall = call => call == "touched" && lost++ == 0 ? throw new GofsException(GofsError.Timeout, "lost") : Task.CompletedTask;
        var copied = await pair.CopyAsync(1).WaitAsync(Limit);
        Assert.Equal(2, pair.Calls.Count(call => call == "begin"));
        await pair.SetVersionAsync(1, 2);
        await pair.InstallAsync(1, copied.CopyId, 2).WaitAsync(Limit);
        Assert.Equal(await CopyPair.ReadAsync(pair.Source, 1, version: 2), await CopyPair.ReadAsync(pair.Target, 1, version: 2));
    }

    [Fact]
    public async Task AnswerThatIsLostAtTheInstall_MeansToCopyAgain()
    {
        await using var pair = await CopyPair.StartAsync();
        await WriteAllAsync(pair);
        var copied = await pair.CopyAsync(1).WaitAsync(Limit);
        await pair.WriteAsync(1, [1, 2, 3], offset: 100);
        await pair.SetVersionAsync(1, 2);
        pair.AfterCall = call => call == "touched" ? throw new GofsException(GofsError.Timeout, "lost") : Task.CompletedTask;
        Assert.Equal(GofsError.Timeout, await ErrorOfAsync(pair.InstallAsync(1, copied.CopyId, 2)));
        pair.AfterCall = _ => Task.CompletedTask;
        Assert.Equal(GofsError.ChunkNotFound, await ErrorOfAsync(pair.InstallAsync(1, copied.CopyId, 2)));
        Assert.Empty(pair.Target.GetAll());
        copied = await pair.CopyAsync(1, version: 2).WaitAsync(Limit);
        await pair.SetVersionAsync(1, 3);
        await pair.InstallAsync(1, copied.CopyId, 3).WaitAsync(Limit);
        Assert.Equal(await CopyPair.ReadAsync(pair.Source, 1, version: 3), await CopyPair.ReadAsync(pair.Target, 1, version: 3));
    }

    [Fact]
    public async Task SingleCallsThatFail_AreTriedAgain()
    {
        await using var pair = await CopyPair.StartAsync(TimeProvider.System);
        await WriteAllAsync(pair);
        var (reads, begins) = (0, 0);
        pair.BeforeRead = () => Interlocked.Increment(ref reads) % 3 == 1 ? throw new GofsException(GofsError.Busy, "later") : Task.CompletedTask;
        pair.BeforeCall = call => call == "begin" && begins++ == 0 ? throw new GofsException(GofsError.Unavailable, "later") : Task.CompletedTask;
        Assert.Equal(data.Length, (await pair.CopyAsync(1).WaitAsync(Limit)).LengthBytes);
    }

    [Fact]
    public async Task SourceThatRefuses_IsSaid_AndNothingIsLeft()
    {
        await using var pair = await CopyPair.StartAsync();
        await WriteAllAsync(pair);
        Assert.Equal(GofsError.StaleVersion, await ErrorOfAsync(pair.CopyAsync(1, version: 5)));
        Assert.Equal(GofsError.ChunkNotFound, await ErrorOfAsync(pair.CopyAsync(2)));
        var reads = 0;
        pair.BeforeRead = () => Interlocked.Increment(ref reads) == 2 ? throw new GofsException(GofsError.Corrupt, "rotten") : Task.CompletedTask;
        Assert.Equal(GofsError.Corrupt, await ErrorOfAsync(pair.CopyAsync(1)));
        var copied = await pair.CopyAsync(1).WaitAsync(Limit);
        await pair.Copies.DropAsync(StoreHost.Handle(1), copied.CopyId, CancellationToken.None).WaitAsync(Limit);
        Assert.Empty(CopiesOnDisk(pair));
    }

    [Fact]
    public async Task OtherSourceOrVersion_EndsTheCopyThatRuns()
    {
        await using var pair = await CopyPair.StartAsync();
        await WriteAllAsync(pair);
        var first = await pair.CopyAsync(1).WaitAsync(Limit);
        await pair.SetVersionAsync(1, 2);
        var second = await pair.CopyAsync(1, version: 2).WaitAsync(Limit);
        Assert.NotEqual(first.CopyId, second.CopyId);
        Assert.Single(CopiesOnDisk(pair));
        await pair.SetVersionAsync(1, 3);
        Assert.Equal(GofsError.ChunkNotFound, await ErrorOfAsync(pair.InstallAsync(1, first.CopyId, 3)));
        await pair.InstallAsync(1, second.CopyId, 3).WaitAsync(Limit);
    }

    private static string[] CopiesOnDisk(CopyPair pair) =>
        [.. pair.TargetDisk.Files.Where(file => file.StartsWith("copies/", StringComparison.Ordinal))];

    private static async Task<GofsError> ErrorOfAsync(Task task) => (await Assert.ThrowsAsync<GofsException>(() => task.WaitAsync(Limit))).Error;

    private async Task WriteAllAsync(CopyPair pair)
    {
        for (var at = 0; at < data.Length; at += 1 << 20) await pair.WriteAsync(1, data[at..Math.Min(data.Length, at + (1 << 20))], at);
    }

    private static async Task ChangeAsync(CopyPair pair, Random dice)
    {
        var length = (int)await pair.Source.GetLengthAsync(StoreHost.Handle(1), new(1), CancellationToken.None);
        if (dice.Next(8) == 0)
        {
            await pair.Source.TruncateAsync(StoreHost.Handle(1), new(1), length - dice.Next(Math.Min(length, 300_000) + 1), CancellationToken.None);
            return;
        }

        var offset = dice.Next(2) == 0 ? dice.Next(length + 1) : Math.Min(length + dice.Next(3) * 1000, CopyPair.ChunkBytes - 1);
        var bytes = StoreHost.Bytes(Math.Min(dice.Next(1, 100_000), CopyPair.ChunkBytes - offset), dice.Next());
        await pair.WriteAsync(1, bytes, offset);
    }
}
