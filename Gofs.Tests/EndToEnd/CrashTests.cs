using Gofs.Namespaces;
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
    private static readonly TimeSpan SettleLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromMinutes(1); // four silos that start at once take their time

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
        var workers = Enumerable.Range(0, Workers).Select(number => new CrashWorker(number, random.Next())).ToArray();
        await using (var client = await GofsClient.ConnectAsync(silo.ClientOptions with { ConnectTimeout = ConnectLimit }, cancellation))
            await client.CreateNamespaceAsync("crash", CrashWorker.Config, cancellation);
        for (var kill = 0; kill < kills; kill++)
        {
            rounds.CancelAfter(LongestRound);
            var former = await WorkAndKillAsync(silo, workers, TimeSpan.FromMilliseconds(200 + random.Next(6000)), cancellation);
            var killed = TimeProvider.System.GetTimestamp();
            await silo.RestartAsync();
            await former.DisposeAsync();
            var up = TimeProvider.System.GetElapsedTime(killed);
            await using var client = await GofsClient.ConnectAsync(silo.ClientOptions with { ConnectTimeout = ConnectLimit }, cancellation);
            await CrashWorker.SettledAsync(client.Namespace("crash"), SettleLimit, cancellation);
            var settled = TimeProvider.System.GetElapsedTime(killed);
            await Task.WhenAll(workers.Select(worker => worker.CheckAsync(client.Namespace("crash"), cancellation)));
            var found = TimeProvider.System.GetElapsedTime(killed);
            output.WriteLine(
                $"seed {seed}, kill {kill}: up after {up.TotalSeconds:0.0} s, settled {settled.TotalSeconds:0.0} s, all found {found.TotalSeconds:0.0} s");
        }

        Assert.All(workers, worker => Assert.True(worker.Done > 0, $"seed {seed}: a worker got nothing done"));
        return workers.Sum(worker => worker.Done);
    }

    // The client is disposed when there is a silo again: without one it would wait for it.
    private static async Task<GofsClient> WorkAndKillAsync(SiloProcess silo, CrashWorker[] workers, TimeSpan after, CancellationToken cancellation)
    {
        var options = silo.ClientOptions with { OperationTimeout = TimeSpan.FromSeconds(2), ConnectTimeout = ConnectLimit };
        var client = await GofsClient.ConnectAsync(options, cancellation);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var work = workers.Select(worker => worker.WorkAsync(client.Namespace("crash"), stop.Token)).ToArray();
        await Task.Delay(after, cancellation);
        await silo.KillAsync();
        await stop.CancelAsync();
        await Task.WhenAll(work);
        return client;
    }
}
