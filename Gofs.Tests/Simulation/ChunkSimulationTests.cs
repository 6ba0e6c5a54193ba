using Gofs.Tests.EndToEnd;
using Xunit;

namespace Gofs.Tests.Simulation;

/// <summary>
/// Files under faults, each seed another run. GOFS_TEST_SEEDS says how many (4), GOFS_TEST_FIRST_SEED which is the first (1), GOFS_TEST_BUG which bug is
/// planted in all of them (0). A failure says of each seed what was wrong, and the last lines (GOFS_TEST_LINES, 300) of the first one's trace; with
/// GOFS_TEST_NOTES=1 every call of a grain is one.
/// </summary>
public sealed class ChunkSimulationTests
{
    [Fact]
    public void UnderFaults_NothingFlushedOrAppendedIsLost_AndAllReplicasAreThereAfterwards()
    {
        var first = TestSetting.Number("GOFS_TEST_FIRST_SEED", 1);
        var (flushes, acknowledged, ticks) = (0L, 0L, 0L);
        var bug = (PlantedBug)TestSetting.Number("GOFS_TEST_BUG", 0);
        List<string> wrong = [];
        for (var seed = first; seed < first + TestSetting.Number("GOFS_TEST_SEEDS", 4); seed++)
        {
            try
            {
                var result = ChunkSimulation.Run(seed, bug);
                flushes += result.Records;
                acknowledged += result.Acknowledged;
                ticks += result.Ticks;
            }
            catch (SimFailure failure)
            {
                wrong.Add(failure.Message);
            }
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{flushes} flushes, {acknowledged} records appended, {TimeSpan.FromTicks(ticks)}");
        Assert.True(wrong.Count == 0, string.Join('\n', [.. wrong.Select(one => one.Split('\n')[0]), .. wrong.Take(1)]));
        Assert.True(acknowledged > 0 && flushes > 0);
    }

    [Fact]
    public void OneSeed_IsOneRun_ByteForByte()
    {
        var first = ChunkSimulation.Run(1);
        var second = ChunkSimulation.Run(1);
        Assert.Equal(first.Trace, second.Trace);
        Assert.NotEqual(first.Trace, ChunkSimulation.Run(2).Trace);
    }
}
