using Gofs.Chunks;
using Gofs.Files;
using Gofs.Internal;
using Gofs.Tests.Sdk.Fakes;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gofs.Tests.Sdk;

public sealed class LeaseKeeperTests
{
    private static readonly TimeSpan LeaseTime = TimeSpan.FromSeconds(60);
    private static readonly LeaseId Id = new(new Guid(1, 0, 0, new byte[8]));
    private static readonly TimeSpan Third = LeaseTime / 3;
    private readonly FakeTimeProvider time = new();
    private Func<Task> renew = () => Task.CompletedTask;
    private Func<Task> after = () => Task.CompletedTask;
    private Func<LeaseId, Task> truncate = _ => Task.CompletedTask;
    private Func<ResumeLease, Task> resume = _ => Task.FromException(new GofsException(GofsError.LeaseExpired, "it is somebody else's"));
    private Func<Task<ChunkPlacement>> place = () => throw new NotSupportedException();
    private LeasedFile? leased;
    private ClientContext? context;
    private int renewals;

    [Fact]
    public async Task GrainThatForgotTheLease_TakesItUpAgain_WithTheChunksItPlaced()
    {
        ResumeLease? asked = null;
        renew = () => asked is null ? Task.FromException(new GofsException(GofsError.LeaseExpired, "not known")) : Task.CompletedTask;
        resume = command =>
        {
            asked = command;
            return Task.CompletedTask;
        };
        await using var keeper = Keep();
        time.Advance(Third);
        keeper.ThrowIfLost();
        Assert.Equal((Id, 7, 3), (asked!.LeaseId, asked.GrantedAt, Assert.Single(asked.Placed).Index));
        Assert.Equal(2, renewals);
    }

    // Found by the simulation (seed 1277): the grain before had said where to write, the one that took the lease up did not know, and cut it off.
    [Fact]
    public async Task PlacementThatWasAskedForBeforeTheLeaseWasTakenUpAgain_IsAskedForAgain()
    {
        var former = new TaskCompletionSource<ChunkPlacement>();
        var (asked, isKnown) = (0, true);
        List<ChunkVersion> placed = [];
        place = () => asked++ == 0 ? former.Task : Task.FromResult(Placement(version: 2));
        renew = () => isKnown ? Task.CompletedTask : Task.FromException(new GofsException(GofsError.LeaseExpired, "not known"));
        resume = _ =>
        {
            isKnown = true;
            return Task.CompletedTask;
        };
        await using var keeper = Keep();
        var placing = leased!.PlaceAsync((file, id, token) => file.PlaceChunkAsync(id, 3, token), one => placed.Add(one.Version), CancellationToken.None);
        isKnown = false;
        await leased.RunAsync((file, id, token) => file.RenewLeaseAsync(id, token), CancellationToken.None);
        former.SetResult(Placement(version: 1));
        Assert.Equal(new(2), (await placing).Version);
        Assert.Equal([new(1), new(2)], placed);
    }

    // The first may be carried out after what was written since the second.
    [Fact]
    public async Task CutThatHadNoAnswer_IsAskedForAgainUnderAnotherName_AndNotAThirdTime()
    {
        List<LeaseId> names = [];
        var late = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        truncate = id =>
        {
            names.Add(id);
            return names.Count == 1 ? late.Task : Task.CompletedTask;
        };
        resume = _ => Task.CompletedTask;
        await using var keeper = Keep();
        var cutting = leased!.CutAsync((file, id, token) => file.TruncateAsync(id, 0, token), CancellationToken.None);
        while (!cutting.IsCompleted) time.Advance(TimeSpan.FromMilliseconds(100));
        await cutting;
        Assert.Equal([Id, Id.Next()], names);
        late.SetException(new GofsException(GofsError.LeaseExpired, "it has another name"));
        await leased.RunAsync((file, id, token) => file.RenewLeaseAsync(id, token), CancellationToken.None);
        Assert.Equal(2, names.Count);
    }

    [Fact]
    public async Task CutAfterACallThatHadNoAnswer_IsAskedForUnderAnotherName()
    {
        List<LeaseId> names = [];
        truncate = id =>
        {
            names.Add(id);
            return Task.CompletedTask;
        };
        resume = _ => Task.CompletedTask;
        var answers = 0;
        renew = () => answers++ == 0 ? Task.FromException(new TimeoutException()) : Task.CompletedTask;
        await using var keeper = Keep();
        await CutAsync();
        Assert.Equal(Id, names[^1]);
        var renewing = leased!.RunAsync((file, id, token) => file.RenewLeaseAsync(id, token), CancellationToken.None);
        while (!renewing.IsCompleted) time.Advance(TimeSpan.FromMilliseconds(100));
        await renewing;
        await CutAsync();
        Assert.Equal(Id.Next(), names[^1]);
        await CutAsync();
        Assert.Equal(Id.Next(), names[^1]);

        Task CutAsync() => leased!.CutAsync((file, id, token) => file.TruncateAsync(id, 0, token), CancellationToken.None);
    }

    [Fact]
    public async Task LeaseThatHasEnded_IsNotTakenUpAgain()
    {
        await using var keeper = Keep();
        var resumes = 0;
        resume = _ =>
        {
            resumes++;
            return Task.CompletedTask;
        };
        renew = () => new TaskCompletionSource().Task;
        time.Advance(LeaseTime);
        renew = () => Task.FromException(new GofsException(GofsError.LeaseExpired, "not known"));
        var failed = await Assert.ThrowsAsync<GofsException>(() =>
            leased!.RunAsync((file, id, token) => file.RenewLeaseAsync(id, token), CancellationToken.None));
        Assert.Equal((GofsError.LeaseExpired, 0), (failed.Error, resumes));
    }

