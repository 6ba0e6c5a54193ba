using System.Globalization;
using Gofs.Namespaces;
using Gofs.Tests.EndToEnd;
using Xunit;

namespace Gofs.Tests.Cluster;

/// <summary>
/// Silos are killed, stopped, continued and restarted, and PostgreSQL too, under a load of creates, renames, removals and reads: no client
/// sees a failure, only a delay, which is printed; at the end everything that was acknowledged is there and nothing else.
/// GOFS_TEST_ROUNDS (1; 60 with GOFS_TEST_LONG) and GOFS_TEST_SEED choose how long and which.
/// </summary>
public sealed class FailoverTests(ITestOutputHelper output)
{
    private const int Workers = 8;
    private const string Name = "failover";
    private static readonly TimeSpan Calm = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact(Timeout = 1_800_000)]
    public async Task Service_GoesOn_WhateverSiloDies_AndNothingAcknowledgedIsLost()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var rounds = TestSetting.Number("GOFS_TEST_ROUNDS", Environment.GetEnvironmentVariable("GOFS_TEST_LONG") is null ? 1 : 60);
        var seed = TestSetting.Number("GOFS_TEST_SEED", 20260301);
        var random = new Random(seed);
        output.WriteLine($"{rounds} rounds, seed {seed}");
        await using var cluster = await ClusterProcess.StartAsync(3);
        await using var client = await GofsClient.ConnectAsync(cluster.ClientOptions with { OperationTimeout = Patience }, cancellation);
        await client.CreateNamespaceAsync(Name, NamespaceConfig.Default with { Goal = 3 }, cancellation);
        var files = client.Namespace(Name);
        var workers = Enumerable.Range(0, Workers).Select(number => new CrashWorker(number, random.Next(), streams: false)).ToArray();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var work = workers.Select(worker => worker.WorkAsync(files, stop.Token)).ToArray();
        for (var round = 0; round < rounds; round++) await RoundAsync(cluster, files, workers, work, round, random, cancellation);
        await Task.Delay(Calm, cancellation);
        await stop.CancelAsync();
        await Task.WhenAll(work);
        await Task.WhenAll(workers.Select(worker => worker.CheckAsync(files, cancellation)));
        output.WriteLine($"{workers.Sum(worker => worker.Done)} operations acknowledged and found");
    }

    private async Task RoundAsync(
        ClusterProcess cluster, GofsNamespace files, CrashWorker[] workers, Task[] work, int round, Random random, CancellationToken cancellation)
    {
        // A silo that two busy cores made look dead has ended itself: a supervisor starts it again.
        if ((await cluster.RunAsync("start")).Trim() is { Length: > 0 } ended) output.WriteLine($"before round {round}: {ended}");
        var master = await Masters.WarmAsync(files, Patience, cancellation);
        var other = 1 + random.Next(cluster.Silos);
        foreach (var worker in workers) worker.Longest = TimeSpan.Zero;
        var before = workers.Sum(worker => worker.Done);
        var (what, victim) = (round % 6) switch
        {
            0 => ("kill the master", master),
            1 => ("stop the master", master),
            2 => ("restart every silo in order", 0),
            3 => ("restart PostgreSQL", 0),
            4 => ("kill any silo", other),
            _ => ("stop any silo", other),
        };
        switch (round % 6)
        {
            case 0 or 4:
                await cluster.RunAsync("kill", victim);
                await Task.Delay(Calm * 2, cancellation);
                await cluster.RunAsync("start", victim);
                break;
            case 1 or 5:
                await cluster.RunAsync("stop", victim);
                await Task.Delay(Calm * 4, cancellation);
                await cluster.RunAsync("cont", victim);
                await Task.Delay(Calm * 3, cancellation); // it learns that it was declared dead, and ends itself
                await cluster.RunAsync("start", victim);
                break;
            case 2:
                for (var silo = 1; silo <= cluster.Silos; silo++) await cluster.RunAsync("restart", silo);
                break;
            default:
                await cluster.RunAsync("pg", "restart");
                break;
        }

        await Task.Delay(Calm, cancellation);
        Assert.All(workers.Zip(work), one => Assert.False(one.Second.IsCompleted, $"round {round}, {what}: {one.Second.Exception ?? one.First.End}"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"round {round}: {what}{(victim > 0 ? $" (silo {victim})" : "")}: ")
            + string.Create(CultureInfo.InvariantCulture, $"longest operation {workers.Max(worker => worker.Longest).TotalSeconds:0.00} s ({workers.MaxBy(worker => worker.Longest)!.LongestWhat}), ")
            + $"{workers.Sum(worker => worker.Done) - before} operations");
    }
}
