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

    private static DyingMaster Cloned(int diesAt, bool after)
    {
        var world = new DyingMaster(diesAt, after);
        world.Put("/w");
        world.Write("/s");
        world.Write("/o", closes: false);
        world.MakeDirectory("/d");
        world.Put("/d/w");
        world.Write("/d/s");
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
