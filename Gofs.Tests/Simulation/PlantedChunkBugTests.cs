using Xunit;

namespace Gofs.Tests.Simulation;

/// <summary>
/// The simulation of files is told of bugs that are there on purpose. Each by the seed that is named, and without the bug nothing is wrong with that seed.
/// </summary>
public sealed class PlantedChunkBugTests
{
    [Theory]
    [InlineData(nameof(PlantedBug.FlushWithoutSync), 1, "is served again")]
    [InlineData(nameof(PlantedBug.AckBeforeSecondaries), 2, "were both acknowledged")]
    public void PlantedBug_IsTold_ByASeedThatIsWellWithoutIt(string bug, int seed, string how)
    {
        ChunkSimulation.Run(seed);
        var told = Assert.Throws<SimFailure>(() => ChunkSimulation.Run(seed, Enum.Parse<PlantedBug>(bug)));
        Assert.Contains(how, told.Message[..told.Message.IndexOf('\n', StringComparison.Ordinal)], StringComparison.Ordinal);
    }
}
