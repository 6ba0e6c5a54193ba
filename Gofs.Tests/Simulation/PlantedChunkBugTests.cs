using Xunit;

namespace Gofs.Tests.Simulation;

/// <summary>
/// The simulation of files is told of bugs that are there on purpose. Each by the seed that is named, and without the bug nothing is wrong with that seed.
/// </summary>
public sealed class PlantedChunkBugTests
{
    [Theory]
    [InlineData(nameof(PlantedBug.FlushWithoutSync), 10, "reads as nobody wrote it")]
    [InlineData(nameof(PlantedBug.AckBeforeSecondaries), 2, "were both acknowledged")]
    [InlineData(nameof(PlantedBug.VersionNotChecked), 1, "was flushed")]
    [InlineData(nameof(PlantedBug.StaleReplicaServed), 1, "was acknowledged")]
    [InlineData(nameof(PlantedBug.LengthBeforeFlush), 7, "reads as nobody wrote it")]
    [InlineData(nameof(PlantedBug.CrcNotChecked), 4, "reads as nobody wrote it")]
    [InlineData(nameof(PlantedBug.VersionNotMoved), 2, "was acknowledged")]
    public void PlantedBug_IsTold_ByASeedThatIsWellWithoutIt(string bug, int seed, string how)
    {
        ChunkSimulation.Run(seed);
        var told = Assert.Throws<SimFailure>(() => ChunkSimulation.Run(seed, Enum.Parse<PlantedBug>(bug)));
        Assert.Contains(how, told.Message[..told.Message.IndexOf('\n', StringComparison.Ordinal)], StringComparison.Ordinal);
    }
}
