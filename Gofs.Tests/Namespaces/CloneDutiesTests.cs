using Xunit;

namespace Gofs.Tests.Namespaces;

/// <summary>What a clone leaves to be done is done, whenever the master dies: nothing is lost, and nothing leaks.</summary>
public sealed class CloneDutiesTests
{
    private static readonly string[] Left = ["/w2", "/w4", "/s3", "/o", "/o2", "/d/w", "/e/w", "/e/s", "/f/s"];

    [Fact]
    public Task MasterDiesBetweenAnyTwoSteps_NothingIsLostAndNothingLeaks() => AloneAsync(async () =>
    {
        var steps = int.MaxValue;
        for (var diesAt = 0; diesAt < steps; diesAt++)
        {
            foreach (var after in new[] { false, true })
            {
                var world = Cloned(diesAt, after);
                var before = Left.ToDictionary(path => path, world.ChunksOf);
                await world.QuietAsync();
                Assert.All(Left, path => Assert.Equal(before[path], world.ChunksOf(path)));
                world.CheckTable(Left);
                if (!world.HasDied) steps = world.Steps;
            }
        }

        Assert.InRange(steps, 30, 1000);
    });

    [Fact]
    public Task MasterDiesBetweenAnyTwoSteps_EveryChunkHasTheGreatestGoalOfItsFiles() => AloneAsync(async () =>
    {
        string[] left = ["/w", "/w2", "/w3", "/s", "/s2", "/s3", "/o", "/d/w", "/d/s", "/e/w", "/e/s"];
        var steps = int.MaxValue;
        for (var diesAt = 0; diesAt < steps; diesAt++)
        {
            foreach (var after in new[] { false, true })
            {
                var world = WithGoals(diesAt, after);
                await world.QuietAsync();
                world.CheckTable(left);
                // Lower than before, and of a file that shares its chunks no more.
                world.SetGoal("/s", 1);
                world.SetGoal("/e", 2);
                world.Remove("/w2");
                await world.QuietAsync();
                world.CheckTable([.. left.Where(path => path != "/w2")]);
                if (!world.HasDied) steps = world.Steps;
            }
        }

        Assert.InRange(steps, 20, 1000);
    });

    [Fact]
    public Task CloneOfACloneThatHasNothingYet_IsReadFirst() => AloneAsync(async () =>
    {
        var world = new DyingMaster(int.MaxValue, after: false);
        world.Write("/a");
        foreach (var (from, to) in new[] { ("/a", "/b"), ("/b", "/c"), ("/c", "/d") }) world.Clone(from, to);
        await world.ReadAsync("/d");
        Assert.Equal(world.ChunksOf("/a"), world.ChunksOf("/d"));
        await world.QuietAsync();
        world.CheckTable(["/a", "/b", "/c", "/d"]);
    });

    // Goals that are set before, between and after clones, and set anew before anybody was told.
    private static DyingMaster WithGoals(int diesAt, bool after)
    {
        var world = WithFiles(diesAt, after);
        world.SetGoal("/s", 4);
        world.Clone("/w", "/w2");
        world.SetGoal("/w", 3);
        world.Clone("/w", "/w3");
        world.SetGoal("/w", 2);
        world.SetGoal("/w2", 5);
        world.Clone("/s", "/s2");
        world.SetGoal("/s2", 2);
        world.Clone("/s2", "/s3");
        world.SetGoal("/s", 3);
        world.SetGoal("/o", 2);
        world.SetGoal("/d", 6);
        world.Clone("/d", "/e");
        world.SetGoal("/d", 3);
        return world;
    }

    // Of each kind one: put whole, written, open, and the same in a directory.
    private static DyingMaster WithFiles(int diesAt, bool after)
    {
        var world = new DyingMaster(diesAt, after);
        world.Put("/w");
        world.Write("/s");
        world.Write("/o", closes: false);
        world.MakeDirectory("/d");
        world.Put("/d/w");
        world.Write("/d/s");
        return world;
    }

    private static DyingMaster Cloned(int diesAt, bool after)
    {
        var world = WithFiles(diesAt, after);
        foreach (var (from, to) in new[]
        {
            ("/w", "/w2"), ("/w2", "/w3"), ("/w3", "/w4"), ("/s", "/s2"), ("/s2", "/s3"), ("/o", "/o2"), ("/d", "/e"), ("/e", "/f"),
        }) world.Clone(from, to);
        foreach (var gone in new[] { "/w", "/w3", "/s", "/s2", "/d/s", "/f/w" }) world.Remove(gone);
        return world;
    }

    // As in a grain: a step at a time, so that each run takes the same steps.
    private static Task AloneAsync(Func<Task> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.None, new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler).Unwrap();
}
