using Xunit;

namespace Gofs.Tests.Simulation;

/// <summary>
/// The simulation of files is told of bugs that are there on purpose: each by one of the first seeds, with which nothing is wrong when the bug is not there.
/// </summary>
public sealed class PlantedChunkBugTests
{
    private const int MostSeeds = 100;

    [Theory]
    [InlineData(nameof(PlantedBug.FlushWithoutSync), "acknowledged", "reads as nobody wrote it")]
    [InlineData(nameof(PlantedBug.AckBeforeSecondaries), "were both acknowledged")]
    [InlineData(nameof(PlantedBug.VersionNotChecked), "was flushed")]
    [InlineData(nameof(PlantedBug.StaleReplicaServed), "was acknowledged")]
    [InlineData(nameof(PlantedBug.LengthBeforeFlush), "reads as nobody wrote it")]
    [InlineData(nameof(PlantedBug.VersionNotMoved), "was acknowledged")]
    public void PlantedBug_IsTold_ByASeedThatIsWellWithoutIt(string bug, params string[] ways)
    {
        for (var seed = 1; seed <= MostSeeds; seed++)
        {
            if (Failure(seed, Enum.Parse<PlantedBug>(bug)) is not { } told) continue;
            if (!Array.Exists(ways, way => told.Contains(way, StringComparison.Ordinal)) || Failure(seed) is not null) continue;
            TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}: {told}");
            return;
        }

        Assert.Fail($"no seed of {MostSeeds} tells {bug}");
    }

    private static string? Failure(int seed, PlantedBug bug = PlantedBug.None)
    {
        try
        {
            ChunkSimulation.Run(seed, bug);
            return null;
        }
        catch (SimFailure failure)
        {
            return failure.Message[..failure.Message.IndexOf('\n', StringComparison.Ordinal)];
        }
    }
}
