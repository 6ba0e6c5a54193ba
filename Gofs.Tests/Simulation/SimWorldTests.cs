using Xunit;

namespace Gofs.Tests.Simulation;

/// <summary>The simulation itself: who has the turn, when, and that nothing happens outside of it.</summary>
public sealed class SimWorldTests
{
    private readonly SimWorld world = new(1);

    public SimWorldTests() => world.TakeTurn();

    [Fact]
    public void WorkThatComesBackFromAnotherThread_EndsTheRun()
    {
        var lane = new SimLane(new(world, "one"), LaneKind.Turns);
        var escaped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var work = lane.Do(() => AwaitAsync(escaped.Task));
        world.After(TimeSpan.FromSeconds(1), () => { });
        world.RunUntil(() => world.Now > 0, TimeSpan.FromSeconds(2), "it waits");
        var other = new Thread(escaped.SetResult);
        other.Start();
        other.Join();
        var failure = Assert.Throws<SimFailure>(() => world.RunUntil(() => work.IsCompleted, TimeSpan.FromSeconds(2), "it goes on"));
        Assert.Contains("escaped", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ProcessThatStandsStill_DoesNothing_UntilItGoesOn()
    {
        var process = new SimProcess(world, "one");
        var ticks = 0;
        _ = new SimLane(process, LaneKind.Turns).Do(async () =>
        {
            while (true)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), process.Clock);
                ticks++;
            }
        });
        world.RunUntil(() => ticks == 2, TimeSpan.FromSeconds(3), "it ticks");
        process.Pause();
        var later = false;
        world.After(TimeSpan.FromSeconds(10), () => later = true);
        world.RunUntil(() => later, TimeSpan.FromSeconds(11), "time goes on");
        Assert.Equal(2, ticks);
        process.Resume();
        world.RunUntil(() => ticks == 3, TimeSpan.FromSeconds(1), "it ticks again");
    }

    [Fact]
    public void KilledProcess_EndsWhereItWaits()
    {
        var process = new SimProcess(world, "one");
        var lane = new SimLane(process, LaneKind.Thread);
        var work = lane.Do(() => SimThread.Sleep(world, TimeSpan.FromHours(1)));
        world.After(TimeSpan.FromSeconds(1), process.Kill);
        world.RunUntil(() => work.IsCompleted, TimeSpan.FromSeconds(2), "it ends");
        Assert.IsType<SimKilled>(work.Exception!.InnerException);
    }

    [Fact]
    public void WorkThatTakesItsTurnWithOthers_MustNotWaitInIt()
    {
        var lane = new SimLane(new(world, "one"), LaneKind.Turns);
        var work = lane.Do(() => SimThread.Sleep(world, TimeSpan.FromHours(1)));
        world.RunUntil(() => work.IsCompleted, TimeSpan.FromSeconds(2), "it ends");
        Assert.IsType<SimFailure>(work.Exception!.InnerException);
    }

    [Fact]
    public void Cut_IsOneWay()
    {
        var network = new SimNetwork(world);
        var (one, other) = (new SimLane(new(world, "one"), LaneKind.Turns), new SimLane(new(world, "other"), LaneKind.Turns));
        network.Cut("one", "other");
        var arrived = 0;
        var lost = one.Do(() => AskAsync(network, one, other, () => arrived++));
        var unanswered = other.Do(() => AskAsync(network, other, one, () => arrived += 10));
        world.RunUntil(() => lost.IsCompleted && unanswered.IsCompleted, TimeSpan.FromSeconds(9), "both give up");
        Assert.IsType<TimeoutException>(lost.Exception!.InnerException);
        Assert.IsType<TimeoutException>(unanswered.Exception!.InnerException);
        Assert.Equal(10, arrived);
    }

    private static async Task AwaitAsync(Task other) => await other;

    private static Task<int> AskAsync(SimNetwork network, SimLane from, SimLane to, Action arrives) => network.AskAsync(
        from.Process, to, TimeSpan.FromSeconds(5), () =>
        {
            arrives();
            return Task.FromResult(0);
        });
}
