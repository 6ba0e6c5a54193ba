using System.Globalization;
using Gofs.ChunkServers;
using Gofs.Namespaces;
using Xunit;

namespace Gofs.Tests.Cluster;

/// <summary>
/// Damages below Gofs, at most one for each chunk: bits flipped, replicas cut and taken away, on three servers. One scrub later every chunk has its
/// replicas, all of them the same bytes, and fsck is clean. GOFS_TEST_DAMAGES=10000 for that many (60 otherwise).
/// </summary>
public sealed class ScrubTests(ITestOutputHelper output)
{
    private const int Silos = 3;
    private const int Writers = 16;
    private const int MostBytes = 150_000;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(20);

    [Fact(Timeout = 1_800_000)]
    public async Task DamagesOfAllKinds_AreRepairedByOneScrub()
    {
        var count = int.Parse(Environment.GetEnvironmentVariable("GOFS_TEST_DAMAGES") ?? "60", CultureInfo.InvariantCulture);
        var cancellation = TestContext.Current.CancellationToken;
        await using var cluster = await ClusterProcess.StartAsync(Silos);
        await using var client = await GofsClient.ConnectAsync(cluster.ClientOptions, cancellation);
        while ((await client.ListChunkServersAsync(cancellation)).Count(server => server.Live) < Silos) await Task.Delay(100, cancellation);
        await client.CreateNamespaceAsync("scrubbed", NamespaceConfig.Default with { Goal = Silos, ChunkSizeBytes = 1 << 20 }, cancellation);
        var files = client.Namespace("scrubbed");
        await Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = Writers, CancellationToken = cancellation },
            async (file, token) => await files.PutAsync(Name(file), new MemoryStream(Content(file)), cancellation: token));
        await HealedAsync(client, cancellation); // a writer that found a server silent goes on without it
        var kinds = Damage(cluster, count);
        var began = TimeProvider.System.GetTimestamp();
        await ScrubAsync(client, cancellation);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{count} damages ({kinds}) found and repaired in {TimeProvider.System.GetElapsedTime(began).TotalSeconds:0} s"));
        await HealedAsync(client, cancellation);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"at goal after {TimeProvider.System.GetElapsedTime(began).TotalSeconds:0} s"));
        await Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = Writers, CancellationToken = cancellation },
            async (file, token) => await CheckAsync(client, files, file, token));
        await foreach (var finding in files.CheckAsync(GofsPath.Root, chunksPerSecond: 10_000, cancellation: cancellation))
            Assert.Fail($"{finding.Check}: {finding.What} {finding.Why}");
    }

    /// <summary>One replica of each chunk, chosen by chance, gets a damage; answers how many of each kind.</summary>
    private static string Damage(ClusterProcess cluster, int count)
    {
        var random = new Random(5);
        var chunks = Enumerable.Range(1, Silos)
            .SelectMany(silo => DiskReplica.Below(cluster.Folder(silo)))
            .GroupBy(replica => replica.Handle).OrderBy(chunk => chunk.Key.Value).Take(count).ToArray();
        Assert.Equal(count, chunks.Length);
        var (kinds, packed) = (new int[3], 0);
        foreach (var chunk in chunks)
        {
            var replicas = chunk.OrderBy(replica => replica.Path, StringComparer.Ordinal).ToArray();
            Assert.Equal(Silos, replicas.Length);
            var (replica, kind) = (replicas[random.Next(Silos)], random.Next(3));
            kinds[kind]++;
            packed += replica.IsPacked ? 1 : 0;
            if (kind == 0) replica.Flip(random);
            else if (kind == 1) replica.Cut(random);
            else replica.TakeAway();
        }

        return $"{kinds[0]} bits, {kinds[1]} cuts, {kinds[2]} taken away; {packed} of them in packs";
    }

    private static async Task ScrubAsync(GofsClient client, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Limit);
        Dictionary<ServerId, long> passes = [];
        foreach (var server in await client.ListChunkServersAsync(cancellation))
            passes[server.Server] = await client.StartScrubAsync(server.Server, cancellation);
        while (!Array.TrueForAll(await client.ListChunkServersAsync(patience.Token), IsDone)) await Task.Delay(200, patience.Token);

        bool IsDone(ChunkServerInfo server) => server.Scrub is { IsRunning: false, Waiting: 0, Unrepaired: 0 } scrub && scrub.Pass >= passes[server.Server];
    }

    private static async Task HealedAsync(GofsClient client, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Limit);
        // What was given up is said with the next heartbeat: healthy for a while is healthy.
        for (var healthy = 0; healthy < 10;)
        {
            await Task.Delay(300, patience.Token);
            healthy = (await client.GetHealingAsync("scrubbed", patience.Token)).IsHealthy ? healthy + 1 : 0;
        }
    }

    private static async Task CheckAsync(GofsClient client, GofsNamespace files, int file, CancellationToken cancellation)
    {
        var chunk = Assert.Single((await files.GetLayoutAsync(Name(file), 0, 2, cancellation)).Chunks);
        Assert.Equal(Silos, chunk.Servers.Length);
        foreach (var server in chunk.Servers)
        {
            var read = await client.Grains.GetGrain<IChunkServerGrain>(server.Value).ReadAsync(chunk.Handle, chunk.Version, 0, 1 << 20, cancellation);
            Assert.True(read.Data.Span.SequenceEqual(Content(file)), $"{server} has other bytes of file {file}");
        }
    }

    private static GofsPath Name(int file) => GofsPath.Root.Append(string.Create(CultureInfo.InvariantCulture, $"f{file}"));

    private static byte[] Content(int file)
    {
        var random = new Random(file);
        var content = new byte[random.Next(1, MostBytes)];
        random.NextBytes(content);
        return content;
    }
}
