using Xunit;

namespace Gofs.Tests.Simulation;

/// <summary>The simulation is told of bugs that are there on purpose: else that it finds none would say nothing.</summary>
public sealed class PlantedBugTests
{
    private const int MostSeeds = 40;

    [Theory]
    [InlineData(nameof(PlantedBug.NoFsync), "is lost")]
    [InlineData(nameof(PlantedBug.NoEpochCheck), "commits while")]
    [InlineData(nameof(PlantedBug.OpIdIgnored), "of one op-id")]
    [InlineData(nameof(PlantedBug.RefusalForgotten), "did nothing")]
    [InlineData(nameof(PlantedBug.TrimBeforeSnapshot), "is missing")]
    [InlineData(nameof(PlantedBug.SnapshotWithWrongNumber), "Snapshot and log")]
    [InlineData(nameof(PlantedBug.ReplyBeforeDurable), "that there are")]
    [InlineData(nameof(PlantedBug.ReadsNotFenced), "was answered")]
    [InlineData(nameof(PlantedBug.StandbySkipsGap), "the standby on")]
    public void PlantedBug_IsTold(string bug, string how)
    {
        for (var seed = 1; ; seed++)
        {
            try
            {
                NamespaceSimulation.Run(seed, Enum.Parse<PlantedBug>(bug));
            }
            catch (SimFailure told)
            {
                Assert.Contains(how, told.Message[..told.Message.IndexOf('\n', StringComparison.Ordinal)], StringComparison.Ordinal);
                TestContext.Current.TestOutputHelper!.WriteLine($"{bug} is told by seed {seed}");
                return;
            }

            Assert.True(seed < MostSeeds, $"{MostSeeds} runs with {bug} found nothing");
        }
    }
}
