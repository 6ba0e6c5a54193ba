using Gofs.Chunks;
using Gofs.Grains.Chunks.Healing;
using Xunit;

namespace Gofs.Tests.Chunks.Healing;

/// <summary>Chunks counted by goal and replicas: whole rounds only.</summary>
public sealed class GoalTallyTests
{
    private readonly GoalTally tally = new();

    [Fact]
    public void RoundThatHasEnded_IsTold_AndNotTheOneUnderWay()
    {
        tally.Begin();
        tally.See(Chunk(goal: 3, live: 3));
        tally.See(Chunk(goal: 3, live: 3));
        tally.See(Chunk(goal: 2, live: 1));
        Assert.Empty(tally.Last);
        tally.End();
        Assert.Equal([new GoalCount(2, 1, 1), new GoalCount(3, 3, 2)], tally.Last);
        tally.Begin();
        tally.See(Chunk(goal: 1, live: 1));
        Assert.Equal(2, tally.Last.Length);
    }

    [Fact]
    public void MoreReplicasThanAnybodyWants_AreCountedAsTheMost()
    {
        tally.Begin();
        tally.See(Chunk(goal: 9, live: 40));
        tally.End();
        Assert.Equal([new GoalCount(9, GoalCount.MostPresent, 1)], tally.Last);
    }

    [Fact]
    public void TwoTables_AreSummed()
    {
        var both = new HealingStatus { ByGoal = [new(2, 2, 5), new(3, 3, 1)] }.With(new HealingStatus { ByGoal = [new(3, 3, 4)] });
        Assert.Equal([new GoalCount(2, 2, 5), new GoalCount(3, 3, 5)], both.ByGoal);
    }

    private static ChunkHealth Chunk(int goal, int live) => new(live, Suspect: 0, Maintained: 0, Drained: 0, Dead: 0, goal);
}
