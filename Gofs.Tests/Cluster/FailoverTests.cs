using System.Globalization;
using Gofs.Namespaces;
using Gofs.Tests.EndToEnd;
using Xunit;

namespace Gofs.Tests.Cluster;

/// <summary>
/// Silos are killed, stopped, continued and restarted, and PostgreSQL too, under a load of creates, renames, removals and reads: no client
/// sees a failure, only a delay, which is printed; at the end everything that was acknowledged is there and nothing else.
/// GOFS_TEST_ROUNDS (4; 60 with GOFS_TEST_LONG) and GOFS_TEST_SEED choose how long and which. GOFS_TEST_FILES (0) are in the namespace
/// before, and with GOFS_TEST_STANDBYS (1) of 0 the next master reads Snapshot and log. GOFS_TEST_MASTER: the silo the master is moved
/// to before each round; with two standbys it can be any.
/// </summary>
public sealed class FailoverTests(ITestOutputHelper output)
{
    private const int Workers = 8;
    private const string Name = "failover";
    private static readonly TimeSpan Calm = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly ServiceGap service = new();

    [Fact(Timeout = 1_800_000)]
    public async Task Service_GoesOn_WhateverSiloDies_AndNothingAcknowledgedIsLost()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var rounds = TestSetting.Number("GOFS_TEST_ROUNDS", Environment.GetEnvironmentVariable("GOFS_TEST_LONG") is null ? 4 : 60);
        var seed = TestSetting.Number("GOFS_TEST_SEED", 20260301);
        var random = new Random(seed);
        var (present, standbys) = (TestSetting.Number("GOFS_TEST_FILES", 0), TestSetting.Number("GOFS_TEST_STANDBYS", 1));
        output.WriteLine($"{rounds} rounds, seed {seed}, {present} files before, {standbys} standbys");
        await using var cluster = await ClusterProcess.StartAsync(3, "--standbys", standbys.ToString(CultureInfo.InvariantCulture));
        await using var client = await GofsClient.ConnectAsync(cluster.ClientOptions with { OperationTimeout = Patience }, cancellation);
        await client.CreateNamespaceAsync(Name, NamespaceConfig.Default with { Goal = 3 }, cancellation);
        var files = client.Namespace(Name);
        await FillAsync(files, present, cancellation);
        var workers = Enumerable.Range(0, Workers).Select(number => new CrashWorker(number, random.Next(), streams: false)
        {
            AtEachEnd = service.Acknowledged,
        }).ToArray();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var work = workers.Select(worker => worker.WorkAsync(files, stop.Token)).ToArray();
        for (var round = 0; round < rounds; round++) await RoundAsync(cluster, files, standbys > 0, workers, work, round, random, cancellation);
        await Task.Delay(Calm, cancellation);
        await stop.CancelAsync();
        await Task.WhenAll(work);
        await StartEndedAsync(cluster, "before the end");
        await Task.WhenAll(workers.Select(worker => worker.CheckAsync(files, cancellation)));
        output.WriteLine($"{workers.Sum(worker => worker.Done)} operations acknowledged and found");
    }

    // Directories of a thousand files without bytes.
    private static async Task FillAsync(GofsNamespace files, int count, CancellationToken cancellation)
    {
        const int InDirectory = 1000;
        var options = new ParallelOptions { MaxDegreeOfParallelism = 64, CancellationToken = cancellation };
        await Parallel.ForEachAsync(Enumerable.Range(0, count / InDirectory), options, async (number, stop) =>
        {
            var directory = GofsPath.Root.Append(string.Create(CultureInfo.InvariantCulture, $"before-{number}"));
            await files.CreateDirectoryAsync(directory, cancellation: stop);
            for (var i = 0; i < InDirectory; i++)
                await files.PutAsync(directory.Append(i.ToString(CultureInfo.InvariantCulture)), Stream.Null, cancellation: stop);
        });
    }

    // A silo that two busy cores made look dead has ended itself, and so has one that was starting when PostgreSQL went: a supervisor starts it again.
    private async Task StartEndedAsync(ClusterProcess cluster, string when)
    {
        if ((await cluster.RunAsync("start")).Trim() is { Length: > 0 } ended) output.WriteLine($"{when}: {ended}");
    }

    private async Task RoundAsync(
        ClusterProcess cluster, GofsNamespace files, bool warm, CrashWorker[] workers, Task[] work, int round, Random random, CancellationToken cancellation)
    {
        await StartEndedAsync(cluster, $"before round {round}");
        var master = warm ? await Masters.WarmAsync(files, Patience, cancellation) : Masters.Number((await files.GetStatusAsync(cancellation)).Silo);
        if (TestSetting.Number("GOFS_TEST_MASTER", master) is var wanted && wanted != master)
        {
            await files.FailoverAsync(Masters.Text(wanted), cancellation);
            master = await Masters.WarmAsync(files, Patience, cancellation);
        }

        var other = 1 + random.Next(cluster.Silos);
        foreach (var worker in workers) worker.Longest = TimeSpan.Zero;
        service.Restart();
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
                await cluster.StartWhenEndedAsync(victim, cancellation); // it learns that it was declared dead
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
        var slowest = workers.MaxBy(worker => worker.Longest)!;
        Say($"round {round}: {what}{(victim > 0 ? $" (silo {victim})" : "")}: service gap {service.Longest.TotalSeconds:0.00} s");
        Say($"  longest operation {slowest.Longest.TotalSeconds:0.00} s ({slowest.LongestWhat}), {workers.Sum(worker => worker.Done) - before} operations");
        if (warm) return;
        var status = await files.GetStatusAsync(cancellation);
        Say($"  {status.Silo} took {status.LoadTime.TotalSeconds:0.00} s to read Snapshot {status.SnapshotNumber} and the log up to {status.EditLogNumber}");
    }

    private void Say(FormattableString line) => output.WriteLine(FormattableString.Invariant(line));
}
