using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Web.Live;
using Gofs.Web.Overview;
using Xunit;

namespace Gofs.Tests.Web;

/// <summary>What is under way, and when it ends, as looks find it.</summary>
public sealed class DutyTests
{
    [Fact]
    public void Healing_BeginsWithTheFirstLack_AndEndsWithTheLast()
    {
        Assert.Null(HealingRun.Next(null, new() { Chunks = 9 }, Views.At));
        var begun = HealingRun.Next(null, new() { UnderGoal = 40, Copied = 7 }, Views.At)!;
        Assert.Equal((0L, 40L, 0.0), (begun.Copied, begun.Left, begun.Done));
        var later = HealingRun.Next(begun, new() { UnderGoal = 25, Endangered = 5, Copied = 17 }, Views.At + TimeSpan.FromSeconds(10))!;
        Assert.Equal((10L, 30L, 0.25), (later.Copied, later.Left, later.Done));
        Assert.Equal(Views.At + TimeSpan.FromSeconds(40), later.ExpectedEnd(Views.At + TimeSpan.FromSeconds(10)));
        Assert.Null(HealingRun.Next(later, new() { Copied = 47 }, Views.At + TimeSpan.FromSeconds(40)));
    }

    [Fact]
    public void TablesThatStartAnew_BeginAnotherRun()
    {
        var run = HealingRun.Next(HealingRun.Next(null, new() { UnderGoal = 40, Copied = 100 }, Views.At), new() { UnderGoal = 30, Copied = 3 }, Views.At)!;
        Assert.Equal((0L, 30L), (run.Copied, run.Left));
    }

    [Fact]
    public void TableThatDoesNotAnswer_EndsNoRun()
    {
        var run = HealingRun.Next(null, new() { UnderGoal = 4 }, Views.At);
        Assert.NotNull(HealingRun.Next(run, new() { TablesNotReady = 1 }, Views.At));
    }

    [Fact]
    public void Duties_AreHealingDrainsAndScrubs()
    {
        var scrub = new ScrubStatus { IsRunning = true, Bytes = 1 << 30, LeftBytes = 3L << 30, ExpectedEndAt = Views.At + TimeSpan.FromMinutes(9) };
        var drained = Views.Server("silo-2") with { Mark = ServerMark.Drain };
        var view = Views.Healthy with
        {
            Servers = [Views.Server("silo-1") with { Scrub = scrub }, drained],
            Healing = new() { UnderGoal = 3, CopiesUnderWay = 2 },
            Drains = new Dictionary<ServerId, ServerReplicas>
            {
                [drained.Server] = new() { Needed = 30, Moved = 10, Since = Views.At - TimeSpan.FromMinutes(1) },
            },
        };
        var duties = Duty.Of(new ClusterNews(Views.At, view, null, [], []) { Healing = new(Views.At, 0, 1, 3) });
        Assert.Equal(["Re-replication", "Drain of silo-2", "Scrub of silo-1"], duties.Select(one => one.Title));
        Assert.Equal([0.25, 0.25, 0.25], duties.Select(one => one.Done));
        Assert.Equal(Views.At + TimeSpan.FromMinutes(3), duties[1].ExpectedEnd);
        Assert.Contains("2 being copied", duties[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void DrainThatIsDone_SaysThatTheServerCanGo()
    {
        var drained = Views.Server("silo-2") with { Mark = ServerMark.Drain };
        var view = Views.Healthy with { Servers = [drained], Drains = new Dictionary<ServerId, ServerReplicas> { [drained.Server] = new() { Held = 9 } } };
        Assert.Contains("can be stopped and removed", Assert.Single(Duty.Of(new(Views.At, view, null, [], []))).Text, StringComparison.Ordinal);
    }
}
