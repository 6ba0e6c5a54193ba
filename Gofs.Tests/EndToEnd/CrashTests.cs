using Xunit;

namespace Gofs.Tests.EndToEnd;

/// <summary>
/// Real silos are killed (SIGKILL) at random moments under mixed load; after each restart every acknowledged operation must be there,
/// and of the one under way all or nothing. GOFS_TEST_KILLS says how often (20), GOFS_TEST_SEED from which seed. Four silos, each by itself, share
/// the kills: most of a round is waiting, until a client gives up and its leases have ended.
/// </summary>
public sealed class CrashTests(ITestOutputHelper output)
{
    private const int Workers = 12;
    private const int Silos = 4;

    private static readonly TimeSpan LongestRound = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task KilledSilo_HasEverythingItAcknowledged_WhenItIsBack()
    {
        var kills = TestSetting.Number("GOFS_TEST_KILLS", Environment.GetEnvironmentVariable("GOFS_TEST_LONG") is null ? 20 : 200);
        var seed = TestSetting.Number("GOFS_TEST_SEED", 20260101);
        output.WriteLine($"{kills} kills, seeds {seed} to {seed + Silos - 1}");
        var done = await Task.WhenAll(Enumerable.Range(0, Silos).Select(silo => KillAndCheckAsync((kills + silo) / Silos, seed + silo)));
        output.WriteLine($"{done.Sum()} operations acknowledged and found");
        Assert.True(done.Sum() > kills * Workers, $"the workers got only {done.Sum()} operations done");
    }

    // Answers how many operations were acknowledged.
    private async Task<int> KillAndCheckAsync(int kills, int seed)
    {
        using var rounds = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var cancellation = rounds.Token;
        var random = new Random(seed);
        await using var silo = await SiloProcess.StartAsync();
        var load = new CrashLoad(silo.ClientOptions, Workers, random);
        await load.MakeAsync(CrashWorker.Config, cancellation);
        for (var kill = 0; kill < kills; kill++)
        {
            rounds.CancelAfter(LongestRound);
            await load.WorkAndStrikeAsync(TimeSpan.FromMilliseconds(200 + random.Next(3000)), silo.KillAsync, cancellation);
            var killed = TimeProvider.System.GetTimestamp();
            await silo.RestartAsync();
            var up = TimeProvider.System.GetElapsedTime(killed);
            await load.CheckAsync(cancellation);
            var found = TimeProvider.System.GetElapsedTime(killed);
            output.WriteLine($"seed {seed}, kill {kill}: up after {up.TotalSeconds:0.0} s, all settled and found {found.TotalSeconds:0.0} s");
        }

        Assert.True(load.LeastDone > 0, $"seed {seed}: a worker got nothing done");
        return load.Done;
    }
}
