using Gofs.Tests.EndToEnd;
using Xunit;

namespace Gofs.Tests.Simulation;

/// <summary>
/// A namespace under faults, each seed another run. GOFS_TEST_SEEDS says how many (20), GOFS_TEST_FIRST_SEED which is the first (1).
/// </summary>
public sealed class NamespaceSimulationTests
{
    [Fact]
    public void UnderFaults_NothingAcknowledgedIsLost_AndAllIsWellAfterwards()
    {
        var first = TestSetting.Number("GOFS_TEST_FIRST_SEED", 1);
        var (records, acknowledged, ticks) = (0L, 0L, 0L);
        for (var seed = first; seed < first + TestSetting.Number("GOFS_TEST_SEEDS", 20); seed++)
        {
            var result = NamespaceSimulation.Run(seed);
            records += result.Records;
            acknowledged += result.Acknowledged;
            ticks += result.Ticks;
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{records} records, {acknowledged} acknowledged, {TimeSpan.FromTicks(ticks)}");
        Assert.True(acknowledged > 0);
    }

    [Fact]
    public void OneSeed_IsOneRun_ByteForByte()
    {
        var first = NamespaceSimulation.Run(7);
        var second = NamespaceSimulation.Run(7);
        Assert.Equal(first.Trace, second.Trace);
        Assert.NotEqual(first.Trace, NamespaceSimulation.Run(8).Trace);
    }
}
