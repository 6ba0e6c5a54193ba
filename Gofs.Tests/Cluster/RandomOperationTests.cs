using System.Globalization;
using Gofs.Namespaces;
using Gofs.Tests.EndToEnd;
using Xunit;

namespace Gofs.Tests.Cluster;

/// <summary>
/// Clients do random things (put, append, overwrite, clone, rename, remove, restore, set goals, purge) while silos are killed and started again. After each
/// round everything acknowledged is there and nothing else; at the end fsck is clean, the quotas' figures are those of a walk through the tree, and the disks
/// hold what the chunk tables refer to. GOFS_TEST_ROUNDS (1) and GOFS_TEST_SEED choose how long and which. What nobody refers to any more, and replicas too
/// many, are taken away minutes later: with GOFS_TEST_LONG the test waits until they are gone; without, it sees that they are known.
/// </summary>
public sealed class RandomOperationTests(ITestOutputHelper output)
{
    private const int Silos = 3;
    private const int Workers = 6;
    private const string Name = "random";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan CollectPatience = TimeSpan.FromMinutes(8);

    private static NamespaceConfig Config => CrashWorker.Config with { Goal = 2, ChunkTableShards = 2 };

    [Fact(Timeout = 1_800_000)]
    public async Task RandomOperations_WhileSilosAreKilled_LeaveWhatAModelSays_AndNothingElse()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var isLong = Environment.GetEnvironmentVariable("GOFS_TEST_LONG") is not null;
        var rounds = TestSetting.Number("GOFS_TEST_ROUNDS", isLong ? 10 : 1);
        var seed = TestSetting.Number("GOFS_TEST_SEED", 20261129);
        var random = new Random(seed);
        output.WriteLine($"{rounds} rounds, seed {seed}");
        // In a long run servers are taken for dead and their chunks are copied; what comes of it, replicas too many, stays for minutes.
        var settings = new Dictionary<string, string> { ["DeadSeconds"] = isLong ? "4" : "60" };
        await using var cluster = await ClusterProcess.StartAsync(Silos, settings);
        await using var client = await GofsClient.ConnectAsync(cluster.ClientOptions with { OperationTimeout = Patience }, cancellation);
        await AllLiveAsync(client, cancellation);
        await client.CreateNamespaceAsync(Name, Config, cancellation);
        var files = client.Namespace(Name);
        var empty = await files.GetStatusAsync(cancellation);
        var workers = Enumerable.Range(0, Workers)
            .Select(number => new CrashWorker(number, random.Next()) { DoesAll = true, Goal = Config.Goal }).ToArray();
        for (var round = 0; round < rounds; round++)
        {
            await WorkAndKillAsync(cluster, files, workers, random, isLong, cancellation);
            await AllLiveAsync(client, cancellation);
            await CrashWorker.SettledAsync(files, Patience, cancellation);
            await Task.WhenAll(workers.Select(worker => worker.CheckAsync(files, cancellation)));
            output.WriteLine($"round {round}: {workers.Sum(worker => worker.Done)} operations acknowledged and found");
        }

        Assert.All(workers, worker => Assert.True(worker.Done > 0, $"seed {seed}: a worker got nothing done"));
        await files.PurgeTrashAsync(cancellation: cancellation);
        await AgreedAsync("the quotas' figures", Patience, () => QuotasAsync(files, empty.Names, cancellation), cancellation);
        await AgreedAsync("fsck", isLong ? CollectPatience : Patience, () => Agreement.FsckAsync(files, cancellation), cancellation);
        var disks = new ReplicaFiles(cluster, client, Name);
        await AgreedAsync("the disks", isLong ? CollectPatience : Patience, () => disks.DifferencesAsync(withDue: isLong, cancellation), cancellation);
        await Task.WhenAll(workers.Select(worker => worker.CheckAllButTrashAsync(files, cancellation)));
    }

    private async Task WorkAndKillAsync(
        ClusterProcess cluster, GofsNamespace files, CrashWorker[] workers, Random random, bool isLong, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var work = workers.Select(worker => worker.WorkAsync(files, stop.Token)).ToArray();
        await Task.Delay(TimeSpan.FromMilliseconds(500 + random.Next(4000)), cancellation);
        var victim = 1 + random.Next(cluster.Silos);
        output.WriteLine($"silo {victim} is killed");
        await cluster.RunAsync("kill", victim);
        await Task.Delay(TimeSpan.FromMilliseconds(random.Next(isLong ? 8000 : 4000)), cancellation);
        await cluster.RunAsync("start"); // another may have ended itself: two busy cores made it look dead
        await Task.Delay(TimeSpan.FromMilliseconds(random.Next(2000)), cancellation);
        await stop.CancelAsync();
        await Task.WhenAll(work);
    }

    private static async Task AllLiveAsync(GofsClient client, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);
        while ((await client.ListChunkServersAsync(patience.Token)).Count(server => server.Live) < Silos) await Task.Delay(100, patience.Token);
    }

    // What is still being seen to differs for a while.
    private async Task AgreedAsync(string what, TimeSpan limit, Func<Task<IReadOnlyList<string>>> look, CancellationToken cancellation)
    {
        var took = await Agreement.ReachAsync(what, limit, look, cancellation);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what} agreed after {took.TotalSeconds:0} s"));
    }

    private static async Task<IReadOnlyList<string>> QuotasAsync(GofsNamespace files, long namesOfNothing, CancellationToken cancellation)
    {
        var status = await files.GetStatusAsync(cancellation);
        var (names, bytes, stored) = await WalkAsync(files, GofsPath.Root, cancellation);
        (string What, long Figure, long Walked)[] all =
            [("names", status.Names, names + namesOfNothing), ("bytes", status.LengthBytes, bytes), ("stored bytes", status.StoredBytes, stored)];
        return [.. all.Where(one => one.Figure != one.Walked).Select(one => $"{one.What}: {one.Figure}, a walk finds {one.Walked}")];
    }

    private static async Task<(long Names, long Bytes, long Stored)> WalkAsync(GofsNamespace files, GofsPath directory, CancellationToken cancellation)
    {
        var (names, bytes, stored) = (0L, 0L, 0L);
        await foreach (var entry in files.ListAsync(directory, cancellation))
        {
            names++;
            if (entry.Type == EntryType.File) (bytes, stored) = (bytes + entry.LengthBytes, stored + (entry.LengthBytes * entry.Goal));
            if (entry.Type != EntryType.Directory) continue;
            var below = await WalkAsync(files, directory.Append(entry.Name), cancellation);
            (names, bytes, stored) = (names + below.Names, bytes + below.Bytes, stored + below.Stored);
        }

        return (names, bytes, stored);
    }
}
