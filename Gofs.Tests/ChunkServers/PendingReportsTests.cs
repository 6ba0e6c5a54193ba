using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Grains.ChunkServers;
using Xunit;

namespace Gofs.Tests.ChunkServers;

public sealed class PendingReportsTests
{
    private static readonly ServerId Server = new("a");
    private readonly PendingReports pending = new();

    [Fact]
    public void FullReport_GoesInParts_OfWhichTheFirstSaysSo()
    {
        pending.AddAll([.. Enumerable.Range(1, PendingReports.PartReplicas + 1).Select(counter => Replica(counter))]);
        var first = pending.Take((1, 0), Server)!;
        var second = pending.Take((1, 0), Server)!;
        Assert.True(first is { First: true, HasMore: true });
        Assert.True(second is { First: false, HasMore: false });
        Assert.Equal(PendingReports.PartReplicas + 1, first.Present.Concat(second.Present).Distinct().Count());
        Assert.Null(pending.Take((1, 0), Server));
    }

    [Fact]
    public void PartThatDidNotArrive_IsToldAgain_UnlessThereIsNewerWord()
    {
        pending.AddAll([Replica(1), Replica(2)]);
        var lost = pending.Take((1, 0), Server)!;
        pending.Add(new([Replica(2, version: 9)], [Handle(1)]));
        pending.GiveBack((1, 0), lost);
        var again = pending.Take((1, 0), Server)!;
        Assert.True(again.First);
        Assert.Equal([Replica(2, version: 9)], again.Present);
        Assert.Equal([Handle(1)], again.Gone);
    }

    [Fact]
    public void Changes_GoToTheTableTheHandleNames()
    {
        pending.Add(new([Replica(1), new(ChunkHandle.Create(2, 5, 1), new(1), 0)], []));
        Assert.Equal([(1, 0), (2, 5)], pending.Tables.Order());
        pending.Forget(2);
        Assert.Equal([(1, 0)], pending.Tables);
    }

    [Fact]
    public void ChangeWhileAllIsGathered_IsNotToldBeforeIt_AndIsNotForgottenByIt()
    {
        pending.Hold((1, 0));
        pending.Add(new([Replica(2, version: 9)], [Handle(1)]));
        Assert.Null(pending.Take((1, 0), Server));
        pending.Release((1, 0), [Replica(1), Replica(2), Replica(3)]);
        var full = pending.Take((1, 0), Server)!;
        Assert.True(full.First);
        Assert.Equal([Replica(2, version: 9), Replica(3)], full.Present.OrderBy(replica => replica.Handle.Counter));
        Assert.Equal([Handle(1)], full.Gone);
        Assert.Empty(pending.Tables);
    }

    [Fact]
    public void NothingGathered_IsTold_UnlessItCouldNotBe()
    {
        pending.Hold((1, 0));
        pending.Release((1, 0), []);
        var full = pending.Take((1, 0), Server)!;
        Assert.True(full.First);
        Assert.Empty(full.Present);
        pending.Hold((1, 0));
        pending.Release((1, 0), null);
        Assert.Empty(pending.Tables);
    }

    [Fact]
    public void TableThatAsksTwice_IsToldWhenBothAreGathered()
    {
        pending.Hold((1, 0));
        pending.Hold((1, 0));
        pending.Release((1, 0), [Replica(1)]);
        Assert.Null(pending.Take((1, 0), Server));
        pending.Release((1, 0), null);
        Assert.Equal([Replica(1)], pending.Take((1, 0), Server)!.Present);
    }

    private static ChunkHandle Handle(long counter) => ChunkHandle.Create(1, 0, counter);

    private static ReplicaReport Replica(long counter, int version = 1) => new(Handle(counter), new(version), 10);
}
