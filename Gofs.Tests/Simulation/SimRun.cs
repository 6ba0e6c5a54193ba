using Gofs.Tests.EndToEnd;

namespace Gofs.Tests.Simulation;

/// <summary>Runs a simulation on a thread that no test framework has to do with; a failure has the seed and the end of the trace.</summary>
internal static class SimRun
{
    private static readonly int MostLines = TestSetting.Number("GOFS_TEST_LINES", 300);

    /// <summary>Runs one.</summary>
    /// <exception cref="SimFailure">Something was wrong.</exception>
    public static SimResult Of(int seed, Func<SimWorld, Func<SimResult>> make)
    {
        SimResult? result = null;
        Exception? failed = null;
        var thread = new Thread(() =>
        {
            var world = new SimWorld(seed);
            try
            {
                world.TakeTurn();
                result = make(world)();
            }
            catch (Exception wrong)
            {
                var trace = string.Join('\n', world.Trace.TakeLast(MostLines));
                failed = new SimFailure($"seed {seed}: {wrong.Message}\n{(wrong is SimFailure ? "" : wrong.StackTrace)}\n{trace}");
            }
            finally
            {
                world.End();
            }
        });
        thread.Start();
        thread.Join();
        return failed is null ? result! : throw failed;
    }
}