    [Fact]
    public async Task Lease_IsRenewed_EachThirdOfItsTime()
    {
        await using var keeper = Keep();
        for (var third = 1; third <= 10; third++)
        {
            time.Advance(Third);
            Assert.Equal(third, renewals);
            keeper.ThrowIfLost();
        }
    }

    [Fact]
    public async Task CallThatWentWell_PutsTheRenewalOff()
    {
        await using var keeper = Keep();
        time.Advance(TimeSpan.FromSeconds(15));
        await leased!.RunAsync((file, id, token) => file.RenewLeaseAsync(id, token), CancellationToken.None);
        renewals = 0;
        time.Advance(TimeSpan.FromSeconds(19));
        Assert.Equal(0, renewals);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, renewals);
    }

    [Fact]
    public async Task RefusedRenewal_IsTheEndOfTheLease()
    {
        renew = () => Task.FromException(new GofsException(GofsError.LeaseExpired, "it is somebody else's"));
        await using var keeper = Keep();
        time.Advance(Third);
        var failure = Assert.Throws<GofsException>(keeper.ThrowIfLost);
        Assert.Equal((GofsError.LeaseExpired, "/f"), (failure.Error, failure.Path));
        Assert.Contains("somebody else's", failure.Message, StringComparison.Ordinal);
        time.Advance(LeaseTime);
        Assert.Equal(1, renewals);
    }

    [Fact]
    public async Task UnknownOutcomes_AreTriedAgain_AndOneAnswerSavesTheLease()
    {
        renew = () => Task.FromException(new TimeoutException());
        await using var keeper = Keep();
        time.Advance(Third);
        time.Advance(Third / 8);
        time.Advance(Third / 8);
        Assert.Equal(3, renewals);
        keeper.ThrowIfLost();
        renew = () => Task.CompletedTask;
        time.Advance(Third / 8);
        time.Advance(Third);
        Assert.Equal(5, renewals);
        keeper.ThrowIfLost();
    }

    [Fact]
    public async Task NoAnswerForTheWholeLeaseTime_IsTheEndOfTheLease()
    {
        renew = () => Task.FromException(new TimeoutException());
        var start = time.GetTimestamp();
        await using var keeper = Keep();
        time.Advance(Third);
        while (time.GetElapsedTime(start) < LeaseTime - (Third / 8) && renewals < 100) time.Advance(Third / 8);
        keeper.ThrowIfLost();
        time.Advance(Third / 8);
        Assert.Equal(GofsError.LeaseExpired, Assert.Throws<GofsException>(keeper.ThrowIfLost).Error);
        var tried = renewals;
        renew = () => Task.CompletedTask;
        time.Advance(LeaseTime);
        Assert.Equal(tried, renewals);
        Assert.Throws<GofsException>(keeper.ThrowIfLost);
    }

    [Fact]
    public async Task WorkAfterARenewal_ThatFailsForGood_IsTheEndOfTheLease()
    {
        after = () => Task.FromException(new GofsException(GofsError.NoSpace, "the disk is full"));
        await using var keeper = Keep();
        time.Advance(Third);
        Assert.Contains("the disk is full", Assert.Throws<GofsException>(keeper.ThrowIfLost).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Disposed_NothingIsRenewed_AndARenewalUnderWayIsWaitedFor()
    {
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        renew = () => answer.Task;
        var keeper = Keep();
        time.Advance(Third);
        Assert.Equal(1, renewals);
        await keeper.DisposeAsync();
        time.Advance(LeaseTime);
        Assert.Equal(1, renewals);
        await keeper.DisposeAsync();
    }

    [Fact]
    public async Task ClientThatEnds_EndsTheRenewing_OfAFileNobodyDisposedOf()
    {
        var keeper = Keep();
        time.Advance(Third);
        Assert.Equal(1, renewals);
        context!.Dispose();
        for (var i = 0; i < 10; i++) time.Advance(Third);
        Assert.Equal(1, renewals);
        await keeper.DisposeAsync();
    }

    private static ChunkPlacement Placement(int version) => new(3, ChunkHandle.Create(1, 0, 4), new(version), []);

    private LeaseKeeper Keep()
    {
        var grain = Fake.Of<IFileGrain>((method, arguments) =>
        {
            if (method == nameof(IFileGrain.ResumeLeaseAsync)) return resume((ResumeLease)arguments[0]!);
            if (method == nameof(IFileGrain.PlaceChunkAsync)) return place();
            if (method == nameof(IFileGrain.TruncateAsync)) return truncate((LeaseId)arguments[0]!);
            if (method != nameof(IFileGrain.RenewLeaseAsync)) return Fake.Unexpected(method);
            renewals++;
            return renew();
        });
        var lease = new WriterLease(Id, LeaseTime, 0, FakeFile.ChunkBytes, null) { EditLogNumber = 7 };
        context = FakeFile.Context(time, new FakeTransport());
        leased = new LeasedFile(context, GofsPath.Parse("/f"), grain, lease, () => [new(3, ChunkHandle.Create(1, 0, 4), ChunkVersion.First, [])]);
        return new LeaseKeeper(context, GofsPath.Parse("/f"), leased, _ => after());
    }
}
