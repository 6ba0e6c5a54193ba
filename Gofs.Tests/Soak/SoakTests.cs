using System.Globalization;
using Gofs.ChunkServers;
using Gofs.Namespaces;
using Gofs.Tests.Cluster;
using Gofs.Tests.EndToEnd;
using Gofs.Tests.Histories;
using Xunit;

namespace Gofs.Tests.Soak;

/// <summary>
/// eng/soak: GOFS_TEST_MINUTES (1) of load and of random faults of every kind, GOFS_TEST_SEED says which. Workers remember what was acknowledged to them,
/// other clients note histories, which are judged after each round; at the end everything is there, whole, and fsck is clean. Of a run in which it is not,
/// GOFS_TEST_KEEP is where the cluster's folder is copied to.
/// </summary>
public sealed class SoakTests(ITestOutputHelper output)
{
    private const string Space = "soak";
    private const int Workers = 6;
    private const int StrikesInRound = 4;
    private static readonly TimeSpan Calm = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    [Fact(Explicit = true, Timeout = 24 * 3_600_000)]
    public async Task WhateverHappens_NothingIsLost_AndFsckIsClean()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var (minutes, seed) = (TestSetting.Number("GOFS_TEST_MINUTES", 1), TestSetting.Number("GOFS_TEST_SEED", 20261129));
        var canCut = await NetworkNamespaces.AreThereAsync();
        await using var cluster = await ClusterProcess.StartAsync(3, canCut ? ["--netns"] : []);
        try
        {
            await SoakAsync(cluster, canCut, minutes, seed, cancellation);
        }
        catch when (Environment.GetEnvironmentVariable("GOFS_TEST_KEEP") is { Length: > 0 })
        {
            await cluster.KeepAsync(Environment.GetEnvironmentVariable("GOFS_TEST_KEEP")!);
            throw;
        }
    }

    private async Task SoakAsync(ClusterProcess cluster, bool canCut, int minutes, int seed, CancellationToken cancellation)
    {
        await using var client = await GofsClient.ConnectAsync(cluster.ClientOptions with { OperationTimeout = TimeSpan.FromSeconds(60) }, cancellation);
        var config = NamespaceConfig.Default with { Goal = 3, ChunkSizeBytes = 1 << 20, LeaseTime = TimeSpan.FromSeconds(5) };
        await client.CreateNamespaceAsync(Space, config, cancellation);
        var files = client.Namespace(Space);
        var random = new Random(seed);
        var workers = Enumerable.Range(0, Workers).Select(number => new CrashWorker(number, random.Next(), streams: false)).ToArray();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var work = workers.Select(worker => worker.WorkAsync(files, stop.Token)).ToArray();
        var striker = new Striker(cluster, client, files, random, canCut);
        var (started, strikes) = (TimeProvider.System.GetTimestamp(), 0);
        for (var round = 0; TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromMinutes(minutes); round++)
        {
            await using var single = await SingleGatewayClients.ConnectAsync(cluster, cancellation);
            var name = string.Create(CultureInfo.InvariantCulture, $"round-{round}");
            using var load = new HistoryLoad([client, client, .. single.All], files, name, seed + round);
            await load.StartAsync(cancellation);
            for (var strike = 0; strike < StrikesInRound; strike++, strikes++)
            {
                await Task.Delay(Calm * random.NextDouble(), cancellation);
                var what = random.Next(5) == 0
                    ? await RotAsync(cluster, client, random, cancellation)
                    : await striker.StrikeAsync(Striker.Any(random), cancellation);
                Say($"{TimeProvider.System.GetElapsedTime(started).TotalSeconds:0} s, round {round}: {what}");
                load.CheckGoesOn(what);
                Assert.All(workers.Zip(work), one => Assert.False(one.Second.IsCompleted, $"{what}: {one.Second.Exception ?? one.First.End}"));
            }

            Say($"round {round}: {await load.EndAsync()}");
            await files.RemoveAsync(GofsPath.Root.Append(name), recursive: true, cancellation: cancellation);
        }

        await stop.CancelAsync();
        await Task.WhenAll(work);
        await Task.WhenAll(workers.Select(worker => worker.CheckAsync(files, cancellation)));
        await HealedAsync(client, cancellation);
        await Agreement.ReachAsync("fsck", Patience, () => Agreement.FsckAsync(files, cancellation), cancellation);
        Say($"{minutes} minutes, seed {seed}: {strikes} strikes, {workers.Sum(worker => worker.Done)} operations acknowledged and found, fsck is clean");
    }

    // The bytes of one silo rot; all are repaired before anything else happens, or else two faults could meet in one chunk.
    private static async Task<string> RotAsync(ClusterProcess cluster, GofsClient client, Random random, CancellationToken cancellation)
    {
        await HealedAsync(client, cancellation);
        var silo = 1 + random.Next(cluster.Silos);
        var flipped = BitFlips.Flip(cluster, silo, random);
        var server = new ServerId(Masters.Text(silo));
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);
        var pass = await client.StartScrubAsync(server, patience.Token);
        while (!IsDone((await client.ListChunkServersAsync(patience.Token)).Single(one => one.Server == server))) await Task.Delay(200, patience.Token);
        await HealedAsync(client, cancellation);
        return string.Create(CultureInfo.InvariantCulture, $"bits in {flipped} chunks of silo {silo}");

        bool IsDone(ChunkServerInfo info) => info.Scrub is { IsRunning: false, Waiting: 0, Unrepaired: 0 } scrub && scrub.Pass >= pass;
    }

    // As long as it takes, if something is copied: how many chunks there are to heal depends on the machine.
    private static async Task HealedAsync(GofsClient client, CancellationToken cancellation)
    {
        var (since, copied) = (TimeProvider.System.GetTimestamp(), -1L);
        for (var healthy = 0; healthy < 5;)
        {
            await Task.Delay(300, cancellation);
            var healing = await client.GetHealingAsync(Space, cancellation);
            healthy = healing.IsHealthy ? healthy + 1 : 0;
            if (healing.Copied != copied) (since, copied) = (TimeProvider.System.GetTimestamp(), healing.Copied);
            if (TimeProvider.System.GetElapsedTime(since) > Patience) Assert.Fail($"not healed, and nothing is copied: {healing}");
        }
    }

    private void Say(FormattableString line) => output.WriteLine(FormattableString.Invariant(line));
}
